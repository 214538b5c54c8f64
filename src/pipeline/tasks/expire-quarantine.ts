// Drops the letters held in quarantine whose time is over, and tells their senders. Requirement 50.
// Twice is harmless: a letter leaves the state `held` once, in the transaction that owes its report.
import { z } from 'zod';
import { expireQuarantine as dropExpired } from '../../delivery/quarantine.ts';
import { task } from '../task.ts';

const hourMs = 3_600_000;
const batchLetters = 100;

/** Every hour. */
export const expireQuarantine = task({
  name: 'expire-quarantine',
  payload: z.strictObject({}),
  lane: 'upkeep',
  retry: { firstDelayMs: 60_000, longestDelayMs: hourMs, giveUpAfterMs: hourMs },
  everyMs: hourMs,
  run: async ({ db, clock }) => {
    while ((await dropExpired(db, clock(), batchLetters)) === batchLetters);
    return { do: 'done' };
  },
});
