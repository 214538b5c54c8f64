// Housekeeping as outbox rows: a period's work is a row whose id follows from the task's name and the period, so any number of
// processes add the same row and it is done once, with the same retries and the same sweep as everything else.
import { createHash } from 'node:crypto';
import type { OutboxItem } from '../delivery/outbox.ts';
import type { AnyTask } from './task.ts';

/** Work owed to a period: its id is the lock. */
export type PeriodItem = OutboxItem & { readonly id: string };

/** The work that the period containing `now` owes. Periods start at whole multiples of `everyMs` since 1970. */
export function periodItems(tasks: Iterable<AnyTask>, now: Date): PeriodItem[] {
  return [...tasks].flatMap((task) => {
    if (task.everyMs === undefined) return [];
    const period = Math.floor(now.getTime() / task.everyMs);
    return [{ id: periodId(task.name, task.everyMs, period), kind: task.name, payload: {} }];
  });
}

/** A UUID version 8 (RFC 9562 §5.8) drawn from the name of the work. */
function periodId(name: string, everyMs: number, period: number): string {
  const bytes = createHash('sha256').update(`${name} ${everyMs} ${period}`).digest().subarray(0, 16);
  bytes[6] = 0x80 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
