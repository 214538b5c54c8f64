// When the next hop's answer is lost, nobody knows whether it took the letter: it is sent once more, under the same name, and never a
// third time. RFC 1047, RFC 5321 §4.1.1.4.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterEach, expect, test, vi } from 'vitest';
import { signal } from '../../src/database/processes.ts';
import { closeHops } from '../relay/next-hops.ts';
import { address } from '../support/address.ts';
import { until } from '../support/until.ts';
import { onEachEngine } from './engines.ts';
import { openRelayWorld, openTaker } from './relay-world.ts';

// Schedules and leases are waited for, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

type World = Awaited<ReturnType<typeof openRelayWorld>>;
let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
  await closeHops();
});

const hospital = { address: address('secretariat@hopital.autre.mssante.fr'), notify: ['success' as const, 'failure' as const] };
const clinic = { ...hospital, address: address('accueil@clinique.autre.mssante.fr') };
const namesOf = (letters: readonly (readonly string[])[]) => letters.map((lines) => lines.find((line) => line.startsWith('Message-ID: ')));
const isFinished = (one: World, rowId: string) => async () => (await one.row(rowId)).state !== 'waiting';

onEachEngine((engine) => {
  test('a next hop that takes the letter and drops the connection before its answer has it twice, and its sender hears of one', async () => {
    const taker = await openTaker((socket, count) => void (count === 1 ? socket.destroy() : socket.write('250 taken\r\n')));
    world = await openRelayWorld(taker.port, engine.redisUrl);
    const { rowId, letterId } = await world.owe([hospital, clinic]);
    await world.work();
    await until('the letter is there', () => taker.letters.length === 1);
    await until('it is put off', async () => (await world?.row(rowId))?.last_error === 'put-off-by-next-hop');
    world.pass(1);
    await until('the row is finished', isFinished(world, rowId));
    expect(new Set(namesOf(taker.letters)).size).toBe(1);
    expect(taker.letters).toHaveLength(2);
    expect((await world.told()).map((one) => one.action)).toEqual(['relayed', 'relayed']);
    expect((await world.course(letterId)).map(({ state }) => state)).toEqual(['relayed', 'relayed']);
  });
});

test('one that never answers has it twice and no more, and the sender is told that nobody knows', async () => {
  const taker = await openTaker((socket) => void socket.destroy());
  world = await openRelayWorld(taker.port);
  const { rowId, letterId } = await world.owe([hospital]);
  await world.work();
  await until('it is put off', async () => (await world?.row(rowId))?.last_error === 'put-off-by-next-hop');
  world.pass(1);
  await until('the row is finished', isFinished(world, rowId));
  for (const hours of [1, 10, 40]) {
    world.pass(hours);
    await world.deadlinesLookedAt();
  }
  expect(taker.letters).toHaveLength(2);
  expect(await world.told()).toMatchObject([{ action: 'failed', status: '4.4.2', code: 'not-confirmed-there' }]);
  expect((await world.course(letterId)).map(({ state, finalAt }) => [state, finalAt !== null])).toEqual([['refused', true]]);
});

test('a gateway killed between the next hop’s answer and its own next write sends once more, and tells its sender once', async () => {
  let first = () => {};
  const answered = new Promise<void>((resolve) => {
    first = resolve;
  });
  let locked: Promise<unknown> | undefined;
  let release = () => {};
  const opened = await openTaker(async (socket, count) => {
    // The row is kept from the process that is about to write what it hears.
    if (count === 1) await keepRow();
    socket.write('250 taken\r\n');
    if (count === 1) first();
  });
  const town = await openRelayWorld(opened.port);
  world = town;
  const { rowId, letterId } = await town.owe([hospital]);
  const keepRow = () =>
    new Promise<void>((isLocked) => {
      locked = town.database.db.transaction().execute(async (trx) => {
        await sql`select from outbox where id = ${rowId} for update`.execute(trx);
        isLocked();
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      });
    });
  const script = fileURLToPath(new URL('./relay-process.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', script, JSON.stringify(town.database.connection), town.folder, String(opened.port)],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const exited = once(child, 'exit');
  await answered;
  await until('it waits to write', async () => {
    const { rows } = await sql<{ count: number }>`
      select count(*)::integer as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(town.database.db);
    return (rows[0]?.count ?? 0) > 0;
  });
  signal(child.pid ?? 0, 'SIGKILL');
  await exited;
  release();
  await locked;
  await town.work();
  town.pass(1);
  await until('the row is finished', isFinished(town, rowId), 60_000);
  expect(new Set(namesOf(opened.letters)).size).toBe(1);
  expect(opened.letters).toHaveLength(2);
  expect(await town.told()).toMatchObject([{ action: 'relayed' }]);
  expect((await town.course(letterId)).map(({ state, finalAt }) => [state, finalAt !== null])).toEqual([['relayed', true]]);
});
