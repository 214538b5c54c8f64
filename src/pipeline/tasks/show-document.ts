// Makes a document of the record visible to its patient (TD3.3b), and owes them the letter that says so. Requirement 51.
// Twice is harmless: the record writes the same visibility again, and the letter is owed by whoever first marks the document as shown.
import { z } from 'zod';
import { oweHiddenNotices } from '../../delivery/hidden-notices.ts';
import { oweNotices } from '../../delivery/notices.ts';
import type { RecordFailure } from '../../dmp/connector.ts';
import { type HiddenDocument, markShown, readHidden } from '../../dmp/hidden-documents.ts';
import type { RecordRoad } from '../../dmp/record-road.ts';
import { type Consequence, type TaskContext, type TaskResult, task } from '../task.ts';
import { recordRemote } from './copy-to-dmp.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** The kind of these rows. */
export const showDocumentRowKind = 'show-document';

/** A week of attempts: after three months, a day more is nothing, and an operator sees what is given up. */
export const showDocument = task({
  name: showDocumentRowKind,
  payload: z.strictObject({ uniqueId: z.string() }),
  lane: 'outside',
  retry: { firstDelayMs: minuteMs, longestDelayMs: 2 * hourMs, giveUpAfterMs: 7 * 24 * hourMs },
  remote: recordRemote,
  run: async (context, { uniqueId }) => {
    const hidden = await readHidden(context.db, uniqueId);
    if (!hidden) return { do: 'done' };
    if (!context.record) return { do: 'again', because: 'no-record' };
    const failure = await show(context.record, uniqueId, hidden, context);
    if (failure) return resultOf(failure);
    return { do: 'done', also: shown(context, uniqueId, hidden.citizenId) };
  },
});

/** Undefined when it is visible. */
async function show(
  { connector }: RecordRoad,
  uniqueId: string,
  { entry, entryUuid }: HiddenDocument,
  { clock, signal }: TaskContext,
): Promise<RecordFailure | undefined> {
  const found = entryUuid === undefined ? await connector.find(entry.patient, uniqueId, signal) : ({ do: 'found', entryUuid } as const);
  if (found.do === 'absent') return { do: 'refused', code: 'not-in-the-record' };
  if (found.do !== 'found') return found;
  const confidentiality = entry.confidentiality.filter(({ code }) => code !== 'INVISIBLE_PATIENT');
  const answer = await connector.show({ entry: { ...entry, confidentiality }, entryUuid: found.entryUuid, now: clock() }, signal);
  return answer.do === 'changed' ? undefined : answer;
}

function resultOf(failure: RecordFailure): TaskResult<never> {
  return failure.do === 'refused' ? { do: 'give-up', because: failure.code } : { do: 'again', because: failure.because };
}

function shown({ notices }: TaskContext, uniqueId: string, citizenId: number | undefined): Consequence {
  return async (trx, now) => {
    if (!(await markShown(trx, uniqueId, now)) || citizenId === undefined) return;
    await oweHiddenNotices(trx, [citizenId], 'shown', now);
    if (notices) await oweNotices(trx, [{ citizenId, kind: 'document' }], now, notices);
  };
}
