// Housekeeping as outbox rows: a period's work is a row whose id follows from the task's name and the period, so any number of
// processes add the same row and it is done once, with the same retries and the same sweep as everything else.
import { derivedId } from '../core/derived-id.ts';
import type { OutboxItem } from '../delivery/outbox.ts';
import type { AnyTask } from './task.ts';

/** Work owed to a period: its id is the lock. */
export type PeriodItem = OutboxItem & { readonly id: string };

/** The work that the period containing `now` owes. Periods start at whole multiples of `everyMs` since 1970. */
export function periodItems(tasks: Iterable<AnyTask>, now: Date): PeriodItem[] {
  return [...tasks].flatMap((task) => {
    if (task.everyMs === undefined) return [];
    const period = Math.floor(now.getTime() / task.everyMs);
    return [{ id: derivedId([task.name, task.everyMs, period]), kind: task.name, payload: {} }];
  });
}
