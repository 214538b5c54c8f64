// How often each server of somebody else may be asked: one bucket of tokens per server, shared by all processes.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // Lost in a power cut, a bucket is full again: its table need not be written to the log.
  await sql`
    create unlogged table remote_rates (
      remote text primary key,
      tokens double precision not null,
      at timestamptz not null,
      promised_at timestamptz not null,
      told_at timestamptz
    )`.execute(db);
}
