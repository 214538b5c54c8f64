// The pipeline of one process: sweeps the outbox into the queue and works on what the queue gives. Any number of processes run one.
import type { ConnectionOptions } from '../database/connect.ts';
import { openQueue, type RowQueue, type RowWorkers, startWorkers } from './queues.ts';
import { OutboxSweep } from './sweep-outbox.ts';
import type { AnyTask, TaskServices } from './task.ts';
import { runRow } from './worker.ts';

/** What a pipeline needs; paces have the values a gateway wants. */
export type PipelineOptions = {
  readonly services: TaskServices;
  readonly tasks: readonly AnyTask[];
  /** The database again, for the queue's own connections. */
  readonly connection: ConnectionOptions;
  /** Rows worked on at once by this process. */
  readonly concurrency?: number;
  /** The longest a row waits for a sweep when nobody poked. */
  readonly pollMs?: number;
  /** How long a row that was handed over may wait to be begun before it is handed over again. */
  readonly handOverLeaseMs?: number;
  /** How long a killed process keeps its rows from the others. */
  readonly lockMs?: number;
  /** How long stop() lets the attempts under way go on before it asks them to give up. */
  readonly stopGraceMs?: number;
};

/** Started once, stopped once. */
export class Pipeline {
  readonly #options: PipelineOptions;
  #queue: RowQueue | undefined;
  #workers: RowWorkers | undefined;
  #sweep: OutboxSweep | undefined;
  readonly #stopping = new AbortController();

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** Opens the queue, starts the workers, then the first sweep. Rejects when the database cannot be reached. */
  async start(): Promise<void> {
    const { services, tasks, connection, concurrency = 8, pollMs = 1000, handOverLeaseMs = 60_000, lockMs = 10_000 } = this.#options;
    const byName = new Map(tasks.map((task) => [task.name, task]));
    const context = { ...services, signal: this.#stopping.signal };
    const { db, events, clock } = services;
    try {
      this.#queue = await openQueue({ connection, events });
      this.#workers = await startWorkers((rowId) => runRow(context, byName, rowId), { connection, events, concurrency, lockMs });
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#sweep = new OutboxSweep({ db, queue: this.#queue, tasks, events, clock, pollMs, handOverLeaseMs });
    this.#sweep.poke();
  }

  /** To be called after a commit that wrote to the outbox; harmless at any other time. */
  poke(): void {
    this.#sweep?.poke();
  }

  /** Hands over nothing more, lets the attempts under way end, and closes the connections. Harmless twice. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#stopping.abort(), this.#options.stopGraceMs ?? 10_000);
    try {
      await this.#sweep?.stop();
      await this.#workers?.close();
      await this.#queue?.close();
    } finally {
      clearTimeout(timer);
    }
  }
}
