// Each row is done exactly once in effect, whatever is killed, cut or lost on the way. Architecture §3 « swept until a job is done ».
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import { deliveryMigrations } from '../../src/delivery/migrations/set.ts';
import { addToOutbox } from '../../src/delivery/outbox.ts';
import { Pipeline, type PipelineOptions } from '../../src/pipeline/pipeline.ts';
import { openPostgresEngine } from '../../src/pipeline/queues/postgres-engine.ts';
import type { QueueEngine } from '../../src/pipeline/queues/queue-engine.ts';
import { openRedisEngine } from '../../src/pipeline/queues/redis-engine.ts';
import { OutboxSweep } from '../../src/pipeline/sweep-outbox.ts';
import { task } from '../../src/pipeline/task.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';
import { countEffects, countRows, createEffectTables, oweEffects, servicesFor, writeEffect } from './effects.ts';
import { engineOf, onEachEngine, type TestEngine } from './engines.ts';

const concurrency = { here: 4, outside: 4, upkeep: 1 };

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

onEachEngine((engine) => {
  test('a process killed in the middle, three times, leaves no row undone', async () => {
    await oweEffects(database.db, 1, 600);
    for (let round = 1; round <= 3; round += 1) {
      const child = startProcess(engine);
      const before = await countRows(database.db, 'done');
      await until('it has done some rows', async () => (await countRows(database.db, 'done')) > before + 20, 60_000);
      await kill(child);
    }
    startProcess(engine);
    await until('all rows are done', async () => (await countRows(database.db, 'done')) === 600, 90_000);
    expect(await countEffects(database.db)).toBe(600);
    expect(await countRows(database.db, 'dead')).toBe(0);
  }, 180_000);

  test('connections cut by the database, again and again, delay the work and lose none', async () => {
    await oweEffects(database.db, 1, 300);
    await start(engine);
    // The test's own connections are cut as well.
    const done = () => countRows(database.db, 'done').catch(() => 0);
    for (let cut = 1; cut <= 4; cut += 1) {
      await until('some more rows are done', async () => (await done()) >= cut * 20);
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`.execute(
        database.db,
      );
    }
    await until('all rows are done', async () => (await done()) === 300, 40_000);
    expect(await countEffects(database.db)).toBe(300);
  }, 60_000);

  test('jobs that vanish from the queue are handed over again', async () => {
    const queues = await openQueues(engine);
    const sweep = sweepInto(queues, 300);
    try {
      await oweEffects(database.db, 1, 30);
      await until('rows are handed over', async () => {
        sweep.poke();
        return (await waiting(queues)) > 0;
      });
      await sweep.stop();
      await emptyQueues(engine);
      expect(await waiting(queues)).toBe(0);
    } finally {
      await sweep.stop();
      await queues.close();
    }
    await start(engine);
    await until('all rows are done', async () => (await countRows(database.db, 'done')) === 30);
  });

  test('rows handed over twice are begun once', async () => {
    const queues = await openQueues(engine);
    const sweep = sweepInto(queues, 1);
    try {
      await oweEffects(database.db, 1, 30);
      // A lease of a millisecond: each poll hands the same rows over again.
      await until('rows are handed over again and again', async () => {
        sweep.poke();
        return (await waiting(queues)) >= 24;
      });
    } finally {
      await sweep.stop();
      await queues.close();
    }
    await start(engine);
    await until('all rows are done', async () => (await countRows(database.db, 'done')) === 30);
    await until('the queue is empty', async () => {
      const look = await openQueues(engine);
      const left = await waiting(look).catch(() => 1);
      await look.close();
      return left === 0;
    });
    const { rows } = await sql<{ runs: number }>`select count(*) as runs from runs`.execute(database.db);
    expect(rows[0]?.runs).toBe(30);
  });

  test('work that is slower than its lease is left to whoever does it', async () => {
    let runs = 0;
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = task({
      name: 'slow',
      payload: z.strictObject({}),
      lane: 'outside',
      retry: { firstDelayMs: 10, longestDelayMs: 10, giveUpAfterMs: 60_000 },
      run: async () => {
        runs += 1;
        await released;
        return { do: 'done' };
      },
    });
    await owe('slow');
    // Leases of 0.6 s, renewed while the work goes on; two processes would like to have it.
    await start(engine, { tasks: [slow, writeEffect], lockMs: 200, handOverLeaseMs: 100 });
    const other = await startAnother(engine, { tasks: [slow, writeEffect], lockMs: 200, handOverLeaseMs: 100 });
    try {
      await until('it has begun', () => runs === 1);
      const { rows } = await sql<{ first: Date }>`select next_attempt_at as first from outbox where kind = 'slow'`.execute(database.db);
      await until('its lease was renewed three times over', async () => {
        const now = await sql<{ at: Date }>`select next_attempt_at as at from outbox where kind = 'slow'`.execute(database.db);
        return (now.rows[0]?.at.getTime() ?? 0) > (rows[0]?.first.getTime() ?? 0) + 1800;
      });
      expect(runs).toBe(1);
      release();
      await until('it is done', async () => (await countRows(database.db, 'done')) === 1);
      expect(runs).toBe(1);
    } finally {
      await other.stop();
    }
  });
});

describe('queues on PostgreSQL', () => {
  const engine = engineOf('PostgreSQL');

  test('rows that the queue could not take are handed over at the next poll, not a minute later', async () => {
    const services = servicesFor(database.db, tmpdir());
    const queues = await openQueues(engine);
    const sweep = sweepInto(queues, 60_000, services);
    try {
      await sql`
        create function bullmq.refuse() returns trigger language plpgsql as $$ begin raise 'not now'; end $$`.execute(database.db);
      await sql`create trigger refuse before insert on bullmq.job execute function bullmq.refuse()`.execute(database.db);
      await oweEffects(database.db, 1, 30);
      sweep.poke();
      await until('the queue has refused', () => services.told.some(({ event }) => event === 'engineFailed'));
      await sql`drop function bullmq.refuse() cascade`.execute(database.db);
      await until('all rows are handed over', async () => (await waiting(queues)) > 0);
    } finally {
      await sweep.stop();
      await queues.close();
    }
    await start(engine);
    await until('all rows are done', async () => (await countRows(database.db, 'done')) === 30);
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
    await start(engine, { tasks: [firstFails, writeEffect], lockMs: 60_000 });
    await owe('first-fails');
    await until('the first attempt has begun', () => begun.length === 1);
    await database.db.transaction().execute(async (trx) => {
      // Keeps the job from leaving the queue.
      await sql`select from bullmq.job for update`.execute(trx);
      begun[0]?.();
      await until('the row is done by another job', async () => (await countRows(database.db, 'done')) === 1);
    });
  });
});

describe('queues on Redis', () => {
  const engine = engineOf('Redis');

  test('a gateway starts without its Redis, and the work is done when it comes', async () => {
    await engine.redis.kill();
    const services = servicesFor(database.db, tmpdir());
    await start(engine, { services });
    await oweEffects(database.db, 1, 30);
    pipeline?.poke();
    await until('it was said', () => services.told.some(({ event }) => event === 'engineFailed'));
    expect(await countRows(database.db, 'done')).toBe(0);
    await engine.redis.restart('empty');
    await until('all rows are done', async () => (await countRows(database.db, 'done')) === 30);
  });

  test('a Redis killed and emptied again and again delays the work and loses none', async () => {
    await start(engine, { handOverLeaseMs: 500 });
    for (let kill = 1; kill <= 4; kill += 1) {
      await oweEffects(database.db, kill * 200 - 199, kill * 200);
      pipeline?.poke();
      await until('some more rows are done', async () => (await countRows(database.db, 'done')) > (kill - 1) * 200);
      if (kill % 2 === 0) await engine.redis.flush();
      else await engine.redis.restart('empty');
    }
    await until('all rows are done', async () => (await countRows(database.db, 'done')) === 800, 40_000);
    expect(await countEffects(database.db)).toBe(800);
  }, 60_000);

  test('a Redis that does not answer keeps neither the sweep nor a transaction waiting for long', async () => {
    const services = servicesFor(database.db, tmpdir());
    const queues = await openQueues(engine);
    const sweep = sweepInto(queues, 60_000, services);
    await until('Redis is reached', () =>
      queues.waiting('here').then(
        () => true,
        () => false,
      ),
    );
    engine.redis.freeze();
    try {
      await oweEffects(database.db, 1, 30);
      sweep.poke();
      await until('the sweep has given up', () => services.told.some(({ event }) => event === 'engineFailed'), 20_000);
      const { rows } = await sql`
        select from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`.execute(database.db);
      expect(rows).toEqual([]);
      await until('the rows are due again', async () => {
        const due = await sql`select from outbox where next_attempt_at <= now()`.execute(database.db);
        return due.rows.length === 30;
      });
    } finally {
      engine.redis.wake();
      await sweep.stop();
      await queues.close();
    }
    await start(engine);
    await until('all rows are done', async () => (await countRows(database.db, 'done')) === 30);
  }, 60_000);

  test('a pipeline stops while its Redis is away', async () => {
    await start(engine);
    await oweEffects(database.db, 1, 5);
    pipeline?.poke();
    await until('all rows are done', async () => (await countRows(database.db, 'done')) === 5);
    await engine.redis.kill();
    await pipeline?.stop();
    await engine.redis.restart('empty');
  });
});

async function openQueues({ redisUrl }: TestEngine): Promise<QueueEngine> {
  const { events } = servicesFor(database.db, tmpdir());
  if (redisUrl === undefined) return openPostgresEngine(database.connection, { events, lockMs: 1000 });
  return openRedisEngine(redisUrl, { events, lockMs: 1000, reachable: () => {} });
}

/** A sweep with nobody to work on what it hands over. */
function sweepInto(queues: QueueEngine, handOverLeaseMs: number, services = servicesFor(database.db, tmpdir())): OutboxSweep {
  const { db, events, clock } = services;
  const tasks = new Map([[writeEffect.name, writeEffect]]);
  return new OutboxSweep({ db, events, clock, queues, tasks, concurrency, pollMs: 30, handOverLeaseMs });
}

async function waiting(queues: QueueEngine): Promise<number> {
  return await queues.waiting('here').catch(() => 0);
}

async function emptyQueues(engine: TestEngine): Promise<void> {
  if (engine.name === 'Redis') await engine.redis.flush();
  else await sql`delete from bullmq.job`.execute(database.db);
}

async function owe(kind: string): Promise<void> {
  await database.db.transaction().execute((trx) => addToOutbox(trx, [{ kind, payload: {} }], new Date()));
}

async function start(engine: TestEngine, options: Partial<PipelineOptions> = {}): Promise<void> {
  pipeline = await startAnother(engine, options);
}

async function startAnother({ redisUrl }: TestEngine, options: Partial<PipelineOptions>): Promise<Pipeline> {
  const services = servicesFor(database.db, tmpdir());
  const started = new Pipeline({
    ...{ services, tasks: [writeEffect], connection: database.connection, redisUrl, concurrency, pollMs: 30, lockMs: 1000 },
    ...options,
  });
  await started.start();
  return started;
}

function startProcess({ redisUrl }: TestEngine): ChildProcess {
  const script = fileURLToPath(new URL('worker-process.ts', import.meta.url));
  const options = ['--import', 'tsx', script, JSON.stringify(database.connection), ...(redisUrl === undefined ? [] : [redisUrl])];
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
