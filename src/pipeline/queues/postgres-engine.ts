// The queues on PostgreSQL: BullMQ's backend, in a schema of its own that BullMQ makes and upgrades. All lanes share one small pool.
import { createPostgresBackend, type PostgresConnectionOptions, Queue, runMigrations } from 'bullmq';
import pg from 'pg';
import type { ConnectionOptions } from '../../database/connect.ts';
import { type PipelineEvents, withoutMessage } from '../events.ts';
import { inTime } from '../in-time.ts';
import { lanes } from '../lanes.ts';
import type { Lane } from '../task.ts';
import { addJobs, type LaneQueue, type LaneWorker, PatientWorker, processorOf, queueName, telling, workerOptions } from './bullmq-lane.ts';
import type { CarryOut, QueueEngine } from './queue-engine.ts';

/** What BullMQ looks for in a pool that is given to it. */
const schema = 'bullmq';

/** Connections for statements; each lane that is worked on adds one that listens. */
const connections = 4;

/** The engine of a gateway that was given no Redis. Its tables exist when this resolves; rejects when the database cannot be reached. */
export async function openPostgresEngine(
  connection: ConnectionOptions,
  { events, lockMs }: { readonly events: PipelineEvents; readonly lockMs: number },
): Promise<QueueEngine> {
  const pool = new pg.Pool({
    ...connection,
    max: connections + lanes.length,
    options: `-c search_path=${schema}`,
    application_name: 'passerelle-queues',
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  });
  const failed = (error: Error) => events.engineFailed(withoutMessage(error));
  // A client that breaks says so by an event besides failing its statement: without a listener it would end the gateway.
  pool.on('connect', (client) => client.on('error', failed));
  pool.on('error', () => {});
  try {
    const client = await pool.connect();
    try {
      await runMigrations(client, schema, {});
    } finally {
      client.release();
    }
  } catch (error) {
    await pool.end();
    throw error;
  }
  // A pool is what BullMQ takes; its types describe an older pg.
  const shared = pool as unknown as PostgresConnectionOptions;
  const newQueue = (lane: Lane) => telling(new Queue(queueName(lane), { connection: shared }, createPostgresBackend), failed);
  const queues = new Map<Lane, LaneQueue>(lanes.map((lane) => [lane, newQueue(lane)]));
  const workers: LaneWorker[] = [];
  const queueOf = (lane: Lane): LaneQueue => {
    const queue = queues.get(lane);
    if (!queue) throw new Error('A lane has a queue');
    return queue;
  };
  let workersClosed: Promise<unknown> | undefined;
  const closeWorkers = () => (workersClosed ??= Promise.all(workers.map((worker) => worker.close())));
  return {
    add: (lane, jobs) => addJobs(queueOf(lane), jobs),
    waiting: (lane) => queueOf(lane).getWaitingCount(),
    work: (lane: Lane, jobsAtOnce: number, carryOut: CarryOut) => {
      const options = { connection: shared, ...workerOptions(jobsAtOnce, lockMs) };
      workers.push(telling(new PatientWorker(queueName(lane), processorOf(lane, carryOut), options, createPostgresBackend), failed));
    },
    stopTaking: () => void closeWorkers(),
    async close() {
      await inTime(async () => {
        await closeWorkers();
        await Promise.all([...queues.values()].map((queue) => queue.close()));
        await pool.end();
      });
    },
  };
}
