// Who may work on a row, and for how long: what is handed over twice, too early or in vain is begun once.
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { task } from '../../src/pipeline/task.ts';
import { until } from '../support/until.ts';
import { countRows, oweEffects, writeEffect } from './effects.ts';
import { engineOf, onEachEngine } from './engines.ts';
import { slowTask } from './slow-task.ts';
import { openYard, waiting } from './yard.ts';

onEachEngine((engine) => {
  const yard = openYard(engine);

  test('rows handed over twice are begun once', async () => {
    const queues = await yard.openQueues();
    const sweep = yard.sweepInto(queues, 1);
    try {
      await oweEffects(yard.db, 1, 30);
      // A lease of a millisecond: each poll hands the same rows over again.
      await until('rows are handed over again and again', async () => {
        sweep.poke();
        return (await waiting(queues)) >= 24;
      });
    } finally {
      await sweep.stop();
      await queues.close();
    }
    await yard.start();
    await until('all rows are done', async () => (await countRows(yard.db, 'done')) === 30);
    await until('the queue is empty', async () => {
      const look = await yard.openQueues();
      const left = await waiting(look).catch(() => 1);
      await look.close();
      return left === 0;
    });
    const { rows } = await sql<{ runs: number }>`select count(*) as runs from runs`.execute(yard.db);
    expect(rows[0]?.runs).toBe(30);
  });

  test('work that is slower than its lease is left to whoever does it', async () => {
    const slow = slowTask('outside');
    await yard.owe('slow');
    // Leases of 0.6 s, renewed while the work goes on; two processes would like to have it.
    await yard.start({ tasks: [slow.task, writeEffect], lockMs: 200, handOverLeaseMs: 100 });
    await yard.start({ tasks: [slow.task, writeEffect], lockMs: 200, handOverLeaseMs: 100 });
    await until('it has begun', () => slow.runs() === 1);
    const { rows } = await sql<{ first: Date }>`select next_attempt_at as first from outbox where kind = 'slow'`.execute(yard.db);
    await until('its lease was renewed three times over', async () => {
      const now = await sql<{ at: Date }>`select next_attempt_at as at from outbox where kind = 'slow'`.execute(yard.db);
      return (now.rows[0]?.at.getTime() ?? 0) > (rows[0]?.first.getTime() ?? 0) + 1800;
    });
    expect(slow.runs()).toBe(1);
    slow.release();
    await until('it is done', async () => (await countRows(yard.db, 'done')) === 1);
    expect(slow.runs()).toBe(1);
  });
});

describe('queues on PostgreSQL', () => {
  const yard = openYard(engineOf('PostgreSQL'));

  test('rows that the queue could not take are handed over at the next poll, not a minute later', async () => {
    const services = yard.services();
    const queues = await yard.openQueues();
    const sweep = yard.sweepInto(queues, 60_000, services);
    try {
      await sql`
        create function bullmq.refuse() returns trigger language plpgsql as $$ begin raise 'not now'; end $$`.execute(yard.db);
      await sql`create trigger refuse before insert on bullmq.job execute function bullmq.refuse()`.execute(yard.db);
      await oweEffects(yard.db, 1, 30);
      sweep.poke();
      await until('the queue has refused', () => services.told.some(({ event }) => event === 'engineFailed'));
      await sql`drop function bullmq.refuse() cascade`.execute(yard.db);
      await until('all rows are handed over', async () => (await waiting(queues)) > 0);
    } finally {
      await sweep.stop();
      await queues.close();
    }
    await yard.start();
    await until('all rows are done', async () => (await countRows(yard.db, 'done')) === 30);
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
    await yard.start({ tasks: [firstFails, writeEffect], lockMs: 60_000 });
    await yard.owe('first-fails');
    await until('the first attempt has begun', () => begun.length === 1);
    await yard.db.transaction().execute(async (trx) => {
      // Keeps the job from leaving the queue.
      await sql`select from bullmq.job for update`.execute(trx);
      begun[0]?.();
      await until('the row is done by another job', async () => (await countRows(yard.db, 'done')) === 1);
    });
  });
});
