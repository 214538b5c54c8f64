// Each row is done exactly once in effect, whatever is killed, cut or lost on the way. Architecture §3 « swept until a job is done ».
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { connect } from '../../src/database/connect.ts';
import { task } from '../../src/pipeline/task.ts';
import { openRoad } from '../support/database-road.ts';
import { until } from '../support/until.ts';
import { countEffects, countRows, oweEffects } from './effects.ts';
import { onEachEngine } from './engines.ts';
import { openYard, waiting } from './yard.ts';

const children: ChildProcess[] = [];

onEachEngine((engine) => {
  const yard = openYard(engine);

  afterEach(async () => {
    await Promise.all(children.splice(0).map(kill));
  });

  test('a process killed in the middle, three times, leaves no row undone', async () => {
    await oweEffects(yard.db, 1, 600);
    for (let round = 1; round <= 3; round += 1) {
      const child = startProcess();
      const before = await countRows(yard.db, 'done');
      await until('it has done some rows', async () => (await countRows(yard.db, 'done')) > before + 20, 60_000);
      await kill(child);
    }
    startProcess();
    await until('all rows are done', async () => (await countRows(yard.db, 'done')) === 600, 90_000);
    expect(await countEffects(yard.db)).toBe(600);
    expect(await countRows(yard.db, 'dead')).toBe(0);
  }, 180_000);

  test('connections cut by the database, again and again, delay the work and lose none', async () => {
    await oweEffects(yard.db, 1, 300);
    await yard.start();
    // The test's own connections are cut as well.
    const done = () => countRows(yard.db, 'done').catch(() => 0);
    for (let cut = 1; cut <= 4; cut += 1) {
      await until('some more rows are done', async () => (await done()) >= cut * 20);
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`.execute(
        yard.db,
      );
    }
    await until('all rows are done', async () => (await done()) === 300, 40_000);
    expect(await countEffects(yard.db)).toBe(300);
  }, 60_000);

  test('jobs that vanish from the queue are handed over again', async () => {
    const queues = await yard.openQueues();
    const sweep = yard.sweepInto(queues, 300);
    try {
      await oweEffects(yard.db, 1, 30);
      await until('rows are handed over', async () => {
        sweep.poke();
        return (await waiting(queues)) > 0;
      });
      await sweep.stop();
      await emptyQueues();
      expect(await waiting(queues)).toBe(0);
    } finally {
      await sweep.stop();
      await queues.close();
    }
    await yard.start();
    await until('all rows are done', async () => (await countRows(yard.db, 'done')) === 30);
  });

  test('a database that restarts while an attempt is made hears its result when it is back: the attempt is not made again', async () => {
    const road = await openRoad(yard.connection);
    const db = connect({ ...road.connection, poolSize: 4 });
    let attempts = 0;
    const unrepeatable = task({
      name: 'unrepeatable',
      payload: z.strictObject({}),
      lane: 'outside',
      retry: { firstDelayMs: 10, longestDelayMs: 10, giveUpAfterMs: 60_000 },
      run: async () => {
        attempts += 1;
        road.cut();
        setTimeout(() => road.open(), 500);
        return { do: 'done', also: async () => undefined };
      },
    });
    try {
      await yard.owe('unrepeatable');
      await yard.start({ services: { ...yard.services(), db }, tasks: [unrepeatable], connection: road.connection, handOverLeaseMs: 500 });
      await until('it is done', async () => (await countRows(yard.db, 'done')) === 1);
      expect(attempts).toBe(1);
      await yard.rest();
    } finally {
      road.close();
      await db.destroy();
    }
  });

  async function emptyQueues(): Promise<void> {
    if (engine.name === 'Redis') await engine.redis.flush();
    else await sql`delete from bullmq.job`.execute(yard.db);
  }

  function startProcess(): ChildProcess {
    const script = fileURLToPath(new URL('worker-process.ts', import.meta.url));
    const { redisUrl } = engine;
    const options = ['--import', 'tsx', script, JSON.stringify(yard.connection), ...(redisUrl === undefined ? [] : [redisUrl])];
    const child = spawn(process.execPath, options, { stdio: ['ignore', 'ignore', 'inherit'] });
    children.push(child);
    return child;
  }
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
