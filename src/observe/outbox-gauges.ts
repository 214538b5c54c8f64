// How much work is owed, how late it is, and how much was given up: asked of the database when somebody asks for the figures, by the
// gateway's first process alone, so that workers do not count the same rows again. docs/operations/alerts.md says what to do about each.
import { Gauge, type Registry } from 'prom-client';
import type { Clock } from '../core/clock.ts';
import { CountWhenAsked } from './count-when-asked.ts';

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
  const { tasks, read, failed, clock } = source;
  const counts = new CountWhenAsked<readonly WorkBacklog[]>({
    read: () => read(clock()),
    show: (backlogs) => {
      for (const gauge of [waiting, oldest, dead]) gauge.reset();
      const found = new Set(backlogs?.map(({ kind }) => kind));
      const none = tasks.filter((kind) => !found.has(kind)).map((kind) => ({ kind, waiting: 0, oldestSeconds: 0, dead: 0 }));
      for (const { kind: task, ...figures } of backlogs ? [...backlogs, ...none] : []) {
        waiting.set({ task }, figures.waiting);
        oldest.set({ task }, figures.oldestSeconds);
        dead.set({ task }, figures.dead);
      }
    },
    failed,
  });
}
