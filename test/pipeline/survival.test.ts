// Each row is done exactly once in effect, whatever is killed, cut or lost on the way. Architecture §3 « swept until a job is done ».
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import { deliveryMigrations } from '../../src/delivery/migrations/set.ts';
import { addToOutbox } from '../../src/delivery/outbox.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import { openQueue } from '../../src/pipeline/queues.ts';
import { OutboxSweep } from '../../src/pipeline/sweep-outbox.ts';
import { type AnyTask, task } from '../../src/pipeline/task.ts';
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

test('rows that the queue could not take are handed over at the next poll, not a minute later', async () => {
  const services = servicesFor(database.db, tmpdir());
  const queue = await openQueue({ connection: database.connection, events: services.events });
  const sweep = new OutboxSweep({ ...services, queue, tasks: [writeEffect], pollMs: 30, handOverLeaseMs: 60_000 });
  try {
    await sql`
      create function bullmq.refuse() returns trigger language plpgsql as $$ begin raise 'not now'; end $$`.execute(database.db);
    await sql`create trigger refuse before insert on bullmq.job execute function bullmq.refuse()`.execute(database.db);
    await oweEffects(database.db, 1, 30);
    sweep.poke();
    await until('the queue has refused', () => services.told.some(({ event }) => event === 'engineFailed'));
    await sql`drop function bullmq.refuse() cascade`.execute(database.db);
    await until('all rows are handed over', async () => (await queue.waiting()) === 30);
  } finally {
    await sweep.stop();
    await queue.close();
  }
});

test('a row that is due again before its job has left the queue is tried again, not forgotten for a minute', async () => {
  const begun: (() => void)[] = [];
  const firstFails = task({
    name: 'first-fails',
    payload: z.strictObject({}),
    lane: 'here',
    retry: { firstDelayMs: 1, longestDelayMs: 1, giveUpAfterMs: 60_000 },
    run: async () => {
      if (begun.length > 0) return { do: 'done' };
      await new Promise<void>((resolve) => begun.push(resolve));
      return { do: 'again', because: 'unavailable' };
    },
  });
  // No look for stalled jobs meanwhile: it would wait for the job kept below, and everybody behind it.
  await start([firstFails, writeEffect], 60_000);
  await database.db.transaction().execute((trx) => addToOutbox(trx, [{ kind: 'first-fails', payload: {} }], new Date()));
  await until('the first attempt has begun', () => begun.length === 1);
  await database.db.transaction().execute(async (trx) => {
    // Keeps the job from leaving the queue.
    await sql`select from bullmq.job for update`.execute(trx);
    begun[0]?.();
    await until(
      'the row is postponed',
      async () => (await sql`select from outbox where last_error is not null`.execute(trx)).rows.length === 1,
    );
    // Handed over by a sweep that met the first row as well.
    await oweEffects(database.db, 1, 1);
    await until('the next row is done', async () => (await countRows(database.db, 'done')) === 1);
  });
  await until('both rows are done', async () => (await countRows(database.db, 'done')) === 2);
});

async function start(tasks: readonly AnyTask[] = [writeEffect], lockMs = 1000): Promise<void> {
  const services = servicesFor(database.db, tmpdir());
  pipeline = new Pipeline({ services, tasks, connection: database.connection, concurrency: 4, pollMs: 30, lockMs });
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
