// Guardians whom a citizens' feed names before it brings them: attached when they are known, whatever the order of lines and files. And when
// each source of the registry was last found up to date, which no import tells: most days there is nothing new.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table awaited_guardians (
    guardian_ins text collate "C" not null,
    ward_id bigint not null references citizens on delete cascade,
    primary key (guardian_ins, ward_id)
  )`,
  'create index awaited_guardians_ward on awaited_guardians (ward_id)',
  `create table synchronisations (
    kind text primary key check (kind in ('extraction', 'citizens')),
    first_tried_at timestamptz not null,
    succeeded_at timestamptz
  )`,
];
