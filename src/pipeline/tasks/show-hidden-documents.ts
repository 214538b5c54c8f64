// Finds the documents that have been hidden from their patient for three months, and owes the work that makes each visible. Requirement 51.
// Twice is harmless: the row's id is drawn from the document, and one that is visible is not found again.
import { z } from 'zod';
import { inTransaction } from '../../../mailboxes/in-transaction.ts';
import { derivedId } from '../../core/derived-id.ts';
import { addToOutbox } from '../../delivery/outbox.ts';
import { listDueToShow } from '../../dmp/hidden-documents.ts';
import { task } from '../task.ts';
import { showDocumentRowKind } from './show-document.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const batchDocuments = 200;

/** Every day. */
export const showHiddenDocuments = task({
  name: 'show-hidden-documents',
  payload: z.strictObject({}),
  lane: 'upkeep',
  retry: { firstDelayMs: 60_000, longestDelayMs: hourMs, giveUpAfterMs: dayMs },
  everyMs: dayMs,
  run: async ({ db, clock, record }) => {
    if (!record) return { do: 'done' };
    const now = clock();
    const due = { now, showBefore: new Date(now.getTime() - record.visibleAfterMs) };
    for (let after = ''; ; ) {
      const uniqueIds = await listDueToShow(db, due, after, batchDocuments);
      const items = uniqueIds.map((uniqueId) => ({
        id: derivedId([showDocumentRowKind, uniqueId]),
        kind: showDocumentRowKind,
        payload: { uniqueId },
      }));
      await inTransaction(db, (trx) => addToOutbox(trx, items, clock()));
      const last = uniqueIds.at(-1);
      if (last === undefined || uniqueIds.length < batchDocuments) return { do: 'done' };
      after = last;
    }
  },
});
