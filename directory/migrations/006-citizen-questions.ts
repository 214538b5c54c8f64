// A citizen is found by a whole identity, and every such question leaves a trace. The index holds numbers made from folded names and a birth
// date: it answers an exact question and cannot be browsed. Requirements 23 and 58, ADR 0012.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

// Most names are plain letters, for which lower() says what fold_name() says, ten times faster: ten million citizens are loaded at once.
const fold = (name: string) => `case when ${name} ~ '^[A-Za-z]+$' then lower(${name}) else fold_name(${name}) end`;

const statements = [
  // Two identities may share a number: whoever asks compares the traits too. Not strict: with a `case` in it, it would not be inlined.
  `create function identity_key(birth_name text, first_given_name text, birth_date text) returns bigint
    language sql immutable parallel safe
    return hashtextextended((${fold('birth_name')}) || E'\\n' || (${fold('first_given_name')}) || E'\\n' || birth_date, 0)`,
  'create index citizens_identity on citizens (identity_key(birth_name, first_given_name, birth_date))',
  `create table citizen_questions (
    question_id bigint generated always as identity primary key,
    at timestamptz not null,
    by text not null,
    asker text not null,
    kind text not null check (kind in ('matricule', 'identity')),
    outcome text not null check (outcome in ('one', 'nobody', 'several', 'too-many')),
    citizen_id bigint references citizens,
    check ((outcome = 'one') = (citizen_id is not null))
  )`,
  'create index citizen_questions_asker on citizen_questions (asker, at)',
  'create index citizen_questions_citizen on citizen_questions (citizen_id, at) where citizen_id is not null',
  'create index citizen_questions_at on citizen_questions (at)',
];
