// The outbox: later work written in the transaction that owes it, swept until it is done, not until it is handed over
// (architecture §1 and §3: a queue that loses its jobs loses no work). One exported function per question.
import { type Selectable, sql } from 'kysely';
import { releaseBlobs } from '../../mailboxes/blobs/hold-blobs.ts';
import { newId } from '../core/ids.ts';
import type { Db, Trx } from '../database/tables.ts';
import type { OutboxTable } from './schema.ts';

/** Work to add. `id` is chosen by the caller when it needs the name beforehand, or when a second addition must be ignored. */
export type OutboxItem = {
  readonly id?: string;
  readonly kind: string;
  readonly payload: unknown;
  /** Not begun before this instant; absent: at once. */
  readonly notBefore?: Date;
};

/** A row as the queue is told of it: no content leaves the database. */
export type DueRow = Readonly<Pick<Selectable<OutboxTable>, 'id' | 'kind'>>;

/** A row whose attempt has just begun. `attempts` counts this one. */
export type BegunRow = Readonly<Pick<Selectable<OutboxTable>, 'id' | 'kind' | 'payload' | 'attempts'>> & { readonly createdAt: Date };

/** Who holds the bytes that a row still needs, for holdBlobs(). */
export function outboxHolder(id: string): string {
  return `outbox:${id}`;
}

/** Adds work in one statement, inside the transaction that owes it. An id already there is left as it stands. Returns the ids, in order. */
export async function addToOutbox(trx: Trx, items: readonly OutboxItem[], now: Date): Promise<string[]> {
  if (items.length === 0) return [];
  const rows = items.map((item) => ({
    id: item.id ?? newId(now.getTime()),
    kind: item.kind,
    payload: JSON.stringify(item.payload),
    next_attempt_at: item.notBefore ?? now,
    created_at: now,
  }));
  await trx
    .insertInto('outbox')
    .values(rows)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  return rows.map((row) => row.id);
}

/**
 * Takes up to `limit` rows that are due, the longest due first, and leases them for `leaseMs`: a row that is handed over but never
 * begun (lost queue, process killed in between) is due again afterwards. Several processes may ask at once; none waits for another.
 */
export async function dueOutbox(db: Db, limit: number, now: Date, leaseMs: number): Promise<DueRow[]> {
  return db
    .updateTable('outbox')
    .set({ next_attempt_at: after(now, leaseMs) })
    .where('id', 'in', (due) =>
      due
        .selectFrom('outbox')
        .select('id')
        .where('state', '=', 'waiting')
        .where('next_attempt_at', '<=', now)
        .orderBy('next_attempt_at')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['id', 'kind'])
    .execute();
}

/** Rows that were just leased for nothing are due again at `now`. */
export async function endLease(trx: Trx, ids: readonly string[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  await trx.updateTable('outbox').set({ next_attempt_at: now }).where('id', 'in', ids).execute();
}

/**
 * Counts an attempt before it is made, so that work which kills its process is seen to be tried again and again.
 * Undefined when the row is finished or gone: the job came twice and there is nothing left to do.
 * The lease keeps the sweep from handing the row over while this attempt runs.
 */
export async function beginAttempt(db: Db, id: string, now: Date, leaseMs: number): Promise<BegunRow | undefined> {
  const row = await db
    .updateTable('outbox')
    .set((outbox) => ({ attempts: outbox('attempts', '+', 1), next_attempt_at: after(now, leaseMs) }))
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .returning(['id', 'kind', 'payload', 'attempts', 'created_at'])
    .executeTakeFirst();
  return row && { id: row.id, kind: row.kind, payload: row.payload, attempts: row.attempts, createdAt: row.created_at };
}

/**
 * Which of these rows are still owed, and keeps them so until the transaction ends: whoever else would carry them out waits.
 * Rows are locked in the order of their ids.
 */
export async function waitingRows(trx: Trx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    select id from outbox where id = any(${ids}::uuid[]) and state = 'waiting' order by id for update`.execute(trx);
  return new Set(rows.map((row) => row.id));
}

/** The work is carried out: rows are finished and the bytes they were holding are let go, in the transaction that did it. Twice is harmless. */
export async function settleRows(trx: Trx, ids: readonly string[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update outbox set state = 'done', finished_at = ${now}, last_error = null
    where id = any(${ids}::uuid[]) and state = 'waiting'`.execute(trx);
  await releaseBlobs(trx, ids.map(outboxHolder));
}

/** Not yet: the row is due again at `at`. `payload`, when given, is what remains to be done. `error` is a code. */
export async function markRetry(db: Db, id: string, at: Date, error: string, payload?: unknown): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ next_attempt_at: at, last_error: error, ...remaining(payload) })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .execute();
}

/** Given up. The row and the bytes it holds are kept until purged, for a person to look at. `error` is a code. */
export async function markDead(db: Db, id: string, now: Date, error: string, payload?: unknown): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ state: 'dead', finished_at: now, last_error: error, ...remaining(payload) })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .execute();
}

/** Forgets up to `limit` rows finished before `before`, and lets their bytes go. Returns how many. */
export async function purgeOutbox(db: Db, before: Date, limit: number): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const gone = await trx
      .deleteFrom('outbox')
      .where('id', 'in', (old) =>
        old
          .selectFrom('outbox')
          .select('id')
          .where('state', '<>', 'waiting')
          .where('finished_at', '<', before)
          .limit(limit)
          .forUpdate()
          .skipLocked(),
      )
      .returning('id')
      .execute();
    await releaseBlobs(
      trx,
      gone.map((row) => outboxHolder(row.id)),
    );
    return gone.length;
  });
}

function remaining(payload: unknown): { payload?: string } {
  return payload === undefined ? {} : { payload: JSON.stringify(payload) };
}

function after(now: Date, ms: number): Date {
  return new Date(now.getTime() + ms);
}
