// Citizens who refused their mailbox, and matricules that were replaced. Whom a mailbox lets write first is now kept by policies (ADR 0009).
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  'alter table addresses drop column open_to_citizens',
  `alter table addresses
    drop constraint addresses_state_check,
    add constraint addresses_state_check
      check (state in ('active', 'suspended', 'closed') or (state = 'opposed' and type = 'CITIZEN'))`,
  `create table former_matricules (
    ins text primary key check (length(ins) = 15),
    citizen_id bigint not null references citizens
  )`,
];
