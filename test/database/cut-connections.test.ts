// Whatever happens to a connection, everything that was asked on it is answered, and the pool goes on. ADR 0007.
import { once } from 'node:events';
import { type AddressInfo, connect as connectSocket, createServer, type Server, type Socket } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type PoolOptions } from '../../src/database/connect.ts';
import type { Db } from '../../src/database/tables.ts';
import { together } from '../../src/database/together.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
/** Carries bytes between the pool and the server, to be cut. */
let between: Server;
const carried = new Set<Socket>();

beforeAll(async () => {
  database = await createTestDatabase([]);
  await sql`create table kept (round int)`.execute(database.db);
  const { host, port } = ownOptions();
  between = createServer((near) => {
    const far = connectSocket(`${host}/.s.PGSQL.${port}`);
    carried.add(near);
    near.on('error', () => {}).on('close', () => carried.delete(near) && far.destroy());
    far.on('error', () => {}).on('close', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  await once(between.listen(0, '127.0.0.1'), 'listening');
});
afterAll(async () => {
  between.close();
  await database.close();
});

const ends: [name: string, end: () => unknown][] = [
  [
    'ended by the server',
    () =>
      sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`.execute(
        database.db,
      ),
  ],
  ['reset on the way', () => carried.forEach((socket) => void socket.resetAndDestroy())],
  ['closed on the way', () => carried.forEach((socket) => void socket.destroySoon())],
];

test.each(ends)('transactions on connections %s are answered, each statement, and the next ones succeed', async (_, end) => {
  const db = connect({ ...ownOptions(), host: '127.0.0.1', port: (between.address() as AddressInfo).port, poolSize: 3 });
  const asked: Promise<unknown>[] = [];
  const ask = <Answer>(answer: Promise<Answer>): Promise<Answer> => {
    answer.catch(() => {});
    asked.push(answer);
    return answer;
  };
  try {
    for (let round = 1; round <= 10; round += 1) {
      // More than there are connections: some still wait for one.
      const group = Array.from({ length: 5 }, () => ask(busyTransaction(db, round, ask)));
      await until('some statements are under way', () => asked.length > 20);
      await end();
      await Promise.allSettled(group);
      await Promise.allSettled(asked.splice(0));
      await until('a transaction succeeds again', () =>
        busyTransaction(db, round, ask).then(
          () => true,
          () => false,
        ),
      );
      await Promise.allSettled(asked.splice(0));
    }
  } finally {
    await db.destroy();
  }
});

test('a database that is closed carries out what is under way, and refuses what waits and what comes later', async () => {
  const db = connect({ ...ownOptions(), poolSize: 1 });
  await sql`select 1`.execute(db);
  const underWay = db.transaction().execute(async (trx) => {
    await together([sql`insert into kept values (0)`.execute(trx), sql`select pg_sleep(0.2)`.execute(trx)]);
  });
  await until(
    'it has begun',
    async () => (await sql`select from pg_stat_activity where wait_event = 'PgSleep'`.execute(database.db)).rows.length > 0,
  );
  const waiting = expect(sql`select 1`.execute(db)).rejects.toThrow('The database was closed');
  await db.destroy();
  await waiting;
  await underWay;
  expect((await sql`select from kept where round = 0`.execute(database.db)).rows).toHaveLength(1);
  await expect(sql`select 1`.execute(db)).rejects.toThrow('The database was closed');
  await db.destroy();
});

async function busyTransaction(db: Db, round: number, ask: <Answer>(answer: Promise<Answer>) => Promise<Answer>): Promise<void> {
  const keep = (trx: Db) => ask(sql`insert into kept values (${round})`.execute(trx));
  await db.transaction().execute(async (trx) => {
    const chain = async () => {
      for (let link = 0; link < 3; link += 1) await keep(trx);
    };
    await ask(
      together([keep(trx), ask(sql`select pg_sleep(0.002)`.execute(trx)), chain(), ask(sql`select repeat('long', 50000)`.execute(trx))]),
    );
    await keep(trx);
  });
}

function ownOptions(): Extract<PoolOptions, { host: string }> {
  if ('connectionString' in database.connection) throw new Error('The tests run on the embedded server');
  return { ...database.connection, poolSize: 1 };
}
