// Who may carry out an outbox row, and for how long. A row is taken by its number of attempts: what was handed over with one number may
// be begun while the row still has it, so that a row handed over twice, or left over in a queue, is begun once (architecture §3).
// A lease keeps the sweep from a row meanwhile; it ends by itself when the process that holds it is gone.
import { type Selectable, sql } from 'kysely';
import type { Db, Trx } from '../database/tables.ts';
import type { BegunRow, DueRow } from './outbox.ts';
import type { OutboxTable } from './schema.ts';

/** A row and the attempts it had when it was seen: what its holder knows of it. */
export type Claim = Pick<DueRow, 'id' | 'attempts'>;

/**
 * Takes up to `limit` rows that are due, the longest due first, and leases them for `leaseMs`: a row that is handed over but never
 * begun (lost queue, process killed in between) is due again afterwards. Several processes may ask at once; none waits for another.
 */
export async function dueOutbox(db: Db, limit: number, now: Date, leaseMs: number, exceptKinds: readonly string[] = []): Promise<DueRow[]> {
  return db
    .updateTable('outbox')
    .set({ next_attempt_at: after(now, leaseMs) })
    .where('id', 'in', (due) => {
      const rows = due
        .selectFrom('outbox')
        .select('id')
        .where('state', '=', 'waiting')
        .where('next_attempt_at', '<=', now)
        .orderBy('next_attempt_at')
        .limit(limit)
        .forUpdate()
        .skipLocked();
      return exceptKinds.length === 0 ? rows : rows.where('kind', 'not in', exceptKinds);
    })
    .returning(['id', 'kind', 'attempts'])
    .execute();
}

/**
 * Counts an attempt at each row before it is made, so that work which kills its process is seen to be tried again and again, and leases
 * the row for `leaseMs`. A row that is finished, gone, or begun by somebody else since it was handed over is not in the answer.
 */
export async function beginAttempts<Row extends Claim>(
  db: Db,
  rows: readonly Row[],
  now: Date,
  leaseMs: number,
): Promise<Map<Row, BegunRow>> {
  // One row handed over twice is begun for the first that carries it. In the order of their ids, as rows are locked everywhere.
  const claims = new Map(rows.toReversed().map((row) => [`${row.id} ${row.attempts}`, row]));
  const ordered = [...claims.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
  const begun = await sql<BegunColumns>`
    update outbox set attempts = outbox.attempts + 1, next_attempt_at = ${after(now, leaseMs)}
    from unnest(${ordered.map((row) => row.id)}::uuid[], ${ordered.map((row) => row.attempts)}::integer[]) as claim (id, attempts)
    where outbox.id = claim.id and outbox.attempts = claim.attempts and outbox.state = 'waiting'
    returning outbox.id, kind, payload, outbox.attempts, attempts_before, created_at, retried_at`.execute(db);
  const answer = new Map<Row, BegunRow>();
  for (const { id, kind, payload, attempts, attempts_before, created_at, retried_at } of begun.rows) {
    const row = claims.get(`${id} ${attempts - 1}`);
    const schedule = { attempts: attempts - attempts_before, createdAt: retried_at ?? created_at };
    if (row) answer.set(row, { id, kind, payload, attempts, schedule });
  }
  return answer;
}

type BegunColumns = Pick<Selectable<OutboxTable>, 'id' | 'kind' | 'payload' | 'attempts' | 'attempts_before' | 'created_at' | 'retried_at'>;

/** Rows whose attempt goes on are kept for another `leaseMs`. Those that somebody is writing to at this moment need it no more. */
export async function renewLeases(db: Db, rows: readonly Claim[], now: Date, leaseMs: number): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    with claimed as (${lockedClaims(rows)} skip locked)
    update outbox set next_attempt_at = ${after(now, leaseMs)} from claimed where outbox.id = claimed.id`.execute(db);
}

/** Rows that were leased for nothing, or whose work was broken off, are due again at `at`. One that went further meanwhile is left alone. */
export async function endLeases(db: Db, rows: readonly Claim[], at: Date): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    with claimed as (${lockedClaims(rows)})
    update outbox set next_attempt_at = ${at} from claimed where outbox.id = claimed.id`.execute(db);
}

/** Rows that were begun and never tried are due again at `now`; the attempt that was not made is not counted. */
export async function giveBack(db: Db, rows: readonly Claim[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    with claimed as (${lockedClaims(rows)})
    update outbox set attempts = outbox.attempts - 1, next_attempt_at = ${now} from claimed where outbox.id = claimed.id`.execute(db);
}

/** True when the row is still owed and this attempt is its last; keeps it so until the transaction ends. */
export async function holdsAttempt(trx: Trx, row: Claim): Promise<boolean> {
  const { rows } = await sql`${lockedClaims([row])}`.execute(trx);
  return rows.length > 0;
}

/** Locked in the order of their ids, like everywhere else. */
function lockedClaims(rows: readonly Claim[]) {
  return sql`
    select outbox.id from outbox
    join unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.attempts)}::integer[]) as claim (id, attempts)
      on outbox.id = claim.id and outbox.attempts = claim.attempts
    where outbox.state = 'waiting' order by outbox.id for update of outbox`;
}

function after(now: Date, ms: number): Date {
  return new Date(now.getTime() + ms);
}
