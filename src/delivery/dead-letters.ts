// Work that was given up, for a person to look at: listed, read, tried again, or dropped with a reason. Requirement 46.
// Whoever decides changes `dead` into something else, or finds that somebody has; the purge of old rows passes over a row being decided.
import { type Selectable, sql } from 'kysely';
import { releaseBlobs } from '../../mailboxes/blobs/hold-blobs.ts';
import type { Db, Trx } from '../database/tables.ts';
import { outboxHolder } from './outbox.ts';
import { addedLine, type HistoryLine, readHistory } from './outbox-history.ts';
import type { Decision } from './quarantine.ts';
import type { OutboxState, OutboxTable } from './schema.ts';

/** One piece of work that was given up. Nothing of what it was about. */
export type DeadRow = {
  readonly id: string;
  readonly kind: string;
  /** A code. */
  readonly because: string | null;
  readonly attempts: number;
  readonly createdAt: Date;
  /** When it was given up. */
  readonly finishedAt: Date;
  /** When what its failure owed to somebody (a report, if they wanted one) was owed; null when nobody is told of such work. */
  readonly toldAt: Date | null;
};

/** The same with all that was tried, and what became of it since. */
export type DeadRowWhole = Omit<DeadRow, 'finishedAt'> & {
  readonly state: OutboxState;
  /** When it was given up, dropped or done; null while it is tried again. */
  readonly finishedAt: Date | null;
  readonly retriedAt: Date | null;
  readonly history: readonly HistoryLine[];
  /** Of a row that was dropped. */
  readonly decision: Decision | null;
};

/** Which rows to try again: one, or up to `limit` of a kind, or of all. */
export type RowsToRetry = { readonly id: string } | { readonly kind?: string | undefined; readonly limit: number };

const columns = ['id', 'kind', 'last_error', 'attempts', 'created_at', 'finished_at', 'told_at'] as const;

/** Up to `limit` rows that were given up, the longest ago first, and how many there are in all. */
export async function listDead(
  db: Db,
  { kind, limit }: { readonly kind?: string | undefined; readonly limit: number },
): Promise<{ readonly rows: readonly DeadRow[]; readonly count: number }> {
  let dead = db.selectFrom('outbox').where('state', '=', 'dead');
  if (kind !== undefined) dead = dead.where('kind', '=', kind);
  const rows = await dead.select(columns).orderBy('finished_at').orderBy('id').limit(limit).execute();
  const { count } = await dead.select((row) => row.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
  return { rows: rows.map((row) => ({ ...shown(row), finishedAt: row.finished_at ?? row.created_at })), count };
}

/** A row that was given up, whatever became of it since; undefined when it is unknown, forgotten, or never was given up. */
export async function readDead(db: Db, id: string): Promise<DeadRowWhole | undefined> {
  const row = await db
    .selectFrom('outbox')
    .select([...columns, 'state', 'retried_at', 'history', 'decided_by', 'reason'])
    .where('id', '=', id)
    .where((outbox) => outbox.or([outbox('state', 'in', ['dead', 'dropped']), outbox('retried_at', 'is not', null)]))
    .executeTakeFirst();
  return (
    row && {
      ...shown(row),
      state: row.state,
      finishedAt: row.finished_at,
      retriedAt: row.retried_at,
      history: readHistory(row.history),
      decision: row.decided_by === null ? null : { by: row.decided_by, reason: row.reason ?? '' },
    }
  );
}

/**
 * Owes the work again, at once: its schedule begins anew, its attempts stay counted, and its bytes were held all the time.
 * Returns the rows changed, locked in the order of their ids: not one that is not dead, nor one that was tried again at `now` and is dead
 * once more, so that whoever goes on until none is left ends.
 */
export async function retryDead(
  trx: Trx,
  which: RowsToRetry,
  by: string,
  now: Date,
): Promise<{ readonly id: string; readonly kind: string; readonly toldAt: Date | null }[]> {
  const { id, kind, limit } = 'id' in which ? { ...which, kind: undefined, limit: 1 } : { ...which, id: undefined };
  const { rows } = await sql<Pick<Selectable<OutboxTable>, 'id' | 'kind' | 'told_at'>>`
    with chosen as (
      select id as dead_id from outbox
      where state = 'dead' and (retried_at is null or retried_at < ${now})
        ${id === undefined ? sql`` : sql`and id = ${id}`} ${kind === undefined ? sql`` : sql`and kind = ${kind}`}
      order by id limit ${limit} for update)
    update outbox set state = 'waiting', finished_at = null, next_attempt_at = ${now}, due_at = ${now},
      retried_at = ${now}, attempts_before = attempts, history = ${addedLine({ at: now, is: 'retried', by })}
    from chosen where id = dead_id
    returning id, kind, told_at`.execute(trx);
  return rows.map((row) => ({ id: row.id, kind: row.kind, toldAt: row.told_at }));
}

/** Gives the work up for good: its bytes are let go, and the reason is kept as long as the row. False when it is not dead. */
export async function dropDead(trx: Trx, id: string, { by, reason }: Decision, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('outbox')
    .set({ state: 'dropped', decided_by: by, reason, finished_at: now })
    .where('id', '=', id)
    .where('state', '=', 'dead')
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await releaseBlobs(trx, [outboxHolder(id)]);
  return true;
}

function shown(row: Pick<Selectable<OutboxTable>, (typeof columns)[number]>): Omit<DeadRow, 'finishedAt'> {
  return {
    id: row.id,
    kind: row.kind,
    because: row.last_error,
    attempts: row.attempts,
    createdAt: row.created_at,
    toldAt: row.told_at,
  };
}
