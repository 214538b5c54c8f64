// Carries out what the queue gives, in one process: asks for a turn where a server of somebody else is asked, begins the rows, makes the
// attempts a few at a time, and keeps their leases while they last. When the gateway stops, what has not ended goes back.
import { setMaxListeners } from 'node:events';
import { type AtMost, atMost } from '../core/at-most.ts';
import { type Batcher, batched } from '../core/batcher.ts';
import type { BegunRow, DueRow } from '../delivery/outbox.ts';
import { beginAttempts, endLeases, giveBack, renewLeases } from '../delivery/outbox-leases.ts';
import { takeTurn } from '../delivery/remote-rates.ts';
import { withoutMessage } from './events.ts';
import { inTime } from './in-time.ts';
import { type Concurrency, lanes } from './lanes.ts';
import { RowSettler } from './settle-rows.ts';
import type { AnyTask, Lane, TaskServices } from './task.ts';
import { runRow } from './worker.ts';

/** What rows are carried out with. `leaseMs`: how long a row of a process that was killed is kept from the others. */
export type CarryingOptions = {
  readonly services: TaskServices;
  readonly tasks: ReadonlyMap<string, AnyTask>;
  readonly concurrency: Concurrency;
  readonly leaseMs: number;
};

/** Those that were refused a turn come back a little apart from each other. */
const longestJitterMs = 250;

/** After they were asked to give up, attempts have that long to do so. */
const lastWordsMs = 2000;

/** The rows under way in this process. */
export class Carrying {
  readonly #options: CarryingOptions;
  readonly #gates: Readonly<Record<Lane, AtMost>>;
  readonly #begin: Batcher<DueRow, BegunRow>;
  readonly #settler: RowSettler;
  readonly #givingUp = new AbortController();
  /** Begun and not ended. */
  readonly #underWay = new Map<BegunRow, { leasedAt: number; isStarted: boolean }>();
  readonly #heart: NodeJS.Timeout;
  #isStopping = false;
  #whenIdle: (() => void) | undefined;

  constructor(options: CarryingOptions) {
    const { services, concurrency, leaseMs } = options;
    this.#options = options;
    this.#gates = Object.fromEntries(lanes.map((lane) => [lane, atMost(concurrency[lane])])) as Record<Lane, AtMost>;
    this.#begin = batched((rows) => beginAttempts(services.db, rows, services.clock(), leaseMs));
    this.#settler = new RowSettler(services);
    // Every attempt under way may listen to it: more than the ten that Node takes for a leak.
    setMaxListeners(0, this.#givingUp.signal);
    this.#heart = setInterval(() => void this.#renew(), leaseMs / 4);
  }

  /** Makes one attempt at each row that is still owed. Rejects only when they could not be begun. */
  async carryOut(lane: Lane, rows: readonly DueRow[]): Promise<void> {
    const { db, clock } = this.#options.services;
    if (this.#isStopping) await this.#quietly(endLeases(db, rows, clock()));
    else await Promise.all(rows.map((row) => this.#carryOutOne(lane, row)));
  }

  /** Lets attempts go on for `graceMs`, asks them to give up, and gives back what has not ended by then. Takes nothing any more. */
  async stop(graceMs: number): Promise<void> {
    const { db, clock } = this.#options.services;
    this.#isStopping = true;
    const notStarted = [...this.#underWay].filter(([, { isStarted }]) => !isStarted).map(([row]) => row);
    for (const row of notStarted) this.#underWay.delete(row);
    await this.#quietly(giveBack(db, notStarted, clock()));
    await this.#idleWithin(graceMs);
    this.#givingUp.abort();
    await this.#idleWithin(lastWordsMs);
    clearInterval(this.#heart);
    await this.#quietly(endLeases(db, [...this.#underWay.keys()], clock()));
  }

  async #carryOutOne(lane: Lane, row: DueRow): Promise<void> {
    if (!(await this.#hasTurn(row))) return;
    const begun = await this.#begin(row);
    if (!begun) return;
    const { services } = this.#options;
    if (this.#isStopping) return await this.#quietly(giveBack(services.db, [begun], services.clock()));
    this.#underWay.set(begun, { leasedAt: Date.now(), isStarted: false });
    try {
      await this.#gates[lane](() => this.#attempt(begun));
    } catch (error) {
      // Its result could not be written: its lease will end, and it is tried again.
      services.events.engineFailed(withoutMessage(error));
    } finally {
      this.#underWay.delete(begun);
      if (this.#underWay.size === 0) this.#whenIdle?.();
    }
  }

  /** Asks before the attempt is counted: one that was not made uses up nothing. */
  async #hasTurn(row: DueRow): Promise<boolean> {
    const { services, tasks } = this.#options;
    const remote = tasks.get(row.kind)?.remote(services);
    if (!remote) return true;
    const at = await takeTurn(services.db, remote.name, remote.perMinute, services.clock());
    if (at) await endLeases(services.db, [row], new Date(at.getTime() + Math.random() * longestJitterMs));
    return at === undefined;
  }

  async #attempt(row: BegunRow): Promise<void> {
    const { services, tasks } = this.#options;
    const state = this.#underWay.get(row);
    // Given back while it waited for its turn.
    if (!state) return;
    state.isStarted = true;
    await runRow({ ...services, signal: this.#givingUp.signal }, tasks, this.#settler, row);
  }

  async #renew(): Promise<void> {
    const { services, leaseMs } = this.#options;
    const now = Date.now();
    const old = [...this.#underWay].filter(([, { leasedAt }]) => now - leasedAt >= leaseMs / 4);
    for (const [, state] of old) state.leasedAt = now;
    const rows = old.map(([row]) => row);
    await this.#quietly(renewLeases(services.db, rows, services.clock(), leaseMs));
  }

  async #idleWithin(ms: number): Promise<void> {
    if (this.#underWay.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
  }

  /** What the end of a lease would do as well, only later: not waited for when the database does not answer. */
  async #quietly(work: Promise<void>): Promise<void> {
    await inTime(() => work.catch((error: unknown) => this.#options.services.events.engineFailed(withoutMessage(error))));
  }
}
