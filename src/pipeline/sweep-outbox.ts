// Hands due outbox rows over to the queue: at every poll, and at once when somebody pokes it after a commit. What happened to messages
// since the last sweep is acted on first, because it owes rows.
// Losing a poke, a poll or the whole queue only makes work later, never lost.
import type { Clock } from '../core/clock.ts';
import type { Db } from '../database/tables.ts';
import { actOnMessageEvents } from '../delivery/act-on-events.ts';
import { addToOutbox, dueOutbox, endLease } from '../delivery/outbox.ts';
import { type PipelineEvents, withoutMessage } from './events.ts';
import { periodItems } from './periods.ts';
import type { RowQueue } from './queues.ts';
import type { AnyTask } from './task.ts';

/** What a sweep reads and where it hands over. */
export type SweepOptions = {
  readonly db: Db;
  readonly queue: RowQueue;
  readonly tasks: readonly AnyTask[];
  readonly events: PipelineEvents;
  readonly clock: Clock;
  readonly pollMs: number;
  /** How long a row handed over may wait in the queue before it is handed over again. */
  readonly handOverLeaseMs: number;
};

/** Rows in one hand-over, and rows let wait in the queue: a backlog stays in the outbox, which is made for it. */
const batchRows = 200;
const longestQueue = 1000;

/** Sweeps until stopped. One sweep at a time; pokes during a sweep make one more. */
export class OutboxSweep {
  readonly #options: SweepOptions;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #poked = false;
  #stopped = false;
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

  /** No further sweep; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#sweeping;
  }

  async #sweepWhilePoked(): Promise<void> {
    while (this.#poked && !this.#stopped) {
      this.#poked = false;
      // Apart: an event that cannot be acted on must not keep the rows from their workers.
      const steps = [() => this.#actOnEvents(), () => this.#sweepOnce()];
      for (const step of steps) {
        try {
          // A full batch means more is due: go on at once rather than at the next poll.
          if (await step()) this.#poked = true;
        } catch (error) {
          this.#options.events.engineFailed(withoutMessage(error));
        }
      }
    }
  }

  #actOnEvents(): Promise<boolean> {
    return actOnMessageEvents(this.#options.db, this.#options.clock());
  }

  async #sweepOnce(): Promise<boolean> {
    await this.#addPeriods();
    return this.#handOver();
  }

  /**
   * True when a full batch was handed over. The lease is kept only once the queue has answered: rows that a broken connection kept
   * from the queue would otherwise wait for its end. A row whose last job has yet to leave the queue stays due for the same reason.
   */
  async #handOver(): Promise<boolean> {
    const { db, queue, clock, handOverLeaseMs } = this.#options;
    const room = Math.min(batchRows, longestQueue - (await queue.waiting()));
    if (room <= 0) return false;
    return db.transaction().execute(async (trx) => {
      const now = clock();
      const due = await dueOutbox(trx, room, now, handOverLeaseMs);
      if (due.length === 0) return false;
      await endLease(trx, await queue.add(due), now);
      return due.length === batchRows;
    });
  }

  async #addPeriods(): Promise<void> {
    const { db, tasks, clock } = this.#options;
    const now = clock();
    const owed = periodItems(tasks, now);
    const missing = owed.filter((item) => !this.#periodsAdded.has(item.id));
    if (missing.length > 0) await db.transaction().execute((trx) => addToOutbox(trx, missing, now));
    this.#periodsAdded = new Set(owed.map((item) => item.id));
  }
}
