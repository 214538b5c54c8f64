// The pipeline of one process: sweeps the outbox into the queues and works on what they give. Any number of processes run one.
import type { ConnectionOptions } from '../database/connect.ts';
import { Carrying } from './carry-out.ts';
import { inTime } from './in-time.ts';
import { type Concurrency, lanes } from './lanes.ts';
import { periodicTasks } from './periods.ts';
import { openPostgresEngine } from './queues/postgres-engine.ts';
import type { QueueEngine } from './queues/queue-engine.ts';
import { openRedisEngine } from './queues/redis-engine.ts';
import { OutboxSweep } from './sweep-outbox.ts';
import type { AnyTask, TaskServices } from './task.ts';

/** What a pipeline needs; paces have the values a gateway wants. */
export type PipelineOptions = {
  readonly services: TaskServices;
  readonly tasks: readonly AnyTask[];
  /** The database again, for the queues' own connections. */
  readonly connection: ConnectionOptions;
  /** Where the queues live; in the database when absent. */
  readonly redisUrl?: string | undefined;
  /** Rows worked on at once by this process, by lane. */
  readonly concurrency?: Concurrency;
  /** The longest a row waits for a sweep when nobody poked. */
  readonly pollMs?: number;
  /** How long a row that was handed over may wait to be begun before it is handed over again. */
  readonly handOverLeaseMs?: number;
  /** How long a killed process keeps jobs it had not begun from the others; rows it had begun, three times as long. */
  readonly lockMs?: number;
  /** How long stop() lets the attempts under way go on before it asks them to give up. */
  readonly stopGraceMs?: number;
};

/** Started once, stopped once. */
export class Pipeline {
  readonly #options: PipelineOptions;
  #queues: QueueEngine | undefined;
  #carrying: Carrying | undefined;
  #sweep: OutboxSweep | undefined;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** Opens the queues, starts the workers, then the first sweep. Rejects when the database cannot be reached; Redis may be away. */
  async start(): Promise<void> {
    const { services, connection, redisUrl, pollMs = 1000, handOverLeaseMs = 60_000, lockMs = 10_000 } = this.#options;
    const { concurrency = { here: 8, outside: 16, upkeep: 2 } } = this.#options;
    const tasks = new Map(this.#options.tasks.map((task) => [task.name, task]));
    const { db, citizensDomain, events, clock } = services;
    const plan = { events, lockMs };
    const queues =
      redisUrl === undefined
        ? await openPostgresEngine(connection, plan)
        : await openRedisEngine(redisUrl, { ...plan, reachable: () => this.poke() });
    const carrying = new Carrying({ services, tasks, concurrency, leaseMs: 3 * lockMs });
    const periodic = periodicTasks(tasks.values(), services);
    const sweep = new OutboxSweep({ db, citizensDomain, queues, tasks, periodic, concurrency, events, clock, pollMs, handOverLeaseMs });
    for (const lane of lanes) {
      queues.work(lane, concurrency[lane], async (ofLane, rows) => {
        await carrying.carryOut(ofLane, rows);
        sweep.jobEnded();
      });
    }
    this.#queues = queues;
    this.#carrying = carrying;
    this.#sweep = sweep;
    sweep.poke();
  }

  /** To be called after a commit that wrote to the outbox; harmless at any other time. */
  poke(): void {
    this.#sweep?.poke();
  }

  /**
   * Hands over nothing more, lets the attempts under way end, gives back what has not ended in time, and closes the connections.
   * Waits for no server that does not answer. Harmless twice.
   */
  async stop(): Promise<void> {
    await inTime(async () => this.#sweep?.stop());
    this.#queues?.stopTaking();
    await this.#carrying?.stop(this.#options.stopGraceMs ?? 10_000);
    await this.#queues?.close();
  }
}
