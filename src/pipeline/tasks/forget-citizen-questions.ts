// Forgets old traces of questions about citizens. Requirement 58.
// Twice is harmless: what is forgotten is not there to be forgotten again.
import { z } from 'zod';
import { forgetCitizenQuestions } from '../../../directory/book/forget-questions.ts';
import { task } from '../task.ts';

const dayMs = 24 * 3_600_000;
/** A year and a month: what is asked about at the end of a year can still be shown. */
const keptDays = 400;
const batchRows = 1000;

/** Every day. */
export const forgetOldQuestions = task({
  name: 'forget-citizen-questions',
  payload: z.strictObject({}),
  lane: 'upkeep',
  retry: { firstDelayMs: 60_000, longestDelayMs: 3_600_000, giveUpAfterMs: dayMs },
  everyMs: dayMs,
  run: async ({ db, clock }) => {
    const before = new Date(clock().getTime() - keptDays * dayMs);
    while ((await forgetCitizenQuestions(db, before, batchRows)) === batchRows);
    return { do: 'done' };
  },
});
