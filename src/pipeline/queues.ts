// The queue behind one small interface, and its engine: BullMQ on PostgreSQL (architecture §3). The queue carries names alone;
// what is to be done and how it went stay in the outbox, so a queue that loses everything loses nothing.
import { createPostgresBackend, Queue, Worker } from 'bullmq';
import type { ConnectionOptions } from '../database/connect.ts';
import type { DueRow } from '../delivery/outbox.ts';
import { type PipelineEvents, withoutMessage } from './events.ts';

/** Rows on their way to a worker. */
export interface RowQueue {
  /** Adds rows; one that is already waiting is left as it is. Returns the ids of those not taken, because a job of theirs is under way. */
  add(rows: readonly DueRow[]): Promise<string[]>;
  /** Rows waiting for a worker. */
  waiting(): Promise<number>;
  close(): Promise<void>;
}

/** Workers of one process. */
export interface RowWorkers {
  /** Takes no new row, and resolves once those under way have ended. */
  close(): Promise<void>;
}

/** How the engine reaches PostgreSQL, and its pace. */
export type QueueOptions = {
  readonly connection: ConnectionOptions;
  readonly events: PipelineEvents;
};

/** `lockMs`: how long a killed process keeps a row from the others. */
export type WorkerOptions = QueueOptions & { readonly concurrency: number; readonly lockMs: number };

const queueName = 'outbox';

/** BullMQ's tables stand in a schema of their own, made and upgraded by BullMQ. */
const schema = 'bullmq';

/** Connections of the queue, and again of the workers, which add one that listens. */
const connectionsEach = 3;

const leavesWhenEnded = { removeOnComplete: true, removeOnFail: true } as const;

/** A job fails only when the database was away: the row's own schedule knows nothing of it. Later, the sweep takes over. */
const triedAgainAtOnce = { attempts: 6, backoff: { type: 'exponential', delay: 500 } } as const;

/** Opens the queue; its tables exist when this resolves. */
export async function openQueue(options: QueueOptions): Promise<RowQueue> {
  const queue = new Queue(queueName, { connection: engineConnection(options.connection) }, createPostgresBackend);
  queue.on('error', (error) => options.events.engineFailed(withoutMessage(error)));
  await queue.waitUntilReady();
  return {
    add: async (rows) => {
      // The row's id is the job's: BullMQ ignores a second job of that name while the first is there. Jobs leave the queue when they end,
      // a moment after their row was written: taken now, a row that is to be tried again at once would be ignored and then forgotten.
      const underWay = new Set(await queue.getRanges(['active'], 0, -1));
      const jobs = rows
        .filter((row) => !underWay.has(row.id))
        .map((row) => ({ name: row.kind, data: {}, opts: { ...leavesWhenEnded, ...triedAgainAtOnce, jobId: row.id } }));
      if (jobs.length > 0) await queue.addBulk(jobs);
      return rows.map((row) => row.id).filter((id) => underWay.has(id));
    },
    waiting: () => queue.getWaitingCount(),
    close: () => queue.close(),
  };
}

/** Starts workers that call `run` with the id of one row after another. */
export async function startWorkers(run: (rowId: string) => Promise<void>, options: WorkerOptions): Promise<RowWorkers> {
  const worker = new Worker(
    queueName,
    async (job) => {
      if (job.id !== undefined) await run(job.id);
    },
    {
      connection: engineConnection(options.connection),
      concurrency: options.concurrency,
      lockDuration: options.lockMs,
      stalledInterval: options.lockMs,
      // The outbox counts attempts and gives up; a job that outlived several processes is simply run again.
      maxStalledCount: 1_000_000,
      // After a connection that failed: fifteen seconds by default, too long for a database that restarts in two.
      runRetryDelay: 2000,
    },
    createPostgresBackend,
  );
  worker.on('error', (error) => options.events.engineFailed(withoutMessage(error)));
  await worker.waitUntilReady();
  return { close: () => worker.close() };
}

function engineConnection(connection: ConnectionOptions): ConnectionOptions & { schema: string; migrate: true; max: number } {
  return { ...connection, schema, migrate: true, max: connectionsEach };
}
