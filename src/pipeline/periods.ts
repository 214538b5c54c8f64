// Housekeeping as outbox rows: a period's work is a row whose id follows from the task's name and the period, so any number of
// processes add the same row and it is done once, with the same retries and the same sweep as everything else.
import { derivedId } from '../core/derived-id.ts';
import type { OutboxItem } from '../delivery/outbox.ts';
import type { AnyTask, TaskServices } from './task.ts';

/** Work owed to a period: its id is the lock. */
export type PeriodItem = OutboxItem & { readonly id: string };

/** A task that each period owes. */
export type Periodic = { readonly name: string; readonly everyMs: number };

/** Those of `tasks` that periods owe, as the operator has set them. */
export function periodicTasks(tasks: Iterable<AnyTask>, services: TaskServices): Periodic[] {
  return [...tasks].flatMap((task) => {
    const everyMs = task.everyMs(services);
    return everyMs === undefined ? [] : [{ name: task.name, everyMs }];
  });
}

/** The work that the period containing `now` owes. Periods start at whole multiples of `everyMs` since 1970. */
export function periodItems(tasks: readonly Periodic[], now: Date): PeriodItem[] {
  return tasks.map(({ name, everyMs }) => {
    const period = Math.floor(now.getTime() / everyMs);
    return { id: derivedId([name, everyMs, period]), kind: name, payload: {} };
  });
}
