// The lanes work waits in, each a queue of its own: how much goes on at once in each, and how rows travel in it.
import type { DueRow } from '../delivery/outbox.ts';
import type { AnyTask, Lane } from './task.ts';

/** All of them. */
export const lanes = ['here', 'outside', 'upkeep'] as const satisfies readonly Lane[];

/** Attempts under way at once, in one process. */
export type Concurrency = Readonly<Record<Lane, number>>;

/** Most rows that travel in one job. Work that waits for somebody outside travels alone: its neighbours would wait for it in one process. */
const mostRowsInJob: Readonly<Record<Lane, number>> = { here: 50, outside: 1, upkeep: 1 };

/** Where work of this kind waits; a kind this program does not know, of a newer one, waits beside the housekeeping. */
export function laneOf(tasks: ReadonlyMap<string, AnyTask>, kind: string): Lane {
  return tasks.get(kind)?.lane ?? 'upkeep';
}

/**
 * Rows of one lane as jobs. A few travel alone, for whoever is free; many travel together, which is what makes the queue cheap and what
 * begins them in few statements: half as many jobs as one process works on at once, as long as they do not grow too large.
 */
export function intoJobs(lane: Lane, rows: readonly DueRow[], atOnce: number): DueRow[][] {
  const size = Math.min(mostRowsInJob[lane], Math.ceil((2 * rows.length) / atOnce));
  return Array.from({ length: Math.ceil(rows.length / Math.max(1, size)) }, (_, at) => rows.slice(at * size, (at + 1) * size));
}
