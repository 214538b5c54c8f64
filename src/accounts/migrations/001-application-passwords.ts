// Application passwords, found by their keyed hash.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table application_passwords (
      hash bytea primary key check (length(hash) = 32),
      address text not null,
      label text not null,
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index application_passwords_address on application_passwords (address)`.execute(db);
}
