// Where pipelines are started on an outbox of their own, with work whose effects can be counted. Declared inside a describe.
import { tmpdir } from 'node:os';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import type { ConnectionOptions } from '../../src/database/connect.ts';
import type { Db } from '../../src/database/tables.ts';
import { deliveryMigrations } from '../../src/delivery/migrations/set.ts';
import { addToOutbox } from '../../src/delivery/outbox.ts';
import { Pipeline, type PipelineOptions } from '../../src/pipeline/pipeline.ts';
import { openPostgresEngine } from '../../src/pipeline/queues/postgres-engine.ts';
import type { QueueEngine } from '../../src/pipeline/queues/queue-engine.ts';
import { openRedisEngine } from '../../src/pipeline/queues/redis-engine.ts';
import { OutboxSweep } from '../../src/pipeline/sweep-outbox.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createEffectTables, servicesFor, writeEffect } from './effects.ts';
import type { TestEngine } from './engines.ts';

const concurrency = { here: 4, outside: 4, upkeep: 1 };

/** A database for this describe, emptied after each test; what was started is stopped then. */
export function openYard(engine: TestEngine) {
  let database: TestDatabase;
  const running: Pipeline[] = [];

  beforeAll(async () => {
    database = await createTestDatabase([mailboxesMigrations, deliveryMigrations]);
    await createEffectTables(database.db);
  });
  const rest = async () => void (await Promise.all(running.splice(0).map((pipeline) => pipeline.stop())));
  afterEach(async () => {
    await rest();
    await sql`truncate outbox, runs, effects`.execute(database.db);
  });
  afterAll(() => database.close());

  return {
    get db(): Db {
      return database.db;
    },
    get connection(): ConnectionOptions {
      return database.connection;
    },
    services: () => servicesFor(database.db, tmpdir()),
    /** Owes work of a kind, so many times. */
    async owe(kind: string, times = 1): Promise<void> {
      const items = Array.from({ length: times }, () => ({ kind, payload: {} }));
      await database.db.transaction().execute((trx) => addToOutbox(trx, items, new Date()));
    },
    /** Starts another process's pipeline. */
    async start(options: Partial<PipelineOptions> = {}): Promise<Pipeline> {
      const { connection } = database;
      const services = servicesFor(database.db, tmpdir());
      const own = { services, tasks: [writeEffect], connection, redisUrl: engine.redisUrl, concurrency, pollMs: 30, lockMs: 1000 };
      const pipeline = new Pipeline({ ...own, ...options });
      running.push(pipeline);
      await pipeline.start();
      return pipeline;
    },
    /** Stops what was started. */
    rest,
    /** The queues alone, with nobody who works. To be closed by whoever opens them. */
    openQueues(): Promise<QueueEngine> {
      const { events } = servicesFor(database.db, tmpdir());
      if (engine.redisUrl === undefined) return openPostgresEngine(database.connection, { events, lockMs: 1000 });
      return openRedisEngine(engine.redisUrl, { events, lockMs: 1000, reachable: () => {} });
    },
    /** A sweep with nobody to work on what it hands over. */
    sweepInto(queues: QueueEngine, handOverLeaseMs: number, services = servicesFor(database.db, tmpdir())): OutboxSweep {
      const { db, events, clock } = services;
      const tasks = new Map([[writeEffect.name, writeEffect]]);
      return new OutboxSweep({
        citizensDomain: 'patient.mssante.fr',
        db,
        events,
        clock,
        queues,
        tasks,
        periodic: [],
        concurrency,
        pollMs: 30,
        handOverLeaseMs,
      });
    },
  };
}

/** Jobs that wait in the lane of the counted work; none when it cannot be asked. */
export async function waiting(queues: QueueEngine): Promise<number> {
  return await queues.waiting('here').catch(() => 0);
}
