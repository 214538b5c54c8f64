// Each row is done exactly once in effect, whatever is killed, cut or lost on the way. Architecture §3 « swept until a job is done ».
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import { deliveryMigrations } from '../../src/delivery/migrations/set.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import { openQueue } from '../../src/pipeline/queues.ts';
import { OutboxSweep } from '../../src/pipeline/sweep-outbox.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';
import { countEffects, countRows, createEffectTables, oweEffects, servicesFor, writeEffect } from './effects.ts';

let database: TestDatabase;
let pipeline: Pipeline | undefined;
const children: ChildProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase([mailboxesMigrations, deliveryMigrations]);
  await createEffectTables(database.db);
});

afterEach(async () => {
  await Promise.all(children.splice(0).map(kill));
  await pipeline?.stop();
  pipeline = undefined;
  await sql`truncate outbox, runs, effects`.execute(database.db);
});

afterAll(() => database.close());

test('a process killed in the middle, three times, leaves no row undone', async () => {
  await oweEffects(database.db, 1, 600);
  for (let round = 1; round <= 3; round += 1) {
    const child = startProcess();
    const before = await countRows(database.db, 'done');
    await until('it has done some rows', async () => (await countRows(database.db, 'done')) > before + 20);
    await kill(child);
  }
  expect(await countRows(database.db, 'waiting')).toBeGreaterThan(0);
  startProcess();
  await until('all rows are done', async () => (await countRows(database.db, 'done')) === 600, 40_000);
  expect(await countEffects(database.db)).toBe(600);
  expect(await countRows(database.db, 'dead')).toBe(0);
}, 60_000);

test('connections cut by the database, again and again, delay the work and lose none', async () => {
  await oweEffects(database.db, 1, 300);
  await start();
  // The test's own connections are cut as well.
  const done = () => countRows(database.db, 'done').catch(() => 0);
  for (let cut = 1; cut <= 4; cut += 1) {
    await until('some more rows are done', async () => (await done()) >= cut * 20);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`.execute(
      database.db,
    );
  }
  await until('all rows are done', async () => (await done()) === 300, 30_000);
  expect(await countEffects(database.db)).toBe(300);
}, 60_000);

test('jobs that vanish from the queue are handed over again', async () => {
  const { told: _told, ...services } = servicesFor(database.db, tmpdir());
  const queue = await openQueue({ connection: database.connection, events: services.events });
  const sweep = new OutboxSweep({ ...services, queue, tasks: [writeEffect], pollMs: 30, handOverLeaseMs: 300 });
  try {
    await oweEffects(database.db, 1, 30);
    sweep.poke();
    await until('all rows are handed over', async () => (await queue.waiting()) === 30);
    await sweep.stop();
    await sql`delete from bullmq.job`.execute(database.db);
    expect(await queue.waiting()).toBe(0);
  } finally {
    await sweep.stop();
    await queue.close();
  }
  await start();
  await until('all rows are done', async () => (await countRows(database.db, 'done')) === 30);
});

async function start(): Promise<void> {
  const services = servicesFor(database.db, tmpdir());
  pipeline = new Pipeline({ services, tasks: [writeEffect], connection: database.connection, concurrency: 4, pollMs: 30, lockMs: 1000 });
  await pipeline.start();
}

function startProcess(): ChildProcess {
  const script = fileURLToPath(new URL('worker-process.ts', import.meta.url));
  const options = ['--import', 'tsx', script, JSON.stringify(database.connection)];
  const child = spawn(process.execPath, options, { stdio: ['ignore', 'ignore', 'inherit'] });
  children.push(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
