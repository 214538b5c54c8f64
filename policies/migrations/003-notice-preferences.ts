// What citizens want to be told of at their ordinary e-mail address.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table notice_preferences (
      citizen_id bigint primary key,
      address text not null,
      letter boolean not null,
      document boolean not null,
      not_delivered boolean not null,
      refusals integer not null default 0 check (refusals >= 0)
    )`.execute(db);
}
