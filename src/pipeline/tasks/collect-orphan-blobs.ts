// Takes back the bytes nobody refers to: letters refused after their content, or cut short by a crash (architecture §1).
// Twice is harmless: what is collected is no longer there to collect, and two collectors at once skip each other's rows.
import { z } from 'zod';
import { task } from '../task.ts';

const hourMs = 3_600_000;

/** Every hour. Younger than an hour is never touched: a commit may be under way. */
export const collectOrphanBlobs = task({
  name: 'collect-orphan-blobs',
  payload: z.strictObject({}),
  lane: 'upkeep',
  retry: { firstDelayMs: 60_000, longestDelayMs: hourMs, giveUpAfterMs: hourMs },
  everyMs: hourMs,
  run: async ({ db, blobs, events }) => {
    events.orphansCollected({ blobs: await blobs.collectOrphans(db, hourMs) });
    return { do: 'done' };
  },
});
