// The outbox is emptied: each row is done, tried again or given up as its task says. Architecture §1 « Later work hangs on an outbox row ».
import { tmpdir } from 'node:os';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createMailbox } from '../../mailboxes/mailbox.ts';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import { UnavailableError } from '../../src/core/errors.ts';
import { deliveryMigrations } from '../../src/delivery/migrations/set.ts';
import { addToOutbox } from '../../src/delivery/outbox.ts';
import { Pipeline, type PipelineOptions } from '../../src/pipeline/pipeline.ts';
import { type AnyTask, task } from '../../src/pipeline/task.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';
import { countEffects, countRows, createEffectTables, oweEffects, servicesFor, writeEffect } from './effects.ts';
import { onEachEngine } from './engines.ts';

onEachEngine((engine) => {
  let database: TestDatabase;
  const running: Pipeline[] = [];

  beforeAll(async () => {
    database = await createTestDatabase([mailboxesMigrations, deliveryMigrations]);
    await createEffectTables(database.db);
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((pipeline) => pipeline.stop()));
    await sql`truncate outbox, runs, effects`.execute(database.db);
  });

  afterAll(() => database.close());

  test('every row is done, once, by two processes sharing one outbox', async () => {
    await oweEffects(database.db, 1, 450);
    await start();
    await start();
    await until('450 rows are done', async () => (await countRows(database.db, 'done')) === 450);
    expect(await countEffects(database.db)).toBe(450);
    const { rows } = await sql<{ runs: number }>`select count(*) as runs from runs`.execute(database.db);
    expect(rows[0]?.runs).toBe(450);
  });

  test('a poke after the commit starts the work at once, long before the next poll', async () => {
    const pipeline = await start({ pollMs: 600_000 });
    await oweEffects(database.db, 1, 1);
    pipeline.poke();
    await until('the row is done', async () => (await countRows(database.db, 'done')) === 1);
  });

  test('a transaction that is rolled back owes nothing', async () => {
    await start();
    const attempt = database.db.transaction().execute(async (trx) => {
      await addToOutbox(trx, [{ kind: 'write-effect', payload: { number: 1 } }], new Date());
      throw new Error('The letter was refused');
    });
    await expect(attempt).rejects.toThrow('The letter was refused');
    await oweEffects(database.db, 2, 2);
    await until('the other row is done', async () => (await countRows(database.db, 'done')) === 1);
    const { rows } = await sql`select number from effects`.execute(database.db);
    expect(rows).toEqual([{ number: 2 }]);
  });

  test('an unavailable peer is tried again by the schedule, then answered', async () => {
    let tries = 0;
    const { services } = await startWith(
      failing('unsteady', 60_000, () => {
        tries += 1;
        if (tries < 3) throw new UnavailableError('down');
      }),
    );
    await until('the row is done', async () => (await countRows(database.db, 'done')) === 1);
    expect(tries).toBe(3);
    expect(services.told.map((one) => one.event)).toEqual(['taskPostponed', 'taskPostponed']);
  });

  test('work that never succeeds is given up when its schedule ends, and its row says why with a code', async () => {
    const { services } = await startWith(
      failing('hopeless', 3_000, () => {
        throw new UnavailableError('down');
      }),
    );
    await until('the row is dead', async () => (await countRows(database.db, 'dead')) === 1);
    const row = await database.db.selectFrom('outbox').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ state: 'dead', last_error: 'unavailable', finished_at: expect.any(Date) });
    expect(row.attempts).toBeGreaterThan(1);
    expect(services.told.at(-1)).toMatchObject({ event: 'taskDead', facts: { because: 'unavailable' } });
  });

  test('requirement 58: an error that quotes a patient leaves neither the row nor the events saying so', async () => {
    const { services } = await startWith(
      failing('indiscreet', 100, () => {
        throw new Error('279035121518989@patient.mssante.fr: mailbox busy');
      }),
    );
    await until('the row is dead', async () => (await countRows(database.db, 'dead')) === 1);
    expect(JSON.stringify(services.told)).not.toContain('279035121518989');
    const row = await database.db.selectFrom('outbox').select('last_error').executeTakeFirstOrThrow();
    expect(row.last_error).toBe('crashed');
  });

  test('a payload of another shape is given up at once, and an unknown kind waits for a newer program', async () => {
    const later = { kind: 'invented-tomorrow', payload: {} };
    await database.db
      .transaction()
      .execute((trx) => addToOutbox(trx, [{ kind: 'write-effect', payload: { number: 'one' } }, later], new Date()));
    await start();
    await until('the first row is dead', async () => (await countRows(database.db, 'dead')) === 1);
    await until('the second is postponed', async () => {
      const row = await database.db.selectFrom('outbox').selectAll().where('kind', '=', later.kind).executeTakeFirstOrThrow();
      return row.state === 'waiting' && row.last_error === 'unknown-kind';
    });
  });

  test('work that is not due yet waits for its moment', async () => {
    const soon = new Date(Date.now() + 600);
    await database.db
      .transaction()
      .execute((trx) => addToOutbox(trx, [{ kind: 'write-effect', payload: { number: 1 }, notBefore: soon }], new Date()));
    await start();
    await until('the row is done', async () => (await countRows(database.db, 'done')) === 1);
    const { finished_at } = await database.db.selectFrom('outbox').select('finished_at').executeTakeFirstOrThrow();
    expect(finished_at?.getTime()).toBeGreaterThanOrEqual(soon.getTime());
  });

  test('an event that cannot be acted on keeps no row from its worker', async () => {
    // The tables of the directory are not there: nobody can say who is to be blocked.
    const { mailboxId } = await createMailbox(database.db, address('lea.martin@medecin.test.mssante.fr'), 1000, 'professional');
    await sql`insert into message_events (kind, mailbox_id, sender) values ('filed', ${mailboxId}, '279035121518989@patient.mssante.fr')`.execute(
      database.db,
    );
    const services = servicesFor(database.db, tmpdir());
    await oweEffects(database.db, 1, 3);
    await start({ services });
    await until('the rows are done', async () => (await countRows(database.db, 'done')) === 3);
    expect(services.told.map((one) => one.event)).toContain('engineFailed');
    expect(JSON.stringify(services.told)).not.toContain('279035121518989');
    expect(await database.db.selectFrom('message_events').selectAll().execute()).toHaveLength(1);
    await sql`truncate message_events`.execute(database.db);
  });

  test('stopping lets the work under way end', async () => {
    let begun = false;
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = task({
      name: 'slow',
      payload: z.strictObject({}),
      lane: 'here',
      retry: { firstDelayMs: 10, longestDelayMs: 10, giveUpAfterMs: 1000 },
      run: async () => {
        begun = true;
        await released;
        return { do: 'done' };
      },
    });
    const { pipeline } = await startWith(slow);
    await until('the work has begun', () => begun);
    const stopped = pipeline.stop();
    release();
    await stopped;
    expect(await countRows(database.db, 'done')).toBe(1);
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
    await database.db.transaction().execute((trx) =>
      addToOutbox(
        trx,
        Array.from({ length: 4 }, () => ({ kind: 'deaf', payload: {} })),
        new Date(),
      ),
    );
    const concurrency = { here: 1, outside: 1, upkeep: 1 };
    const pipeline = await start({ tasks: [deaf], concurrency, stopGraceMs: 50 });
    await until('the first has begun', () => begun === 1);
    await pipeline.stop();
    const rows = await database.db.selectFrom('outbox').select(['state', 'attempts', 'next_attempt_at']).orderBy('attempts').execute();
    expect(rows.map((row) => row.attempts)).toEqual([0, 0, 0, 1]);
    const underWay = rows.filter((row) => row.attempts === 1);
    expect(underWay.every((row) => row.next_attempt_at.getTime() <= Date.now())).toBe(true);
    release();
    await start({ tasks: [deaf], handOverLeaseMs: 500 });
    await until('another process has done them', async () => (await countRows(database.db, 'done')) === 4);
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
    const { services, pipeline } = await startWith(patient, { stopGraceMs: 50 });
    await until('the work has begun', () => begun);
    await pipeline.stop();
    const row = await database.db.selectFrom('outbox').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ state: 'waiting', last_error: 'gateway-stopped', attempts: 1 });
    expect(row.next_attempt_at.getTime()).toBeLessThanOrEqual(Date.now());
    expect(services.told.map((one) => one.event)).not.toContain('taskCrashed');
  });

  test('a server of somebody else is asked no more often than wished, and waiting for a turn is no attempt', async () => {
    let asked = 0;
    const asking = task({
      name: 'asking',
      payload: z.strictObject({}),
      lane: 'outside',
      retry: { firstDelayMs: 60_000, longestDelayMs: 60_000, giveUpAfterMs: 3_600_000 },
      remote: () => ({ name: `registry-${engine.name}`, perMinute: 300 }),
      run: async () => {
        asked += 1;
        return { do: 'done' };
      },
    });
    // The bucket holds a tenth of a minute's: 30 of 40 go at once, the others wait for 0.2 s each.
    await database.db.transaction().execute((trx) =>
      addToOutbox(
        trx,
        Array.from({ length: 40 }, () => ({ kind: 'asking', payload: {} })),
        new Date(),
      ),
    );
    const startedAt = Date.now();
    await start({ tasks: [asking] });
    await until('all are done', async () => (await countRows(database.db, 'done')) === 40);
    // Ten tokens of 0.2 s each; the clock of the bucket is the gateway's.
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1900);
    expect(asked).toBe(40);
    const { rows } = await sql<{ most: number }>`select max(attempts) as most from outbox`.execute(database.db);
    expect(rows[0]?.most).toBe(1);
  });

  test('housekeeping is owed once per period, however many processes add it', async () => {
    const dayMs = 24 * 3_600_000;
    let runs = 0;
    const sweepTheYard = task({
      name: 'sweep-the-yard',
      payload: z.strictObject({}),
      lane: 'here',
      retry: { firstDelayMs: 10, longestDelayMs: 10, giveUpAfterMs: 1000 },
      everyMs: dayMs,
      run: async () => {
        runs += 1;
        return { do: 'done' };
      },
    });
    let now = new Date('2026-11-22T08:00:00Z');
    const services = { ...servicesFor(database.db, tmpdir()), clock: () => now };
    await start({ services, tasks: [sweepTheYard] });
    await start({ services, tasks: [sweepTheYard] });
    await until('the first day is done', async () => (await countRows(database.db, 'done')) === 1);
    now = new Date(now.getTime() + dayMs);
    await until('the second day is done', async () => (await countRows(database.db, 'done')) === 2);
    expect(runs).toBe(2);
  });

  function failing(name: string, giveUpAfterMs: number, act: () => void): AnyTask {
    return task({
      name,
      payload: z.strictObject({}),
      lane: 'here',
      retry: { firstDelayMs: 20, longestDelayMs: 50, giveUpAfterMs },
      run: async () => {
        act();
        return { do: 'done' };
      },
    });
  }

  async function startWith(one: AnyTask, options: Partial<PipelineOptions> = {}) {
    await database.db.transaction().execute((trx) => addToOutbox(trx, [{ kind: one.name, payload: {} }], new Date()));
    const services = servicesFor(database.db, tmpdir());
    return { services, pipeline: await start({ services, tasks: [one], ...options }) };
  }

  async function start(options: Partial<PipelineOptions> = {}): Promise<Pipeline> {
    const pipeline = new Pipeline({
      services: servicesFor(database.db, tmpdir()),
      tasks: [writeEffect],
      connection: database.connection,
      redisUrl: engine.redisUrl,
      pollMs: 30,
      handOverLeaseMs: 2000,
      lockMs: 1000,
      ...options,
    });
    running.push(pipeline);
    await pipeline.start();
    return pipeline;
  }
});
