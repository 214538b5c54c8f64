// Finds the documents that have been hidden from their patient for a month, and owes each patient the letter that says one exists.
// Requirement 51. Twice is harmless: a document is taken as told in the transaction that owes the letter.
import { z } from 'zod';
import { inTransaction } from '../../../mailboxes/in-transaction.ts';
import { oweHiddenNotices } from '../../delivery/hidden-notices.ts';
import { oweNotices } from '../../delivery/notices.ts';
import { takeUntold } from '../../dmp/hidden-documents.ts';
import { task } from '../task.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const batchDocuments = 200;

/** Every day. Without a road to the record there is nothing hidden. */
export const tellHiddenDocuments = task({
  name: 'tell-hidden-documents',
  payload: z.strictObject({}),
  lane: 'upkeep',
  retry: { firstDelayMs: 60_000, longestDelayMs: hourMs, giveUpAfterMs: dayMs },
  everyMs: dayMs,
  run: async ({ db, clock, record, notices }) => {
    if (!record) return { do: 'done' };
    for (;;) {
      const told = await inTransaction(db, async (trx) => {
        const now = clock();
        const delays = { tellBefore: ago(now, record.noticeAfterMs), showBefore: ago(now, record.visibleAfterMs) };
        const citizenIds = await takeUntold(trx, delays, now, batchDocuments);
        await oweHiddenNotices(trx, citizenIds, 'hidden', now);
        if (notices) {
          const events = [...new Set(citizenIds)].map((citizenId) => ({ citizenId, kind: 'document' as const }));
          await oweNotices(trx, events, now, notices);
        }
        return citizenIds.length;
      });
      if (told < batchDocuments) return { do: 'done' };
    }
  },
});

function ago(now: Date, ms: number): Date {
  return new Date(now.getTime() - ms);
}
