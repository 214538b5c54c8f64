// Hands due outbox rows over to the queues: at every poll, and at once when somebody pokes it after a commit. What happened to messages
// since the last sweep is acted on first, because it owes rows.
// Losing a poke, a poll or a whole queue only makes work later, never lost.
import type { Clock } from '../core/clock.ts';
import type { Db } from '../database/tables.ts';
import { actOnMessageEvents } from '../delivery/act-on-events.ts';
import { addToOutbox, type DueRow } from '../delivery/outbox.ts';
import { dueOutbox, endLeases } from '../delivery/outbox-leases.ts';
import { type PipelineEvents, withoutMessage } from './events.ts';
import { type Concurrency, intoJobs, laneOf, lanes } from './lanes.ts';
import { type Periodic, periodItems } from './periods.ts';
import type { QueueEngine } from './queues/queue-engine.ts';
import type { AnyTask, Lane } from './task.ts';

/** What a sweep reads and where it hands over. */
export type SweepOptions = {
  readonly db: Db;
  /** That of the citizens. */
  readonly citizensDomain: string;
  readonly queues: Pick<QueueEngine, 'add' | 'waiting'>;
  readonly tasks: ReadonlyMap<string, AnyTask>;
  /** Those that periods owe. */
  readonly periodic: readonly Periodic[];
  readonly concurrency: Concurrency;
  readonly events: PipelineEvents;
  readonly clock: Clock;
  readonly pollMs: number;
  /** How long a row handed over may wait in the queue before it is handed over again. */
  readonly handOverLeaseMs: number;
};

/** Rows in one hand-over, and jobs let wait in a lane: a backlog stays in the outbox, which is made for it. */
const batchRows = 400;
const longestQueue = 200;

/** Sweeps until stopped. One sweep at a time; pokes during a sweep make one more. */
export class OutboxSweep {
  readonly #options: SweepOptions;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #poked = false;
  #stopped = false;
  /** Jobs that a lane still takes, as far as is known; asked again when it seems full. */
  readonly #room = new Map<Lane, number>();
  /** Jobs of this process to end before a lane that was full is worth a look. */
  #endsAwaited = 0;
  /** Steps that failed when they were last tried. */
  readonly #failing = new Set<number>();
  /** Period rows this process has added already; asking the database each second would be waste. */
  #periodsAdded = new Set<string>();

  constructor(options: SweepOptions) {
    this.#options = options;
  }

  /** Asks for a sweep now. Returns at once, never throws: made to be called after a commit. */
  poke(): void {
    if (this.#stopped) return;
    this.#poked = true;
    this.#sweeping ??= this.#sweepWhilePoked().finally(() => {
      this.#sweeping = undefined;
      if (this.#stopped) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.poke(), this.#options.pollMs);
    });
  }

  /** To be called when a job has ended here: a lane that was full may have room again before the next poll. */
  jobEnded(): void {
    if (this.#endsAwaited === 0) return;
    this.#endsAwaited -= 1;
    if (this.#endsAwaited === 0) this.poke();
  }

  /** No further sweep; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#sweeping;
  }

  async #sweepWhilePoked(): Promise<void> {
    while (this.#poked && !this.#stopped) {
      this.#poked = false;
      // Apart: what one cannot do must not keep the others from their work.
      const steps = [() => this.#actOnEvents(), () => this.#addPeriods(), () => this.#handOver()];
      for (const [at, step] of steps.entries()) {
        try {
          // A full batch means more is due: go on at once rather than at the next poll.
          if (await step()) this.#poked = true;
          this.#failing.delete(at);
        } catch (error) {
          // Told once, not at each poll of an hour without Redis.
          if (!this.#failing.has(at)) this.#options.events.engineFailed(withoutMessage(error));
          this.#failing.add(at);
        }
      }
    }
  }

  #actOnEvents(): Promise<boolean> {
    return actOnMessageEvents(this.#options.db, this.#options.citizensDomain, this.#options.clock());
  }

  /**
   * True when a full batch was handed over. Rows are leased first and in a statement of their own: no transaction waits for a queue
   * that does not answer. Those the queue did not take are due again at once; if we die before saying so, when the lease ends.
   */
  async #handOver(): Promise<boolean> {
    const { db, tasks, clock, handOverLeaseMs } = this.#options;
    const full = await this.#fullLanes();
    if (full.length > 0) this.#endsAwaited = longestQueue / 4;
    if (full.length === lanes.length) return false;
    const kindsOfFull = [...tasks.values()].filter((task) => full.includes(task.lane)).map((task) => task.name);
    const due = await dueOutbox(db, batchRows, clock(), handOverLeaseMs, kindsOfFull);
    const byLane = lanes.map((lane) => ({ lane, rows: due.filter((row) => laneOf(tasks, row.kind) === lane) }));
    const handedOver = await Promise.allSettled(byLane.map(({ lane, rows }) => this.#add(lane, rows)));
    for (const one of handedOver) if (one.status === 'rejected') throw one.reason;
    return due.length === batchRows;
  }

  async #add(lane: Lane, rows: readonly DueRow[]): Promise<void> {
    const { db, queues, concurrency, clock } = this.#options;
    const jobs = intoJobs(lane, rows, concurrency[lane]);
    if (jobs.length === 0) return;
    try {
      await queues.add(lane, jobs);
    } catch (error) {
      await endLeases(db, rows, clock());
      throw error;
    }
    this.#room.set(lane, (this.#room.get(lane) ?? 0) - jobs.length);
  }

  async #fullLanes(): Promise<Lane[]> {
    for (const lane of lanes) {
      if ((this.#room.get(lane) ?? 0) <= 0) this.#room.set(lane, longestQueue - (await this.#options.queues.waiting(lane)));
    }
    return lanes.filter((lane) => (this.#room.get(lane) ?? 0) <= 0);
  }

  async #addPeriods(): Promise<boolean> {
    const { db, periodic, clock } = this.#options;
    const now = clock();
    const owed = periodItems(periodic, now);
    const missing = owed.filter((item) => !this.#periodsAdded.has(item.id));
    if (missing.length > 0) await db.transaction().execute((trx) => addToOutbox(trx, missing, now));
    this.#periodsAdded = new Set(owed.map((item) => item.id));
    return false;
  }
}
