// The queues on Redis, which may be away: when the gateway starts, for a moment, for hours, and may come back with nothing of what it
// held. What is asked of it then is refused at once, and the sweep asks again.
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { UnavailableError } from '../../core/errors.ts';
import { type PipelineEvents, withoutMessage } from '../events.ts';
import { inTime } from '../in-time.ts';
import { lanes } from '../lanes.ts';
import type { Lane } from '../task.ts';
import { addJobs, type LaneQueue, PatientWorker, processorOf, queueName, telling, workerOptions } from './bullmq-lane.ts';
import type { CarryOut, QueueEngine } from './queue-engine.ts';

/** Before each of BullMQ's keys, in a Redis that may serve others. */
const prefix = 'passerelle';

const longestAnswerMs = 5000;
const longestStartMs = 1000;

const reconnects = { retryStrategy: (times: number) => Math.min(100 * times, 2000), connectTimeout: longestAnswerMs };

/** The sweep's connection: it never waits for a Redis that is not there, nor long for one that does not answer. */
const asking = {
  ...reconnects,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  commandTimeout: longestAnswerMs,
  socketTimeout: 2 * longestAnswerMs,
};

/** The workers': it waits for jobs as long as it takes, which BullMQ requires; a socket that says nothing for so long is a dead one. */
const working = { ...reconnects, maxRetriesPerRequest: null, socketTimeout: 6 * longestAnswerMs };

/** `reachable` is called each time Redis can be asked again. */
type RedisPlan = { readonly events: PipelineEvents; readonly lockMs: number; readonly reachable: () => void };

/** The engine of a gateway that was given a Redis. It waits a moment for a Redis that is there; one that is not is awaited in the background. */
export async function openRedisEngine(url: string, { events, lockMs, reachable }: RedisPlan): Promise<QueueEngine> {
  const asks = connectTo(url, asking, events);
  const works = connectTo(url, working, events);
  asks.on('ready', reachable);
  await readyOr(asks, longestStartMs);
  // Its version is not asked for: the question may fail, and BullMQ would keep the failure for ever.
  const reachBy = (connection: Redis) => ({ connection, prefix, skipVersionCheck: true });
  // While the connection is away, each part of BullMQ would say so at each attempt to have it back.
  const failed = (error: Error) => {
    if (works.status === 'ready') events.engineFailed(withoutMessage(error));
  };
  const queues = new Map<Lane, LaneQueue>();
  const workers: PatientWorker[] = [];
  let isClosing = false;
  const queueOf = (lane: Lane): LaneQueue => {
    if (asks.status !== 'ready') throw new UnavailableError('redis');
    const queue = queues.get(lane) ?? telling(new Queue(queueName(lane), reachBy(asks)), failed);
    queues.set(lane, queue);
    return queue;
  };
  return {
    add: async (lane, jobs) => addJobs(queueOf(lane), jobs),
    waiting: async (lane) => queueOf(lane).getWaitingCount(),
    work(lane: Lane, jobsAtOnce: number, carryOut: CarryOut) {
      const start = () => {
        if (isClosing) return;
        const options = { ...reachBy(works), ...workerOptions(jobsAtOnce, lockMs) };
        workers.push(telling(new PatientWorker(queueName(lane), processorOf(lane, carryOut), options), failed));
      };
      // A worker that never was connected cannot be closed: it is made when there is something to be connected to.
      if (works.status === 'ready') start();
      else works.once('ready', start);
    },
    stopTaking() {
      isClosing = true;
      for (const worker of workers) void worker.pause(true);
    },
    async close() {
      isClosing = true;
      // Without its Redis a worker would wait for it, and keep the process alive.
      const isAway = works.status !== 'ready';
      await inTime(async () => {
        await Promise.allSettled(workers.map((worker) => worker.close(isAway)));
        await Promise.all(lanes.map((lane) => queues.get(lane)?.close()));
      });
      asks.disconnect();
      works.disconnect();
      // Nor those of BullMQ's own making, on which workers wait: a Redis that does not answer lets nobody go.
      for (const worker of workers) worker.disconnect().catch(() => undefined);
    },
  };
}

async function readyOr(redis: Redis, longestMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    redis.once('ready', () => resolve());
    timer = setTimeout(resolve, longestMs);
  });
  clearTimeout(timer);
}

/** Says once that a connection is lost, not at each attempt to have it back. */
function connectTo(url: string, options: typeof asking | typeof working, events: PipelineEvents): Redis {
  const redis = new Redis(url, options);
  let isTold = false;
  redis.on('error', (error) => {
    if (!isTold) events.engineFailed(withoutMessage(error));
    isTold = true;
  });
  redis.on('ready', () => {
    isTold = false;
  });
  return redis;
}
