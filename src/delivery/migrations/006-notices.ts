// When each citizen was last told, at their ordinary address, that something waits for them.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // Written again and again under the same key: room is left for that.
  await sql`
    create table notices (
      citizen_id bigint primary key,
      due_at timestamptz not null,
      begun_due timestamptz,
      begun_at timestamptz
    ) with (fillfactor = 70)`.execute(db);
}
