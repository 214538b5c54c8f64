// The citizens that a batch of a feed speaks of, in memory: read in one statement, changed line by line, and written back as far as they
// differ. So the lines of a batch act one after another, as they stand in the file, and cost a few statements all together.
import { type Selectable, sql } from 'kysely';
import type { Ins } from '../../src/core/ins.ts';
import type { Db } from '../../src/database/tables.ts';
import type { CitizensTable } from '../schema.ts';
import type { FeedLine } from './feed-line.ts';

/** The columns of a feed, in one order for all statements. */
export const feedColumns = [
  'ins',
  'ins_arc',
  'qualified',
  'birth_name',
  'first_given_name',
  'given_names',
  'used_name',
  'used_given_name',
  'birth_date',
  'birth_place',
  'sex',
  'state',
] as const satisfies readonly (keyof CitizensTable)[];

/** What a feed may change of a citizen. */
export type FeedRow = Pick<Selectable<CitizensTable>, (typeof feedColumns)[number]>;

/** A citizen of the batch. */
export type Person = {
  /** Undefined until they are written. */
  readonly citizenId: number | undefined;
  /** As the registry has them; undefined for somebody new. */
  readonly before: FeedRow | undefined;
  row: FeedRow;
  /** Matricules that the batch adds to those they had. */
  readonly newFormers: Set<Ins>;
  /** Everybody who is to act for them; undefined when the batch does not say. */
  guardians: readonly Ins[] | undefined;
};

/** Everybody known by a matricule of the batch, one they have or had. */
export type RegistryImage = Map<Ins, Person>;

/** Reads those whom the lines name by a matricule they have or had, an index probe each. */
export async function readImage(db: Db, lines: readonly FeedLine[]): Promise<RegistryImage> {
  const asked = [...new Set(lines.flatMap((line) => [line.ins, ...line.formers]))];
  const columns = sql.join(feedColumns.map((column) => sql.ref(`c.${column}`)));
  const { rows } = await sql<FeedRow & { asked: Ins; citizen_id: number }>`
    select c.ins as asked, c.citizen_id, ${columns} from citizens c where c.ins = any(${asked}::text[])
    union all
    select f.ins, c.citizen_id, ${columns}
    from former_matricules f join citizens c on c.citizen_id = f.citizen_id where f.ins = any(${asked}::text[])`.execute(db);
  const people = new Map<number, Person>();
  const image: RegistryImage = new Map();
  for (const { asked: ins, citizen_id: citizenId, ...before } of rows) {
    const person = people.get(citizenId) ?? { citizenId, before, row: before, newFormers: new Set(), guardians: undefined };
    people.set(citizenId, person);
    image.set(ins, person);
  }
  return image;
}

/** True when the row differs from what the registry has, or is not there. */
export function isChanged({ before, row }: Person): boolean {
  return before === undefined || (before !== row && feedColumns.some((column) => before[column] !== row[column]));
}
