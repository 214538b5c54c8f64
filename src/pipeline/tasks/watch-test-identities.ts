// Raises the alarm while a registry of production holds identities made for tests, whatever the door they came in by. domain.md §5.
// Twice is harmless: it says the same again.
import { z } from 'zod';
import { countTestIdentities } from '../../../directory/test-identities.ts';
import { task } from '../task.ts';

const minuteMs = 60_000;

/** Each ten minutes, in production. */
export const watchTestIdentities = task({
  name: 'watch-test-identities',
  payload: z.strictObject({}),
  lane: 'upkeep',
  retry: { firstDelayMs: minuteMs, longestDelayMs: 10 * minuteMs, giveUpAfterMs: 10 * minuteMs },
  everyMs: ({ alarmsTestIdentities }) => (alarmsTestIdentities ? 10 * minuteMs : undefined),
  run: async ({ db, events }) => {
    const count = await countTestIdentities(db);
    if (count > 0) events.testIdentitiesFound({ count });
    return { do: 'done' };
  },
});
