// What an attempt came to is known to its process alone: forgotten because the database was away for a moment, it would be made again,
// and somebody would have the same letter twice.
import { setTimeout as delay } from 'node:timers/promises';
import { wasRolledBack } from '../delivery/group-commit.ts';

/** A database that restarts is back in seconds. Past them, the lease has ended and another process may try. */
const pausesMs = [250, 500, 1000, 2000, 4000, 8000];

/**
 * Does `write` again while the database is away; when `signal` is raised, once more at most. Rejects with what the database refused, or
 * when it stays away. `write` may have been carried out without our hearing of it: twice must be harmless.
 */
export async function keepWriting(signal: AbortSignal, write: () => Promise<void>): Promise<void> {
  for (const pauseMs of pausesMs) {
    try {
      return await write();
    } catch (error) {
      if (wasRolledBack(error) || signal.aborted) throw error;
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
  await write();
}
