// A login may change its name and keep its passwords: their hashes stay keyed by the name the account began with.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table renamed_logins (
      login text primary key,
      first_login text not null unique
    )`.execute(db);
}
