// Copies one health document of a letter into the national record (DMP). Requirements 49, 52 to 54; domain.md §6.
// Twice is harmless: the record knows documents by their unique id and answers that it has this one, and how the copy ended is written with
// what it owes to the sender in the transaction that finishes the row.
import { findBlob } from '../../../mailboxes/blobs/hold-blobs.ts';
import { findRecordObjections } from '../../../policies/record-objections.ts';
import { bytesOfBlob } from '../../delivery/letter-bytes.ts';
import { type CopyPayload, copyPayload, copyRowKind, oweIntegrationError } from '../../delivery/record-copies.ts';
import { copyDocument } from '../../dmp/copy-document.ts';
import { type CopyEnd, closeDocument, noteAnswer, readDocument } from '../../dmp/record-documents.ts';
import { describeDocuments } from '../../mail/documents/describe-documents.ts';
import { indexBytes } from '../../mail/index-bytes.ts';
import { type Consequence, type Remote, type TaskContext, type TaskResult, type TaskServices, task } from '../task.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Requests of one copy: the status, then the document. A replacement may ask once more, a change of visibility asks once. */
const requestsOfTurn = 2;

/** Tried as long as the operator says; at the end the sender is told. */
export const copyToDmp = task({
  name: copyRowKind,
  payload: copyPayload,
  lane: 'outside',
  retry: ({ record }) => ({ firstDelayMs: minuteMs, longestDelayMs: 2 * hourMs, giveUpAfterMs: record?.retryMs ?? 72 * hourMs }),
  remote: recordRemote,
  run: copy,
  givenUp: async (context, payload, because) =>
    ended(context, payload, { do: 'refused', code: because === 'bytes-missing' ? because : 'not-answered' }),
});

/** The record, and how many turns it gives in a minute. */
export function recordRemote({ record }: TaskServices): Remote | undefined {
  return record && { name: 'dmp', perMinute: Math.max(1, Math.floor(record.perMinute / requestsOfTurn)) };
}

async function copy(context: TaskContext, payload: CopyPayload): Promise<TaskResult<CopyPayload>> {
  const { db, blobs, record, rowId, signal } = context;
  const { uniqueId, about, blobId } = payload;
  const known = await readDocument(db, uniqueId);
  // Another letter has brought it, or it was forgotten long ago.
  if (!known || known.state === 'fed') return { do: 'done' };
  const { citizenId } = known;
  if (citizenId !== undefined && (await findRecordObjections(db, [citizenId])).has(citizenId)) {
    return finish(context, payload, { do: 'not-fed', code: 'objection' });
  }
  if (!record) return { do: 'again', because: 'no-record' };
  const blob = await findBlob(db, blobId);
  if (!blob) return { do: 'give-up', because: 'bytes-missing' };
  const bytes = bytesOfBlob(blobs, blob);
  const documents = await describeDocuments((await indexBytes(bytes)).part, bytes);
  const document = documents.find((one) => one.uniqueId === uniqueId);
  if (!document) return finish(context, payload, { do: 'refused', code: 'document-unreadable' });
  const takenAt = new Date(about.receivedAt);
  const outcome = await copyDocument(db, record, document, { workId: rowId, takenAt, now: context.clock(), signal });
  if (outcome.do !== 'later') return finish(context, payload, outcome);
  const { because } = outcome;
  return { do: 'again', because, also: (trx, now) => noteAnswer(trx, uniqueId, because, now) };
}

function finish(context: TaskContext, payload: CopyPayload, end: CopyEnd): TaskResult<never> {
  context.events.documentCopied({ outcome: end.do, code: end.do === 'fed' ? 'fed' : end.code });
  return { do: 'done', also: ended(context, payload, end) };
}

/** The register, and the mail to the sender when there is somebody to blame. */
function ended({ rowId }: TaskContext, payload: CopyPayload, end: CopyEnd): Consequence {
  return async (trx, now) => {
    const isNews = await closeDocument(trx, payload.uniqueId, end, now);
    if (isNews && end.do !== 'fed' && isTold(payload, end)) await oweIntegrationError(trx, rowId, payload, end.code, now);
  };
}

/** What the patient chose, and whether they have a record, is not the sender's to know. */
function isTold({ isFlagged }: CopyPayload, end: Exclude<CopyEnd, { do: 'fed' }>): boolean {
  return end.do === 'refused' || (isFlagged && end.code === 'not-a-type-of-the-record');
}
