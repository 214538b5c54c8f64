// A Redis that is away, emptied, frozen or full: the work is later, never lost, and the gateway goes on.
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { countEffects, countRows, oweEffects } from './effects.ts';
import { engineOf } from './engines.ts';
import { openYard } from './yard.ts';

describe('queues on Redis', () => {
  const engine = engineOf('Redis');
  const yard = openYard(engine);

  test('a gateway starts without its Redis, and the work is done when it comes', async () => {
    await engine.redis.kill();
    const services = yard.services();
    const pipeline = await yard.start({ services });
    await oweEffects(yard.db, 1, 30);
    pipeline.poke();
    await until('it was said', () => services.told.some(({ event }) => event === 'engineFailed'));
    expect(await countRows(yard.db, 'done')).toBe(0);
    await engine.redis.restart('empty');
    await until('all rows are done', async () => (await countRows(yard.db, 'done')) === 30);
  });

  test('a Redis killed and emptied again and again delays the work and loses none', async () => {
    const pipeline = await yard.start({ handOverLeaseMs: 500 });
    for (let kill = 1; kill <= 4; kill += 1) {
      await oweEffects(yard.db, kill * 200 - 199, kill * 200);
      pipeline.poke();
      await until('some more rows are done', async () => (await countRows(yard.db, 'done')) > (kill - 1) * 200);
      if (kill % 2 === 0) await engine.redis.flush();
      else await engine.redis.restart('empty');
    }
    await until('all rows are done', async () => (await countRows(yard.db, 'done')) === 800, 40_000);
    expect(await countEffects(yard.db)).toBe(800);
  }, 60_000);

  test('a Redis that does not answer keeps neither the sweep nor a transaction waiting for long', async () => {
    const services = yard.services();
    const queues = await yard.openQueues();
    const sweep = yard.sweepInto(queues, 60_000, services);
    await until('Redis is reached', () =>
      queues.waiting('here').then(
        () => true,
        () => false,
      ),
    );
    await engine.redis.freeze();
    try {
      await oweEffects(yard.db, 1, 30);
      sweep.poke();
      await until('the sweep has given up', () => services.told.some(({ event }) => event === 'engineFailed'), 20_000);
      const { rows } = await sql`
        select from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`.execute(yard.db);
      expect(rows).toEqual([]);
      await until('the rows are due again', async () => {
        const due = await sql`select from outbox where next_attempt_at <= now()`.execute(yard.db);
        return due.rows.length === 30;
      });
    } finally {
      engine.redis.wake();
      await sweep.stop();
      await queues.close();
    }
    await yard.start();
    await until('all rows are done', async () => (await countRows(yard.db, 'done')) === 30);
  }, 60_000);

  test('a pipeline stops while its Redis is away', async () => {
    const pipeline = await yard.start();
    await oweEffects(yard.db, 1, 5);
    pipeline.poke();
    await until('all rows are done', async () => (await countRows(yard.db, 'done')) === 5);
    await engine.redis.kill();
    await pipeline.stop();
    await engine.redis.restart('empty');
  });

  test('a pipeline stops while its Redis does not answer, and leaves no connection behind', async () => {
    const pipeline = await yard.start();
    await oweEffects(yard.db, 1, 5);
    pipeline.poke();
    await until('all rows are done', async () => (await countRows(yard.db, 'done')) === 5);
    await engine.redis.freeze();
    try {
      await pipeline.stop();
    } finally {
      engine.redis.wake();
    }
    await until('nobody is connected', async () => (await engine.redis.clients()) === 0);
  });

  test('a Redis whose memory is full is not asked thousands of times, and the work is done once it has room', async () => {
    await engine.redis.fill();
    const services = yard.services();
    const refused = () => services.told.filter(({ event }) => event === 'engineFailed').length;
    try {
      await yard.start({ services });
      await oweEffects(yard.db, 1, 30);
      // The three lanes and the sweep say so; they then wait, two seconds each.
      await until('it was said', () => refused() >= 4);
      expect(refused()).toBeLessThan(50);
      expect(await countRows(yard.db, 'done')).toBe(0);
    } finally {
      await engine.redis.makeRoom();
    }
    await until('all rows are done', async () => (await countRows(yard.db, 'done')) === 30);
  });
});
