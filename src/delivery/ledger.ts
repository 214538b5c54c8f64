// The ledger: for each letter and recipient, how far it has come and when each step was first known. Requirement 46, RFC 3461.
// It never goes backwards: a late « delivered » adds its time and does not undo « read ». One statement per group of letters.
// A line is final once what its sender hears of it from this gateway is settled. That happens once, whoever comes first, so that who
// makes a line final is alone to tell of it: failure and success are never both told, and nothing twice (deadlines.ts).
import { sql } from 'kysely';
import type { Address } from '../core/address.ts';
import type { Db, Trx } from '../database/tables.ts';
import type { Notify } from './arrival.ts';
import type { CourseState, LedgerTable } from './schema.ts';
import { notifyFromText, notifyToText } from './wanted-reports.ts';

/** One recipient of one letter, as far as the path itself has brought it. */
export type LedgerLine = {
  /** The arrival's id. */
  readonly letterId: string;
  readonly recipient: Address;
  readonly sender: Address;
  /** With its angle brackets. */
  readonly messageId: string | null;
  readonly state: Exclude<CourseState, 'read'>;
  /** Enhanced status of a refusal, RFC 3463. */
  readonly status?: string;
  readonly notify: Notify | undefined;
  readonly originalRecipient?: string;
  readonly envelopeId?: string;
  /** Of a line that is queued or held: until when something must be known, and the outbox row that is to bring it further. */
  readonly awaited?: { readonly until: Date; readonly workId: string };
  readonly at: Date;
};

/** What is known of one recipient of one letter. The times are those of the steps that were taken, each when it was first known. */
export type CourseLine = {
  readonly letterId: string;
  readonly sender: Address;
  readonly recipient: Address;
  readonly messageId: string | null;
  readonly envelopeId: string | null;
  readonly originalRecipient: string | null;
  readonly notify: Notify | undefined;
  readonly state: CourseState;
  readonly status: string | null;
  /** 900 to 906: the recipient's software could not take the documents in. Requirement 44. */
  readonly integrationError: number | null;
  readonly times: Readonly<Partial<Record<CourseState, Date>>>;
  /** When what the sender hears of it from this gateway was settled; others may still report more. */
  readonly finalAt: Date | null;
};

/** A step of one recipient's course that becomes known after the commit. */
export type CourseStep = {
  readonly letterId: string;
  readonly recipient: Address;
  readonly state: CourseState;
  readonly status?: string;
  readonly integrationError?: number;
  /** This gateway has no more to tell of it. What others report ends a line only once it has left: until then the work is ours. */
  readonly isFinal?: boolean;
  readonly at: Date;
};

/** Whether a line was final before the steps that were just written: then nothing is told of them. A line that is unknown was not. */
export type WasFinal = (letterId: string, recipient: Address) => boolean;

// A step gives way to one of a higher rank only. Refused and delivered exclude each other, whichever is known first;
// a receipt proves that the letter was read whatever was said before.
const ranks: Readonly<Record<CourseState, number>> = { queued: 0, held: 1, relayed: 2, delivered: 3, refused: 3, read: 4 };

/** The same rank in a statement. */
const rankOf = (row: 'l' | 'told' | 'excluded') =>
  sql`(case ${sql.ref(`${row}.state`)} when 'queued' then 0 when 'held' then 1 when 'relayed' then 2 when 'read' then 4 else 3 end)`;

