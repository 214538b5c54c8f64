// The register of exchanges.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table exchanges (
      citizen_id bigint not null,
      correspondent text not null,
      state text not null check (state in ('open', 'ended')),
      opened_at timestamptz not null default now(),
      changed_at timestamptz not null default now(),
      primary key (citizen_id, correspondent)
    ) with (fillfactor = 90)`.execute(db);
}
