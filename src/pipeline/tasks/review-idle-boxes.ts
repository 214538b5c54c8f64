// Looks for professional mailboxes that nobody opens: owes their holder a letter, suspends them, withdraws them from the address book.
// Requirement 21. Twice is harmless: a step is taken from the state before it, and a letter's row id is drawn from the silence.
import { z } from 'zod';
import { asAuthor } from '../../../directory/history.ts';
import { listIdle, takeIdleSteps } from '../../../directory/idle-boxes.ts';
import { inTransaction } from '../../../mailboxes/in-transaction.ts';
import type { Address } from '../../core/address.ts';
import { addToOutbox } from '../../delivery/outbox.ts';
import { task } from '../task.ts';
import { idleNotice } from './send-idle-notice.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const batchBoxes = 1000;

/** Every day, by batches in the order of addresses, a transaction each; never when no delay is set. */
export const reviewIdleBoxes = task({
  name: 'review-idle-boxes',
  payload: z.strictObject({}),
  lane: 'upkeep',
  retry: { firstDelayMs: 60_000, longestDelayMs: hourMs, giveUpAfterMs: dayMs },
  everyMs: ({ idle }) => (Object.values(idle).some((delayMs) => delayMs > 0) ? dayMs : undefined),
  run: async ({ db, clock, idle, events, signal }) => {
    for (let after: Address | '' | undefined = ''; after !== undefined; ) {
      if (signal.aborted) return { do: 'again', because: 'gateway-stopped' };
      const now = clock();
      const { due, last } = await listIdle(db, idle, now, after, batchBoxes);
      after = last;
      if (due.length === 0) continue;
      const notices = due.filter(({ steps }) => steps.includes('notice')).map((one) => idleNotice(one, idle, now));
      const taken = await inTransaction(db, async (trx) => {
        await asAuthor(trx, 'review-idle-boxes');
        await addToOutbox(trx, notices, now);
        return takeIdleSteps(trx, due, now);
      });
      events.idleBoxesReviewed({ noticed: notices.length, ...taken });
    }
    return { do: 'done' };
  },
});
