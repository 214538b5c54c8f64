import type { Socket } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { connectPool, queryThrough } from '../../src/database/connect.ts';
import type { Db } from '../../src/database/tables.ts';
import { together } from '../../src/database/together.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([], 1);
  await sql`create table kept (what text)`.execute(database.db);
});
beforeEach(() => sql`truncate kept`.execute(database.db));
afterAll(() => database.close());

const keep = (db: Db, what: string) => sql`insert into kept values (${what})`.execute(db);
const kept = async () =>
  (await sql<{ what: string }>`select what from kept order by what`.execute(database.db)).rows.map(({ what }) => what);

test('what is asked together is carried out in order, and answered in order', async () => {
  const [one, two] = await database.db
    .transaction()
    .execute((trx) =>
      together([keep(trx, 'first').then(() => 1), sql<{ seen: number }>`select count(*)::int as seen from kept`.execute(trx)]),
    );
  expect([one, two.rows[0]?.seen]).toEqual([1, 1]);
});

test('what is asked together leaves together: nothing is sent after the first of them has begun', async () => {
  const { db } = database;
  const sockets: Socket[] = [];
  const sent = () => sockets.reduce((total, { bytesWritten }) => total + bytesWritten, 0);
  const pool = connectPool({ ...database.connection, poolSize: 1 });
  pool.on('connect', (client) => sockets.push((client as unknown as { connection: { stream: Socket } }).connection.stream));
  const own = queryThrough(pool);
  try {
    await own.connection().execute(async (one) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(one);
      const both = together([sql`select pg_sleep(0.3)`.execute(one), keep(one, 'behind')]);
      await until('the first statement has begun', async () => {
        const { rows: asleep } = await sql`
          select from pg_stat_activity where pid = ${rows[0]?.pid} and wait_event = 'PgSleep'`.execute(db);
        return asleep.length === 1;
      });
      const sentMeanwhile = sent();
      await both;
      expect(sent()).toBe(sentMeanwhile);
    });
  } finally {
    await own.destroy();
  }
  expect(await kept()).toEqual(['behind']);
});

test('a chain that goes on while its neighbour fails keeps nothing, and the connection is good for the next', async () => {
  for (let round = 0; round < 50; round += 1) {
    const failing = database.db.transaction().execute((trx) =>
      together([
        (async () => {
          for (let link = 0; link < 5; link += 1) await keep(trx, `link ${link}`);
        })(),
        sql`select 1 / 0`.execute(trx),
      ]),
    );
    // The failure that came first, not « the transaction is aborted » of those behind it.
    await expect(failing).rejects.toMatchObject({ code: '22012' });
    expect(await kept()).toEqual([]);
  }
});

test('everything has ended before the failure is told', async () => {
  let isOver = false;
  const slow = new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve))).then(() => {
    isOver = true;
  });
  await expect(together([Promise.reject(new Error('at once')), slow])).rejects.toThrow('at once');
  expect(isOver).toBe(true);
});
