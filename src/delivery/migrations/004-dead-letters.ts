// Work that was given up: what was tried, what was told of it, and what a person decided. The schedule's own instant stands beside the
// lease's, so that how late work is can be seen while it is handed over again and again.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table outbox
      add column due_at timestamptz not null default now(),
      add column history jsonb not null default '[]',
      add column told_at timestamptz,
      add column retried_at timestamptz,
      add column attempts_before integer not null default 0,
      add column decided_by text,
      add column reason text,
      drop constraint outbox_state_check,
      add constraint outbox_state_check check (state in ('waiting', 'done', 'dead', 'dropped')),
      add constraint outbox_decided_check check ((state = 'dropped') = (decided_by is not null))`.execute(db);
  await sql`update outbox set due_at = next_attempt_at where state = 'waiting'`.execute(db);
  await sql`create index outbox_dead on outbox (finished_at) where state = 'dead'`.execute(db);
}
