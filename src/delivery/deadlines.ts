// Lines of the ledger whose deadline has passed before anything final was known: each is settled once, its sender told once, and the work
// that still waited for it withdrawn, all in one transaction. Requirement 46.
// Locks: the outbox rows first, as a delivery that settles its row does; then the lines. An offer under way is waited for (ledger-offers.ts).
import { sql } from 'kysely';
import type { Address } from '../core/address.ts';
import type { Db, Trx } from '../database/tables.ts';
import { settleRows } from './outbox.ts';
import type { LedgerTable, OutboxTable } from './schema.ts';

/** A line that is late, and the row that was to bring it further, if there still is one: what its report can speak of. */
export type OverdueCourse = Pick<
  LedgerTable,
  'letter_id' | 'recipient' | 'sender' | 'message_id' | 'envelope_id' | 'original_recipient' | 'notify' | 'queued_at'
> & { readonly work: (Pick<OutboxTable, 'id' | 'kind'> & { readonly payload: unknown }) | undefined };

/** `refused`: it never left, or nobody took it. `relayed`: another operator took it, was to say more, and has not. */
export type Expired = { readonly letterId: string; readonly recipient: Address; readonly as: 'refused' | 'relayed' };

/** RFC 3463 §3.5: delivery time expired. */
export const expiredStatus = '4.4.7';

/** A letter that is still held waits for a decision, not for a course: whoever lets it go tells its sender. */
const isLate = (now: Date) => sql`
  l.final_at is null and l.deadline_at <= ${now} and (l.offered_until is null or l.offered_until <= ${now})
  and not exists (select from quarantine q where q.held_id = l.work_id and q.state = 'held')`;

/** Up to `limit` lines that are late, the latest first. */
export async function overdueCourses(db: Db, now: Date, limit: number): Promise<OverdueCourse[]> {
  const { rows } = await sql<Omit<OverdueCourse, 'work'> & { readonly work_id: string | null }>`
    select l.letter_id, l.recipient, l.sender, l.message_id, l.envelope_id, l.original_recipient, l.notify, l.queued_at, l.work_id
    from ledger l where ${isLate(now)} order by l.deadline_at, l.letter_id, l.recipient limit ${limit}`.execute(db);
  const ids = rows.flatMap((row) => row.work_id ?? []);
  if (ids.length === 0) return rows.map((row) => ({ ...row, work: undefined }));
  // Apart: a letter to hundreds has one row of work.
  const works = await db.selectFrom('outbox').select(['id', 'kind', 'payload']).where('id', 'in', ids).execute();
  const byId = new Map(works.map((work) => [work.id, work]));
  return rows.map((row) => ({ ...row, work: byId.get(row.work_id ?? '') }));
}

/**
 * Settles those of these lines that are still late: what never left is refused and will be sent nowhere, what another operator took stays
 * relayed. Returns whom their senders are to be told about; the caller owes the reports in the same transaction.
 */
export async function expireCourses(trx: Trx, overdue: readonly OverdueCourse[], now: Date): Promise<Expired[]> {
  if (overdue.length === 0) return [];
  const works = [...new Set(overdue.flatMap(({ work }) => work?.id ?? []))];
  if (works.length > 0) await sql`select from outbox where id = any(${works}::uuid[]) order by id for update`.execute(trx);
  const { rows } = await sql<{ letter_id: string; recipient: Address; has_left: boolean }>`
    with late as materialized (
      select l.letter_id, l.recipient, l.state, l.relayed_at is not null as has_left from ledger l where ${isLate(now)} and (l.letter_id, l.recipient) in (
        select * from unnest(${overdue.map((one) => one.letter_id)}::uuid[], ${overdue.map((one) => one.recipient)}::text[]))
      order by l.letter_id, l.recipient for update of l)
    update ledger l set final_at = ${now},
      expired_at = case when not late.has_left then ${now}::timestamptz end,
      state = case when late.state in ('queued', 'held') then 'refused' else late.state end,
      status = case when late.state in ('queued', 'held') then ${expiredStatus} else l.status end,
      refused_at = case when late.state in ('queued', 'held') then ${now} else l.refused_at end
    from late where l.letter_id = late.letter_id and l.recipient = late.recipient
    returning l.letter_id, l.recipient, late.has_left`.execute(trx);
  await settleFinished(trx, works, [...new Set(rows.map((row) => row.letter_id))], now);
  return rows.map(({ letter_id: letterId, recipient, has_left }) => ({ letterId, recipient, as: has_left ? 'relayed' : 'refused' }));
}

/** Of these rows, those that have nobody left to work for are done with. */
async function settleFinished(trx: Trx, works: readonly string[], letters: readonly string[], now: Date): Promise<void> {
  if (works.length === 0 || letters.length === 0) return;
  const { rows } = await sql<{ id: string }>`
    select o.id from outbox o where o.id = any(${works}::uuid[]) and o.state = 'waiting' and not exists (
      select from ledger l where l.letter_id = any(${letters}::uuid[]) and l.work_id = o.id and l.final_at is null)`.execute(trx);
  await settleRows(
    trx,
    rows.map(({ id }) => id),
    now,
  );
}
