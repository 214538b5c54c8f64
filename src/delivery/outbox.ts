// The outbox: later work written in the transaction that owes it, swept until it is done, not until it is handed over
// (architecture §1 and §3: a queue that loses its jobs loses no work). One exported function per question.
import { type Selectable, sql } from 'kysely';
import { releaseBlobs } from '../../mailboxes/blobs/hold-blobs.ts';
import { newId } from '../core/ids.ts';
import type { Db, Trx } from '../database/tables.ts';
import { addedLine } from './outbox-history.ts';
import type { OutboxTable } from './schema.ts';

/** Work to add. `id` is chosen by the caller when it needs the name beforehand, or when a second addition must be ignored. */
export type OutboxItem = {
  readonly id?: string;
  readonly kind: string;
  readonly payload: unknown;
  /** Not begun before this instant, from which its schedule counts; absent: at once. */
  readonly notBefore?: Date;
};

/** A row as the queue is told of it: no content leaves the database. `attempts` were begun before: see outbox-leases.ts. */
export type DueRow = Readonly<Pick<Selectable<OutboxTable>, 'id' | 'kind' | 'attempts'>>;

/**
 * A row whose attempt has just begun. `attempts` counts this one; `schedule` counts from when a person last had it tried again, if
 * somebody has.
 */
export type BegunRow = Readonly<Pick<Selectable<OutboxTable>, 'id' | 'kind' | 'payload' | 'attempts'>> & {
  readonly schedule: { readonly attempts: number; readonly createdAt: Date };
};

/** How an attempt ended, when the work is not done. `because` is a code; `payload`, when given, is what remains to be done. */
export type EndedAttempt = { readonly now: Date; readonly because: string; readonly payload?: unknown };

/** Who holds the bytes that a row still needs, for holdBlobs(). */
export function outboxHolder(id: string): string {
  return `outbox:${id}`;
}

/** Adds work in one statement, inside the transaction that owes it. An id already there is left as it stands. Returns the ids, in order. */
export async function addToOutbox(trx: Trx, items: readonly OutboxItem[], now: Date): Promise<string[]> {
  if (items.length === 0) return [];
  const ids = items.map((item) => item.id ?? newId(now.getTime()));
  const kinds = items.map((item) => item.kind);
  const payloads = items.map((item) => JSON.stringify(item.payload));
  const dueAt = items.map((item) => item.notBefore ?? now);
  await sql`
    insert into outbox (id, kind, payload, next_attempt_at, due_at, created_at)
    select id, kind, payload, due_at, due_at, due_at
    from unnest(${ids}::uuid[], ${kinds}::text[], ${payloads}::jsonb[], ${dueAt}::timestamptz[]) as item (id, kind, payload, due_at)
    on conflict (id) do nothing`.execute(trx);
  return ids;
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
  // Locked in whichever order an index gives them: a deadlock is done again by the caller's transaction.
  await sql`
    update outbox set state = 'done', finished_at = ${now}, last_error = null
    where id = any(${ids}::uuid[]) and state = 'waiting'`.execute(trx);
  await releaseBlobs(trx, ids.map(outboxHolder));
}

/** Not yet: the row is due again at `at`. */
export async function markRetry(db: Db, id: string, at: Date, { now, because, payload }: EndedAttempt): Promise<void> {
  const history = addedLine({ at: now, is: 'again', code: because });
  await db
    .updateTable('outbox')
    .set({ next_attempt_at: at, due_at: at, last_error: because, history, ...remaining(payload) })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .execute();
}

/**
 * Given up. The row and the bytes it holds are kept until purged, for a person to look at (dead-letters.ts). `isTold`: what the failure
 * owes to somebody is owed in the same transaction.
 */
export async function markDead(
  db: Db,
  id: string,
  { now, because, payload, isTold }: EndedAttempt & { readonly isTold: boolean },
): Promise<void> {
  const history = addedLine({ at: now, is: 'dead', code: because });
  const told = isTold ? { told_at: sql<Date>`coalesce(told_at, ${now})` } : {};
  await db
    .updateTable('outbox')
    .set({ state: 'dead', finished_at: now, last_error: because, history, ...told, ...remaining(payload) })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .execute();
}

/**
 * Forgets up to `limit` rows that were done before `doneBefore`, or given up or dropped before `deadBefore`, and lets their bytes go.
 * Returns how many.
 */
export async function purgeOutbox(
  db: Db,
  { doneBefore, deadBefore }: { readonly doneBefore: Date; readonly deadBefore: Date },
  limit: number,
): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const gone = await trx
      .deleteFrom('outbox')
      .where('id', 'in', (old) =>
        old
          .selectFrom('outbox')
          .select('id')
          .where((row) =>
            row.or([
              row.and([row('state', '=', 'done'), row('finished_at', '<', doneBefore)]),
              row.and([row('state', 'in', ['dead', 'dropped']), row('finished_at', '<', deadBefore)]),
            ]),
          )
          // Both bounds in one, so that only old rows are read.
          .where('finished_at', '<', doneBefore > deadBefore ? doneBefore : deadBefore)
          .orderBy('finished_at')
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
