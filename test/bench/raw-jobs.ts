// What BullMQ does alone, as its manual shows it: a job per piece of work, nothing behind it. The yardstick of measure-jobs.ts.
import { createPostgresBackend, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { ConnectionOptions } from '../../src/database/connect.ts';

/** What both sides do: so many pieces of work with that payload, added so many at a time, carried out so many at once. */
export type JobsLoad = { readonly jobs: number; readonly payload: object; readonly addedAtOnce: number; readonly concurrency: number };

const name = 'raw';
const leavesWhenEnded = { removeOnComplete: true, removeOnFail: true } as const;

/** Jobs a second through BullMQ on PostgreSQL, from the first that is added to the last that has ended. */
export async function rawOnPostgres(connection: ConnectionOptions, load: JobsLoad): Promise<number> {
  const options = { connection: { ...connection, schema: 'bullmq', migrate: true } };
  const counted = countTo(load.jobs);
  const queue = new Queue(name, { ...options, defaultJobOptions: leavesWhenEnded }, createPostgresBackend);
  const worker = new Worker(name, counted.one, { ...options, concurrency: load.concurrency }, createPostgresBackend);
  return await measure(queue, worker, counted.all, load);
}

/** The same on Redis. */
export async function rawOnRedis(url: string, load: JobsLoad): Promise<number> {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  const counted = countTo(load.jobs);
  const queue = new Queue(name, { connection, defaultJobOptions: leavesWhenEnded });
  const worker = new Worker(name, counted.one, { connection, concurrency: load.concurrency });
  try {
    return await measure(queue, worker, counted.all, load);
  } finally {
    connection.disconnect();
  }
}

type RawQueue = {
  waitUntilReady(): Promise<unknown>;
  addBulk(jobs: { name: string; data: object }[]): Promise<unknown>;
  close(): Promise<void>;
};
type RawWorker = { waitUntilReady(): Promise<unknown>; close(): Promise<void> };

async function measure(queue: RawQueue, worker: RawWorker, ended: Promise<void>, load: JobsLoad): Promise<number> {
  await queue.waitUntilReady();
  await worker.waitUntilReady();
  const startedAt = performance.now();
  for (let added = 0; added < load.jobs; added += load.addedAtOnce) {
    await queue.addBulk(Array.from({ length: Math.min(load.addedAtOnce, load.jobs - added) }, () => ({ name, data: load.payload })));
  }
  await ended;
  // Closing waits until the last has left the queue.
  await worker.close();
  const seconds = (performance.now() - startedAt) / 1000;
  await queue.close();
  return load.jobs / seconds;
}

function countTo(jobs: number): { one: () => Promise<void>; all: Promise<void> } {
  let done = 0;
  let resolve = () => {};
  const all = new Promise<void>((resolved) => {
    resolve = resolved;
  });
  const one = async () => {
    done += 1;
    if (done === jobs) resolve();
  };
  return { one, all };
}
