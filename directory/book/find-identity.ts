// One citizen by a whole identity, or by a matricule: an index probe each, and never a part of a name. domain.md §5.
import { type RawBuilder, sql } from 'kysely';
import type { Ins } from '../../src/core/ins.ts';
import type { Db } from '../../src/database/tables.ts';
import type { CitizenState } from '../states.ts';
import type { ExactQuestion } from './exact-question.ts';

/** A citizen's row, as far as a question may tell of it. */
export type Identity = {
  readonly citizen_id: number;
  readonly ins: Ins;
  readonly birth_name: string;
  readonly first_given_name: string;
  readonly birth_date: string;
  readonly sex: 'F' | 'M';
  readonly state: CitizenState;
};

/** Words that names may be split from: enough for two compound names with particles. */
const mostWords = 12;

/** Those whom the question names: none, one, or two when there are more. */
export async function findIdentities(db: Db, question: ExactQuestion): Promise<Identity[]> {
  const { rows } = await sql<Identity>`
    select citizen_id, ins, birth_name, first_given_name, birth_date, sex, state from citizens c
    where ${condition(question)} limit 2`.execute(db);
  return rows;
}

function condition(question: ExactQuestion): RawBuilder<boolean> {
  switch (question.about) {
    case 'matricule':
      return sql`citizen_id = (
        select citizen_id from citizens where ins = ${question.ins}
        union all select citizen_id from former_matricules where ins = ${question.ins} limit 1)`;
    case 'identity':
      return named(
        sql`select fold_name(${question.birthName}) as birth, fold_name(${question.firstGivenName}) as given`,
        question.birthDate,
      );
    case 'words':
      // Nothing says where one name ends and the other begins: each place is tried, in both orders.
      return named(
        sql`select names.birth, names.given from (select string_to_array(fold_name(${question.names}), ' ') as words) typed
          cross join generate_series(1, least(cardinality(words), ${mostWords}) - 1) as cut
          cross join lateral (select array_to_string(words[:cut], ' ') as head, array_to_string(words[cut + 1:], ' ') as tail) parts
          cross join lateral (values (head, tail), (tail, head)) names(birth, given)`,
        question.birthDate,
      );
  }
}

// The number finds, the traits decide: an empty name is nobody's.
function named(names: RawBuilder<unknown>, birthDate: string): RawBuilder<boolean> {
  return sql`identity_key(birth_name, first_given_name, birth_date)
      = any(array(select identity_key(birth, given, ${birthDate}) from (${names}) asked))
    and birth_date = ${birthDate}
    and exists (select from (${names}) asked
      where birth <> '' and given <> '' and birth = fold_name(c.birth_name) and given = fold_name(c.first_given_name))`;
}
