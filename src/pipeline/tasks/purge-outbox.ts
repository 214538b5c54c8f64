// Forgets outbox rows that were done a month ago, and those given up longer ago than the settings say, with the bytes they kept.
// Twice is harmless: a forgotten row is not there to be forgotten again.
import { z } from 'zod';
import { purgeOutbox } from '../../delivery/outbox.ts';
import { task } from '../task.ts';

const dayMs = 24 * 3_600_000;
const batchRows = 500;

/** Every day. A month: what is owed once is recognised by its row, and rows of periods must outlive their period by far. */
export const purgeFinishedRows = task({
  name: 'purge-outbox',
  payload: z.strictObject({}),
  lane: 'upkeep',
  retry: { firstDelayMs: 60_000, longestDelayMs: 3_600_000, giveUpAfterMs: dayMs },
  everyMs: dayMs,
  run: async ({ db, clock, memory }) => {
    const now = clock().getTime();
    const before = { doneBefore: new Date(now - 30 * dayMs), deadBefore: new Date(now - memory.deadMs) };
    while ((await purgeOutbox(db, before, batchRows)) === batchRows);
    return { do: 'done' };
  },
});
