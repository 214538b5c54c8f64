// The queues behind one small interface of ours, whichever engine carries them (architecture §3). They carry the names of rows alone:
// what is to be done and how it went stay in the outbox, so that an engine that loses everything loses nothing.
import type { DueRow } from '../../delivery/outbox.ts';
import type { Lane } from '../task.ts';

/** Carries out the rows of one job. Rejects only when they could not even be begun: the engine may try the job again. */
export type CarryOut = (lane: Lane, rows: readonly DueRow[]) => Promise<void>;

/** One queue per lane. Whatever it is asked while it cannot be reached is refused at once or after a few seconds, never kept waiting. */
export interface QueueEngine {
  /** Adds jobs. Rejects when the engine did not say that it has them all; it may have them all the same. */
  add(lane: Lane, jobs: readonly (readonly DueRow[])[]): Promise<void>;
  /** Jobs that wait for a worker. */
  waiting(lane: Lane): Promise<number>;
  /** Has this process work on a lane, so many jobs at once, from the moment the engine can be reached. */
  work(lane: Lane, jobsAtOnce: number, carryOut: CarryOut): void;
  /** Takes no new job; those under way go on. */
  stopTaking(): void;
  /** Waits a few seconds for the jobs under way to be taken off the queue, and closes the connections. */
  close(): Promise<void>;
}
