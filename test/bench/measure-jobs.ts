// Pieces of work a second through the pipeline (outbox row, sweep, queue, attempt, row settled) beside BullMQ alone, on both engines,
// in turns: what else the machine does in the meantime slows both.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import pino from 'pino';
import { z } from 'zod';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import { programsFolder } from '../../src/config/default-folders.ts';
import { type ConnectionOptions, connect } from '../../src/database/connect.ts';
import { startEmbeddedServer } from '../../src/database/embedded/server.ts';
import { migrateAll } from '../../src/database/migrate.ts';
import type { Db } from '../../src/database/tables.ts';
import { deliveryMigrations } from '../../src/delivery/migrations/set.ts';
import { addToOutbox } from '../../src/delivery/outbox.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import { task } from '../../src/pipeline/task.ts';
import { servicesFor } from '../pipeline/effects.ts';
import { startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { type JobsLoad, rawOnPostgres, rawOnRedis } from './raw-jobs.ts';
import type { Row } from './rows.ts';

/** What is measured: `rounds` of each, after one that warms up. */
export type JobsPlan = { readonly jobs: number; readonly rounds: number };

/** A database and a queue as durable as an operator would have them. */
type JobsWorld = { readonly db: Db; readonly connection: ConnectionOptions; readonly folder: string };

/** The lines of the table, and what is wrong: work done twice, or not at all. */
export async function measureJobs({ jobs, rounds }: JobsPlan): Promise<{ rows: Row[]; problems: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-bench-'));
  const server = await startEmbeddedServer(
    { dataDir: folder, programsDir: programsFolder(), sharedBuffersBytes: 128 * 1024 * 1024, maxConnections: 100, durable: true },
    pino({ level: 'silent' }),
  );
  const { connection } = server;
  const db = connect({ ...connection, poolSize: 10 });
  const redis = await startRedis({ keep: 'everysec' });
  const load = { jobs, payload: { number: 1, text: 'x'.repeat(200) }, addedAtOnce: 200, concurrency: 16 };
  const world = { db, connection, folder };
  const problems: string[] = [];
  try {
    await migrateAll(db, [mailboxesMigrations, deliveryMigrations]);
    const onPostgres = await inTurns(
      rounds,
      () => rawOnPostgres(connection, load),
      () => ours(world, undefined, load, problems),
    );
    const onRedis = await inTurns(
      rounds,
      () => rawOnRedis(redis.url, load),
      () => ours(world, redis.url, load, problems),
    );
    return { rows: [...rowsOf('PostgreSQL', onPostgres), ...rowsOf('Redis, appendfsync everysec', onRedis)], problems };
  } finally {
    await redis.stop();
    await db.destroy();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

type Turn = { readonly raw: number; readonly ours: number };

async function inTurns(rounds: number, raw: () => Promise<number>, pipeline: () => Promise<number>): Promise<Turn[]> {
  const turns: Turn[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const turn = { raw: await raw(), ours: await pipeline() };
    if (round > 0) turns.push(turn);
  }
  return turns;
}

function rowsOf(engine: string, turns: readonly Turn[]): Row[] {
  const ratios = turns.map((turn) => turn.ours / turn.raw);
  const detail = `${median(ratios).toFixed(2)} of it (in turns: ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')})`;
  return [
    { what: `jobs, BullMQ alone on ${engine}`, value: median(turns.map((turn) => turn.raw)), unit: '/s' },
    { what: `rows of the outbox, queues on ${engine}`, value: median(turns.map((turn) => turn.ours)), unit: '/s', detail },
  ];
}

/** Rows a second, from the first that is owed to the last that is settled. */
async function ours(
  { db, connection, folder }: JobsWorld,
  redisUrl: string | undefined,
  load: JobsLoad,
  problems: string[],
): Promise<number> {
  let runs = 0;
  const nothing = task({
    name: 'nothing',
    payload: z.strictObject({ number: z.int(), text: z.string() }),
    lane: 'here',
    retry: { firstDelayMs: 1000, longestDelayMs: 1000, giveUpAfterMs: 60_000 },
    run: async () => {
      runs += 1;
      return { do: 'done' };
    },
  });
  const concurrency = { here: load.concurrency, outside: load.concurrency, upkeep: 1 };
  const services = servicesFor(db, folder);
  const pipeline = new Pipeline({ services, tasks: [nothing], connection, redisUrl, concurrency });
  await pipeline.start();
  try {
    await carryOutOne(db, pipeline);
    runs = 0;
    const startedAt = performance.now();
    for (let added = 0; added < load.jobs; added += load.addedAtOnce) {
      const items = Array.from({ length: Math.min(load.addedAtOnce, load.jobs - added) }, () => ({
        kind: 'nothing',
        payload: load.payload,
      }));
      await db.transaction().execute((trx) => addToOutbox(trx, items, new Date()));
      pipeline.poke();
    }
    await until('every row was tried', () => runs >= load.jobs, 120_000);
    await until('every row is settled', async () => (await countWaiting(db)) === 0, 10_000);
    const seconds = (performance.now() - startedAt) / 1000;
    if (runs !== load.jobs) problems.push(`${load.jobs} rows made ${runs} attempts`);
    return load.jobs / seconds;
  } finally {
    await pipeline.stop();
    // Each turn begins with an empty table, as BullMQ's turn does with an empty queue.
    await sql`truncate outbox`.execute(db);
  }
}

/** The connections are there once a first row has gone all the way. */
async function carryOutOne(db: Db, pipeline: Pipeline): Promise<void> {
  await db.transaction().execute((trx) => addToOutbox(trx, [{ kind: 'nothing', payload: { number: 0, text: '' } }], new Date()));
  pipeline.poke();
  await until('the first row is settled', async () => (await countWaiting(db)) === 0);
}

async function countWaiting(db: Db): Promise<number> {
  const waiting = db.selectFrom('outbox').select((outbox) => outbox.fn.countAll<number>().as('count'));
  return (await waiting.where('state', '=', 'waiting').executeTakeFirstOrThrow()).count;
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
