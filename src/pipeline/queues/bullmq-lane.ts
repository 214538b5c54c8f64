// One lane as a BullMQ queue and worker, the same on both engines: what a job holds, when it leaves, and how long it is locked.
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ConnectionOptions,
  type IQueueBackend,
  type JobProgress,
  type JobsOptions,
  type RedisQueueBackend,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { z } from 'zod';
import type { DueRow } from '../../delivery/outbox.ts';
import type { Lane } from '../task.ts';
import type { CarryOut } from './queue-engine.ts';

/** What is used of BullMQ's queue. */
export type LaneQueue = {
  addBulk(jobs: { name: string; data: JobData; opts: JobsOptions }[]): Promise<unknown>;
  getWaitingCount(): Promise<number>;
  close(): Promise<void>;
};

/** What is used of BullMQ's worker. */
export type LaneWorker = { pause(doNotWait: boolean): Promise<void>; close(force?: boolean): Promise<void> };

/** A job names rows with their kind and the attempts they had when they were handed over. */
const jobData = z.object({ rows: z.array(z.tuple([z.string(), z.string(), z.int()])) });
type JobData = z.output<typeof jobData>;

/** A job fails only when the database was away: the row's own schedule knows nothing of it. Later, the sweep takes over. */
const opts: JobsOptions = { removeOnComplete: true, removeOnFail: true, attempts: 6, backoff: { type: 'exponential', delay: 500 } };

/** BullMQ's name of the queue. */
export function queueName(lane: Lane): string {
  return `outbox-${lane}`;
}

/** Adds jobs in one trip. */
export async function addJobs(queue: LaneQueue, jobs: readonly (readonly DueRow[])[]): Promise<void> {
  await queue.addBulk(
    jobs.map((rows) => ({ name: 'rows', data: { rows: rows.map(({ id, kind, attempts }) => [id, kind, attempts]) }, opts })),
  );
}

/** What BullMQ's worker does with a job. One that another version wrote is dropped: its rows come again. */
export function processorOf(lane: Lane, carryOut: CarryOut): (job: { readonly data: unknown }) => Promise<void> {
  return async (job) => {
    const { data } = jobData.safeParse(job.data);
    if (!data) return;
    await carryOut(
      lane,
      data.rows.map(([id, kind, attempts]) => ({ id, kind, attempts })),
    );
  };
}

/** Before a server that refuses what it is asked (its memory is full, it became a replica) is asked again. */
const refusedPauseMs = 2000;

/** BullMQ's worker, but for one thing: after a refusal it would ask again at once, thousands of times a second. */
export class PatientWorker<Backend extends IQueueBackend = RedisQueueBackend, Connection = ConnectionOptions> extends Worker<
  unknown,
  void,
  string,
  Backend,
  JobProgress,
  Connection
> {
  readonly #closing = new AbortController();

  protected override async moveToActive(token: string, name?: string): ReturnType<Worker<unknown, void>['moveToActive']> {
    try {
      return await super.moveToActive(token, name);
    } catch (error) {
      await delay(refusedPauseMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      throw error;
    }
  }

  override async close(force?: boolean): Promise<void> {
    this.#closing.abort();
    await super.close(force);
  }
}

/** The settings of BullMQ's worker. `lockMs`: how long a killed process keeps its jobs from the others. */
export function workerOptions(jobsAtOnce: number, lockMs: number): Omit<WorkerOptions, 'connection'> {
  return {
    concurrency: jobsAtOnce,
    lockDuration: lockMs,
    stalledInterval: lockMs,
    // The outbox counts attempts and gives up; a job that outlived several processes is simply run again.
    maxStalledCount: 1_000_000,
    // After a connection that failed: fifteen seconds by default, too long for a database that restarts in two.
    runRetryDelay: 2000,
  };
}

/** Has what fails inside BullMQ told: it goes on by itself, and an error nobody listens to would end the process. */
export function telling<Part extends { on(event: 'error', listener: (error: Error) => void): unknown }>(
  part: Part,
  tell: (error: Error) => void,
): Part {
  part.on('error', tell);
  return part;
}
