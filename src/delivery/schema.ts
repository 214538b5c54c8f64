// The tables of the one path: what it owes to the time after its commit.
import type { ColumnType, Generated } from 'kysely';

declare module '../database/tables.ts' {
  interface Tables {
    outbox: OutboxTable;
  }
}

/** Where an outbox row stands: still owed, carried out, or given up (kept for a person to look at). */
export type OutboxState = 'waiting' | 'done' | 'dead';

export interface OutboxTable {
  /** Also the job's name in the queue, so that handing over twice is harmless. */
  id: string;
  /** A task's name, see src/pipeline/tasks. */
  kind: string;
  /** JSON whose shape belongs to the kind; read and written as text by us, checked by the task's schema. */
  payload: ColumnType<unknown, string, string>;
  /** Attempts begun, including those a crash cut short. */
  attempts: Generated<number>;
  /** Not handed to the queue before this instant: the next attempt of the schedule, or the end of a lease. */
  next_attempt_at: Date;
  state: Generated<OutboxState>;
  /** A code such as `next-hop-unavailable`; never a sentence, an address or a peer's answer. */
  last_error: Generated<string | null>;
  created_at: ColumnType<Date, Date, never>;
  finished_at: Generated<Date | null>;
}