/** Writes the lines of a group of letters. A letter that comes again under its id (released from quarantine) moves its line forward. */
export async function writeLedger(trx: Trx, lines: readonly LedgerLine[]): Promise<void> {
  const rows = furthest(lines);
  if (rows.length === 0) return;
  const timeOf = (state: CourseState) => rows.map((line) => (line.state === state ? line.at : null));
  await sql`
    insert into ledger as l (letter_id, recipient, sender, message_id, envelope_id, original_recipient, notify, state, status,
      queued_at, held_at, relayed_at, delivered_at, refused_at, deadline_at, work_id, final_at)
    select * from unnest(
      ${rows.map((line) => line.letterId)}::uuid[], ${rows.map((line) => line.recipient)}::text[],
      ${rows.map((line) => line.sender)}::text[], ${rows.map((line) => line.messageId)}::text[],
      ${rows.map((line) => line.envelopeId ?? null)}::text[], ${rows.map((line) => line.originalRecipient ?? null)}::text[],
      ${rows.map((line) => notifyToText(line.notify))}::text[], ${rows.map((line) => line.state)}::text[],
      ${rows.map((line) => line.status ?? null)}::text[], ${rows.map((line) => line.at)}::timestamptz[],
      ${timeOf('held')}::timestamptz[], ${timeOf('relayed')}::timestamptz[],
      ${timeOf('delivered')}::timestamptz[], ${timeOf('refused')}::timestamptz[],
      ${rows.map((line) => line.awaited?.until ?? null)}::timestamptz[], ${rows.map((line) => line.awaited?.workId ?? null)}::uuid[],
      ${rows.map(({ state, at }) => (state === 'delivered' || state === 'refused' ? at : null))}::timestamptz[])
    on conflict (letter_id, recipient) do update set
      state = case when ${rankOf('excluded')} > ${rankOf('l')} then excluded.state else l.state end,
      status = case when ${rankOf('excluded')} > ${rankOf('l')} then excluded.status else l.status end,
      held_at = coalesce(l.held_at, excluded.held_at), relayed_at = coalesce(l.relayed_at, excluded.relayed_at),
      delivered_at = coalesce(l.delivered_at, excluded.delivered_at), refused_at = coalesce(l.refused_at, excluded.refused_at),
      deadline_at = coalesce(excluded.deadline_at, l.deadline_at), work_id = coalesce(excluded.work_id, l.work_id),
      final_at = coalesce(l.final_at, excluded.final_at)`.execute(trx);
}

/** Moves lines forward; steps of letters the ledger does not know are left out. Tells which lines were final already. */
export async function advanceCourse(trx: Trx, steps: readonly CourseStep[]): Promise<WasFinal> {
  const told = furthest(steps);
  if (told.length === 0) return () => false;
  const { rows } = await sql<{ letter_id: string; recipient: Address }>`
    with told as (
      select * from unnest(
        ${told.map((step) => step.letterId)}::uuid[], ${told.map((step) => step.recipient)}::text[],
        ${told.map((step) => step.state)}::text[], ${told.map((step) => step.status ?? null)}::text[],
        ${told.map((step) => step.integrationError ?? null)}::smallint[], ${told.map((step) => step.at)}::timestamptz[],
        ${told.map((step) => step.isFinal ?? false)}::boolean[])
        as t (letter_id, recipient, state, status, integration_error, at, is_final)),
    locked as materialized (
      select letter_id, recipient, final_at from ledger join told using (letter_id, recipient)
      order by letter_id, recipient for update of ledger),
    moved as (update ledger l set
      state = case when ${rankOf('told')} > ${rankOf('l')} then told.state else l.state end,
      status = case when ${rankOf('told')} > ${rankOf('l')} then told.status else l.status end,
      integration_error = coalesce(told.integration_error, l.integration_error),
      relayed_at = coalesce(l.relayed_at, case told.state when 'relayed' then told.at end),
      delivered_at = coalesce(l.delivered_at, case told.state when 'delivered' then told.at end),
      refused_at = coalesce(l.refused_at, case told.state when 'refused' then told.at end),
      read_at = coalesce(l.read_at, case told.state when 'read' then told.at end),
      final_at = coalesce(l.final_at, case
        when told.is_final or l.relayed_at is not null or (told.state = 'relayed' and ${rankOf('l')} > 2) then told.at end)
    from told join locked using (letter_id, recipient)
    where l.letter_id = told.letter_id and l.recipient = told.recipient)
    select letter_id, recipient from locked where final_at is not null`.execute(trx);
  return named(rows);
}

