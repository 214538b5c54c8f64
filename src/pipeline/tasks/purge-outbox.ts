// Forgets outbox rows that have been finished for a month, and lets go of the bytes that the dead ones kept.
// Twice is harmless: a forgotten row is not there to be forgotten again.
import { z } from 'zod';
import { purgeOutbox } from '../../delivery/outbox.ts';
import { task } from '../task.ts';

const dayMs = 24 * 3_600_000;
const batchRows = 500;

/** Every day. A month leaves time to look at what was given up; rows of periods must outlive their period by far. */
export const purgeFinishedRows = task({
  name: 'purge-outbox',
  payload: z.strictObject({}),
  lane: 'upkeep',
  retry: { firstDelayMs: 60_000, longestDelayMs: 3_600_000, giveUpAfterMs: dayMs },
  everyMs: dayMs,
  run: async ({ db, clock }) => {
    const before = new Date(clock().getTime() - 30 * dayMs);
    while ((await purgeOutbox(db, before, batchRows)) === batchRows);
    return { do: 'done' };
  },
});
