// The tables of the one path: what it owes to the time after its commit, what became of each letter, and those kept apart.
import type { ColumnType, Generated } from 'kysely';
import type { HoldCode } from '../../policies/verdict.ts';
import type { Address } from '../core/address.ts';

declare module '../database/tables.ts' {
  interface Tables {
    outbox: OutboxTable;
    ledger: LedgerTable;
    quarantine: QuarantineTable;
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

/** How far a letter has come towards one recipient; ledger.ts says which state gives way to which. */
export type CourseState = 'queued' | 'held' | 'relayed' | 'delivered' | 'refused' | 'read';

export interface LedgerTable {
  /** The arrival's id. */
  letter_id: string;
  recipient: Address;
  sender: Address;
  /** With its angle brackets, as the letter has it. */
  message_id: string | null;
  /** ENVID. RFC 3461 §4.4. */
  envelope_id: string | null;
  /** ORCPT. RFC 3461 §4.2. */
  original_recipient: string | null;
  /** `never`, or `success`, `failure`, `delay` joined by commas; null when the sender did not say. */
  notify: string | null;
  state: CourseState;
  /** Enhanced status (RFC 3463) of that state, when there is one. */
  status: string | null;
  /** 900 to 906, told by the recipient's software in a receipt. Requirement 44. */
  integration_error: number | null;
  /** When the gateway took the letter; the others, when each step was first known. */
  queued_at: Date;
  held_at: Date | null;
  relayed_at: Date | null;
  delivered_at: Date | null;
  refused_at: Date | null;
  read_at: Date | null;
}

/** What was decided of a letter kept apart; `held` while nobody has. */
export type QuarantineState = 'held' | 'released' | 'dropped' | 'expired';

export interface QuarantineTable {
  /** Also the id of the outbox row that a release writes. */
  held_id: string;
  letter_id: string;
  /** What recognises the letter, so that nothing is told twice of it. */
  fingerprint: Buffer;
  sender: Address;
  recipient: Address;
  code: HoldCode;
  blob_id: string;
  /** Trace headers, beside the bytes. */
  prefix: Buffer;
  /** The letter's header block, for the reports about it. */
  headers: Buffer;
  message_id: string | null;
  envelope_id: string | null;
  notify: string | null;
  original_recipient: string | null;
  /** What the other end said in EHLO. */
  received_from: string;
  received_at: Date;
  held_at: Date;
  expires_at: Date;
  state: Generated<QuarantineState>;
  decided_by: Generated<string | null>;
  /** In the words of the person who decided. */
  reason: Generated<string | null>;
  decided_at: Generated<Date | null>;
}