/** Which lines of these letters are final: nothing more is to be told of them. In one statement. */
export async function finalLines(db: Db, letterIds: readonly string[]): Promise<WasFinal> {
  if (letterIds.length === 0) return () => false;
  const { rows } = await sql<{ letter_id: string; recipient: Address }>`
    select letter_id, recipient from ledger where letter_id = any(${letterIds}::uuid[]) and final_at is not null`.execute(db);
  return named(rows);
}

/** The course of a letter, recipient by recipient, the oldest first: by its arrival's id, or by its Message-ID (with angle brackets). */
export async function readCourse(db: Db, letter: { readonly letterId: string } | { readonly messageId: string }): Promise<CourseLine[]> {
  const rows = await db
    .selectFrom('ledger')
    .selectAll()
    .where((ledger) => ('letterId' in letter ? ledger('letter_id', '=', letter.letterId) : ledger('message_id', '=', letter.messageId)))
    .orderBy('queued_at')
    .orderBy('letter_id')
    .orderBy('recipient')
    .execute();
  return rows.map(asCourseLine);
}

/** The lines of these letters, each named by its sender and its Message-ID. In one statement. */
export async function findLines(
  db: Db,
  letters: readonly { readonly sender: Address; readonly messageId: string }[],
): Promise<Pick<LedgerTable, 'letter_id' | 'recipient' | 'sender' | 'message_id'>[]> {
  if (letters.length === 0) return [];
  const { rows } = await sql<Pick<LedgerTable, 'letter_id' | 'recipient' | 'sender' | 'message_id'>>`
    select l.letter_id, l.recipient, l.sender, l.message_id from ledger l where (l.message_id, l.sender) in (
      select * from unnest(${letters.map(({ messageId }) => messageId)}::text[], ${letters.map(({ sender }) => sender)}::text[]))`.execute(
    db,
  );
  return rows;
}

/** Forgets up to `limit` lines of letters taken before `before`. Returns how many. */
export async function forgetLedger(db: Db, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from ledger where (letter_id, recipient) in (
      select letter_id, recipient from ledger where queued_at < ${before} limit ${limit} for update skip locked)`.execute(db);
  return Number(numAffectedRows ?? 0);
}

function named(rows: readonly Pick<LedgerTable, 'letter_id' | 'recipient'>[]): WasFinal {
  const names = new Set(rows.map((line) => `${line.letter_id} ${line.recipient}`));
  return (letterId, recipient) => names.has(`${letterId} ${recipient}`);
}

/** One step for each recipient of each letter, the furthest, in the one order in which lines are locked. */
function furthest<Step extends { readonly letterId: string; readonly recipient: Address; readonly state: CourseState }>(
  steps: readonly Step[],
): Step[] {
  const kept = new Map<string, Step>();
  for (const step of steps) {
    const key = `${step.letterId} ${step.recipient}`;
    const other = kept.get(key);
    if (!other || ranks[step.state] > ranks[other.state]) kept.set(key, step);
  }
  return [...kept].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, step]) => step);
}

function asCourseLine(row: LedgerTable): CourseLine {
  const times = {
    queued: row.queued_at,
    held: row.held_at,
    relayed: row.relayed_at,
    delivered: row.delivered_at,
    refused: row.refused_at,
    read: row.read_at,
  };
  return {
    letterId: row.letter_id,
    sender: row.sender,
    recipient: row.recipient,
    messageId: row.message_id,
    envelopeId: row.envelope_id,
    originalRecipient: row.original_recipient,
    notify: notifyFromText(row.notify),
    state: row.state,
    status: row.status,
    integrationError: row.integration_error,
    times: Object.fromEntries(Object.entries(times).filter(([, at]) => at !== null)),
    finalAt: row.final_at,
  };
}
