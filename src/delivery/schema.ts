// The tables of the one path: what it owes to the time after its commit, what became of each letter, and those kept apart.
import type { ColumnType, Generated } from 'kysely';
import type { HoldCode } from '../../policies/verdict.ts';
import type { Address } from '../core/address.ts';

declare module '../database/tables.ts' {
  interface Tables {
    outbox: OutboxTable;
    ledger: LedgerTable;
    quarantine: QuarantineTable;
    notices: NoticesTable;
    remote_rates: RemoteRatesTable;
  }
}

/** Where an outbox row stands: still owed, carried out, given up (kept for a person to look at), or dropped for good by a person. */
export type OutboxState = 'waiting' | 'done' | 'dead' | 'dropped';

export interface OutboxTable {
  id: string;
  /** A task's name, see src/pipeline/tasks. */
  kind: string;
  /** JSON whose shape belongs to the kind; read and written as text by us, checked by the task's schema. */
  payload: ColumnType<unknown, string, string>;
  /** Attempts begun, including those a crash cut short. */
  attempts: Generated<number>;
  /** Not handed to the queue before this instant: the next attempt of the schedule, or the end of a lease. */
  next_attempt_at: Date;
  /** The same instant of the schedule, which no lease moves: how late the work is. */
  due_at: Generated<Date>;
  state: Generated<OutboxState>;
  /** A code such as `next-hop-unavailable`; never a sentence, an address or a peer's answer. */
  last_error: Generated<string | null>;
  created_at: ColumnType<Date, Date, never>;
  finished_at: Generated<Date | null>;
  /** JSON, see outbox-history.ts: how the last attempts ended. */
  history: Generated<unknown>;
  /** When what its failure owed to somebody was first owed. */
  told_at: Generated<Date | null>;
  /** When a person last had it tried again, and the attempts made before that: its schedule began anew then. */
  retried_at: Generated<Date | null>;
  attempts_before: Generated<number>;
  /** Who dropped it, and why, in their words. */
  decided_by: Generated<string | null>;
  reason: Generated<string | null>;
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
  /** Past it, a line that is not final is settled as not delivered; null when nothing is awaited. */
  deadline_at: Date | null;
  /** The outbox row that is to bring it further: the letter that leaves, or the release of one that is held. */
  work_id: string | null;
  /** Until then the next hop may be taking the letter: nobody is told meanwhile that it did not. */
  offered_until: Date | null;
  /** When the deadline settled it: from then on it is sent nowhere. */
  expired_at: Date | null;
  /** When what the sender hears of it from this gateway was settled. Set once. */
  final_at: Date | null;
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

/** A citizen who was told, or is to be told, that something waits for them. Key: citizen. See notices.ts. */
export interface NoticesTable {
  citizen_id: number;
  /** The last notice owed. */
  due_at: Date;
  /** Which notice was begun last, or found to be of no use; null when none was. */
  begun_due: Date | null;
  /** When a notice was last handed to the smarthost, or tried: the quiet period begins there. */
  begun_at: Date | null;
}

/** How often one server of somebody else is asked. See remote-rates.ts. */
export interface RemoteRatesTable {
  remote: string;
  /** Tokens at `at`; a fraction of one is on its way. */
  tokens: number;
  at: Date;
  /** The last instant that somebody who found no token was told. */
  promised_at: Date;
  /** What the last who asked was told; null: they had a token. */
  told_at: Date | null;
}
