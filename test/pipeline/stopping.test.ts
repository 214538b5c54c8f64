// A gateway that stops: what ends in time ends, the rest goes back, and no server that does not answer keeps it waiting.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { connect } from '../../src/database/connect.ts';
import { task } from '../../src/pipeline/task.ts';
import { openRoad } from '../support/database-road.ts';
import { until } from '../support/until.ts';
import { countRows, oweEffects } from './effects.ts';
import { onEachEngine } from './engines.ts';
import { slowTask } from './slow-task.ts';
import { openYard } from './yard.ts';

onEachEngine((engine) => {
  const yard = openYard(engine);

  test('stopping lets the work under way end', async () => {
    const slow = slowTask('here');
    await yard.owe('slow');
    const pipeline = await yard.start({ tasks: [slow.task] });
    await until('the work has begun', () => slow.runs() === 1);
    const stopped = pipeline.stop();
    slow.release();
    await stopped;
    expect(await countRows(yard.db, 'done')).toBe(1);
  });

  test('stopping gives back what does not end in time: due at once for another process, and what was not tried is not counted', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let begun = 0;
    const deaf = task({
      name: 'deaf',
      payload: z.strictObject({}),
      lane: 'here',
      retry: { firstDelayMs: 60_000, longestDelayMs: 60_000, giveUpAfterMs: 3_600_000 },
      run: async () => {
        begun += 1;
        await released;
        return { do: 'done' };
      },
    });
    await yard.owe('deaf', 4);
    const concurrency = { here: 1, outside: 1, upkeep: 1 };
    const pipeline = await yard.start({ tasks: [deaf], concurrency, stopGraceMs: 50 });
    await until('the first has begun', () => begun === 1);
    await pipeline.stop();
    const rows = await yard.db.selectFrom('outbox').select(['state', 'attempts', 'next_attempt_at']).orderBy('attempts').execute();
    expect(rows.map((row) => row.attempts)).toEqual([0, 0, 0, 1]);
    const underWay = rows.filter((row) => row.attempts === 1);
    expect(underWay.every((row) => row.next_attempt_at.getTime() <= Date.now())).toBe(true);
    release();
    await yard.start({ tasks: [deaf], handOverLeaseMs: 500 });
    await until('another process has done them', async () => (await countRows(yard.db, 'done')) === 4);
  });

  test('an attempt that gives up because we stop is not a failure: it is due at once and uses up nothing', async () => {
    const patient = task({
      name: 'patient',
      payload: z.strictObject({}),
      lane: 'outside',
      retry: { firstDelayMs: 60_000, longestDelayMs: 60_000, giveUpAfterMs: 1 },
      run: async ({ signal }) => {
        begun = true;
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('279035121518989 was broken off'))));
        return { do: 'done' };
      },
    });
    let begun = false;
    await yard.owe('patient');
    const services = yard.services();
    const pipeline = await yard.start({ services, tasks: [patient], stopGraceMs: 50 });
    await until('the work has begun', () => begun);
    await pipeline.stop();
    const row = await yard.db.selectFrom('outbox').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ state: 'waiting', last_error: 'gateway-stopped', attempts: 1 });
    expect(row.next_attempt_at.getTime()).toBeLessThanOrEqual(Date.now());
    expect(services.told.map((one) => one.event)).not.toContain('taskCrashed');
  });

  test('a database that does not answer keeps nobody from stopping', async () => {
    const road = await openRoad(yard.connection);
    const db = connect({ ...road.connection, poolSize: 2 });
    try {
      const pipeline = await yard.start({ services: { ...yard.services(), db }, connection: road.connection, stopGraceMs: 50 });
      await oweEffects(yard.db, 1, 1);
      pipeline.poke();
      await until('it works', async () => (await countRows(yard.db, 'done')) === 1);
      road.freeze();
      await oweEffects(yard.db, 2, 2);
      pipeline.poke();
      // Three seconds for the sweep, three for the queues, no more for whatever else is asked.
      await pipeline.stop();
    } finally {
      road.close();
      await db.destroy();
    }
  });
});
