// How the outbox stands, in figures: what is owed, how late it is, and what was given up, by kind.
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import type { Trx } from '../../src/database/tables.ts';
import { deliveryMigrations } from '../../src/delivery/migrations/set.ts';
import { addToOutbox, markDead, markRetry, settleRows } from '../../src/delivery/outbox.ts';
import { readBacklog } from '../../src/delivery/outbox-backlog.ts';
import { beginAttempts, dueOutbox } from '../../src/delivery/outbox-leases.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([mailboxesMigrations, deliveryMigrations]);
});
afterEach(async () => {
  await sql`truncate outbox`.execute(database.db);
});
afterAll(() => database.close());

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 22, 9, 0, seconds));
const owe = (kind: string, from: number, notBefore?: Date) =>
  database.db
    .transaction()
    .execute((trx) => addToOutbox(trx, [{ kind, payload: {}, ...(notBefore && { notBefore }) }], at(from)))
    .then(([id = '']) => id);

test('nothing owed, nothing counted', async () => {
  expect(await readBacklog(database.db, at(0))).toEqual([]);
});

test('each kind apart: what waits, what is dead, and how late the latest is; what is done or not due yet is not late', async () => {
  await owe('relay-letter', 0);
  await owe('relay-letter', 20);
  await owe('send-notice', 0, at(500));
  const [dead, done] = [await owe('send-report', 0), await owe('send-report', 0)];
  await markDead(database.db, dead, { now: at(5), because: 'unavailable', isTold: false });
  await database.db.transaction().execute((trx) => settleRows(trx, [done], at(5)));
  expect(await readBacklog(database.db, at(60))).toEqual([
    { kind: 'relay-letter', waiting: 2, oldestSeconds: 60, dead: 0 },
    { kind: 'send-notice', waiting: 1, oldestSeconds: 0, dead: 0 },
    { kind: 'send-report', waiting: 0, oldestSeconds: 0, dead: 1 },
  ]);
});

test('work that is handed over and begun again and again without an end is later and later', async () => {
  const id = await owe('relay-letter', 0);
  const late = async (seconds: number) => (await readBacklog(database.db, at(seconds)))[0]?.oldestSeconds;
  expect(await dueOutbox(database.db, 10, at(1), 60_000)).toHaveLength(1);
  expect(await late(30)).toBe(30);
  await beginAttempts(database.db, [{ id, attempts: 0 }], at(30), 120_000);
  expect(await late(90)).toBe(90);
  // Postponed, it is on time again, until its next attempt is due.
  await markRetry(database.db, id, at(200), { now: at(91), because: 'unavailable' });
  expect(await late(100)).toBe(0);
  expect(await late(230)).toBe(30);
});

test('no more rows are looked at than the bound, the first due among them', async () => {
  for (const second of [0, 1, 2, 3]) await owe('relay-letter', second);
  expect(await readBacklog(database.db, at(10), 3)).toEqual([{ kind: 'relay-letter', waiting: 3, oldestSeconds: 10, dead: 0 }]);
});

test('a month of finished work costs nothing: the figures come from the indexes of what is owed and of what is dead', async () => {
  await sql`
    insert into outbox (id, kind, payload, next_attempt_at, state, created_at, finished_at)
    select gen_random_uuid(), 'relay-letter', '{}', ${at(0)}, 'done', ${at(0)}, ${at(0)} from generate_series(1, 20000)`.execute(
    database.db,
  );
  await owe('relay-letter', 0);
  await sql`analyze outbox`.execute(database.db);
  expect(await scannedBy(() => undefined)).toBeLessThan(1000);
  // And the test would see it if they did not.
  const withoutIndexes = async (trx: Trx) => {
    await sql`set local plan_cache_mode = force_custom_plan`.execute(trx);
    for (const way of ['indexscan', 'bitmapscan']) await sql.raw(`set local enable_${way} = off`).execute(trx);
  };
  expect(await scannedBy(withoutIndexes)).toBeGreaterThan(10_000);
});

/** Rows read by scans of the whole table while the figures are asked for. PostgreSQL counts them for each transaction. */
async function scannedBy(prepare: (trx: Trx) => unknown): Promise<number> {
  return await database.db.transaction().execute(async (trx) => {
    await prepare(trx);
    await readBacklog(trx, at(10));
    const { rows } = await sql<{ read: number }>`select pg_stat_get_xact_tuples_returned('outbox'::regclass)::integer as read`.execute(trx);
    return rows[0]?.read ?? 0;
  });
}
