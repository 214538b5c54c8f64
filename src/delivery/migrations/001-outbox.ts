// The outbox: later work, written in the transaction that owes it.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table outbox (
      id uuid primary key,
      kind text not null,
      payload jsonb not null,
      attempts integer not null default 0,
      next_attempt_at timestamptz not null,
      state text not null default 'waiting' check (state in ('waiting', 'done', 'dead')),
      last_error text,
      created_at timestamptz not null,
      finished_at timestamptz,
      check ((state = 'waiting') = (finished_at is null))
    )`.execute(db);
  // Finished rows leave this index: a sweep costs what is owed, whatever was done before.
  await sql`create index outbox_due on outbox (next_attempt_at) where state = 'waiting'`.execute(db);
  await sql`create index outbox_finished on outbox (finished_at) where state <> 'waiting'`.execute(db);
}
