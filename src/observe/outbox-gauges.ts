// How much work is owed, how late it is, and how much was given up: asked of the database when somebody asks for the figures, by the
// gateway's first process alone, so that workers do not count the same rows again. docs/operations/alerts.md says what to do about each.
import { Gauge, type Registry } from 'prom-client';
import type { Clock } from '../core/clock.ts';

/** How the work of one kind stands. */
export type WorkBacklog = { readonly kind: string; readonly waiting: number; readonly oldestSeconds: number; readonly dead: number };

/** Where the figures come from. */
export type BacklogSource = {
  /** Shown at 0 when nothing is owed: a curve that is absent means that nobody could count. */
  readonly tasks: readonly string[];
  readonly read: (now: Date) => Promise<readonly WorkBacklog[]>;
  /** Told of a count that failed. */
  readonly failed: (error: unknown) => void;
  readonly clock: Clock;
};

/** A count is good for so long: whoever asks more often is told the same again. In milliseconds. */
const keepMs = 5_000;
/** The other figures do not wait longer for a database that does not answer. In milliseconds. */
const patienceMs = 2_000;

/** Adds the gauges to a registry. */
export function addOutboxGauges(registry: Registry, source: BacklogSource): void {
  const collect = () => counts.refresh();
  const labelNames = ['task'];
  const registers = [registry];
  const waiting = new Gauge({
    name: 'passerelle_outbox_waiting',
    help: 'Work owed and not finished, by task; counted up to 100,000 in all',
    labelNames,
    registers,
    collect,
  });
  const oldest = new Gauge({
    name: 'passerelle_outbox_oldest_seconds',
    help: 'How long the latest work has been due by its schedule, by task',
    labelNames,
    registers,
    collect,
  });
  const dead = new Gauge({
    name: 'passerelle_outbox_dead',
    help: 'Work that was given up and waits for a person, by task; counted up to 100,000 in all',
    labelNames,
    registers,
    collect,
  });
  const counts = new Counts(source, (backlogs) => {
    for (const gauge of [waiting, oldest, dead]) gauge.reset();
    for (const { kind: task, ...figures } of backlogs) {
      waiting.set({ task }, figures.waiting);
      oldest.set({ task }, figures.oldestSeconds);
      dead.set({ task }, figures.dead);
    }
  });
}

/** One count at a time, kept for a while. */
class Counts {
  readonly #source: BacklogSource;
  readonly #show: (backlogs: readonly WorkBacklog[]) => void;
  #underWay: Promise<void> | undefined;
  #countedAt = Number.NEGATIVE_INFINITY;

  constructor(source: BacklogSource, show: (backlogs: readonly WorkBacklog[]) => void) {
    this.#source = source;
    this.#show = show;
  }

  /** Resolves when the figures are fresh, or when nobody should wait any longer for them: then there are none. */
  async refresh(): Promise<void> {
    if (performance.now() - this.#countedAt < keepMs) return;
    this.#underWay ??= this.#count();
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        // Figures of another time would say that all is well.
        this.#show([]);
        resolve();
      }, patienceMs);
    });
    await Promise.race([this.#underWay, tooLate]).finally(() => clearTimeout(timer));
  }

  async #count(): Promise<void> {
    const { tasks, read, failed, clock } = this.#source;
    const startedAt = performance.now();
    try {
      const found = new Map((await read(clock())).map((backlog) => [backlog.kind, backlog]));
      const idle = tasks.filter((kind) => !found.has(kind)).map((kind) => ({ kind, waiting: 0, oldestSeconds: 0, dead: 0 }));
      this.#show([...found.values(), ...idle]);
    } catch (error) {
      this.#show([]);
      failed(error);
    } finally {
      this.#countedAt = startedAt;
      this.#underWay = undefined;
    }
  }
}
