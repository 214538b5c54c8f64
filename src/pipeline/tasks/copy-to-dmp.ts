// Copies one health document of a letter into the national record (DMP). Requirements 49, 52 to 54; domain.md §6.
// Twice is harmless: the record knows documents by their unique id and answers that it has this one, and how the copy ended is written with
// what it owes to the sender in the transaction that finishes the row.
import { findCitizens } from '../../../directory/matricules.ts';
import { findBlob } from '../../../mailboxes/blobs/hold-blobs.ts';
import { findRecordObjections } from '../../../policies/record-objections.ts';
import { parseIns } from '../../core/ins.ts';
import type { Db } from '../../database/tables.ts';
import { bytesOfBlob } from '../../delivery/letter-bytes.ts';
import { type CopyPayload, copyPayload, copyRowKind, oweIntegrationError } from '../../delivery/record-copies.ts';
import { copyDocument } from '../../dmp/copy-document.ts';
import { type CopyEnd, closeDocument, type KnownDocument, noteAnswer, noteOther, readDocument } from '../../dmp/record-documents.ts';
import { describeDocuments } from '../../mail/documents/describe-documents.ts';
import { digestsOf } from '../../mail/documents/digests.ts';
import type { DescribedDocument } from '../../mail/documents/written-metadata.ts';
import { indexBytes } from '../../mail/index-bytes.ts';
import { type Consequence, type Remote, type TaskContext, type TaskResult, type TaskServices, task } from '../task.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Requests of one copy: the status, then the document. A replacement may ask once more, a change of visibility asks once. */
const requestsOfTurn = 2;

/** The letter brings another document under the id than the record holds: by our register's word, by the record's, or by its own. */
const otherDocument: ReadonlySet<string> = new Set(['not-identical', 'XDSNonIdenticalHash', 'one-id-for-several']);

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
  const { db, record, rowId, signal } = context;
  const { uniqueId, about } = payload;
  const known = await readDocument(db, uniqueId);
  // Forgotten long ago.
  if (!known) return { do: 'done' };
  if (!record) return { do: 'again', because: 'no-record' };
  const document = await readOne(context, payload);
  if (document === 'bytes-missing') return known.state === 'fed' ? { do: 'done' } : { do: 'give-up', because: document };
  if (typeof document === 'string') return finish(context, payload, { do: 'refused', code: document });
  if (known.state === 'fed') return compare(context, payload, document, known);
  const citizens = await citizensOf(db, document);
  const outcome = await copyDocument(db, record, document, {
    workId: rowId,
    takenAt: new Date(about.receivedAt),
    citizenId: citizens.length === 1 ? citizens[0] : undefined,
    objects: async () => (await findRecordObjections(db, citizens)).size > 0,
    now: context.clock(),
    signal,
  });
  if (outcome.do === 'later') {
    const { because } = outcome;
    return { do: 'again', because, also: (trx, now) => noteAnswer(trx, uniqueId, because, now) };
  }
  // Meanwhile another letter may have brought it: then only its own bytes count.
  const since = outcome.do === 'refused' ? await readDocument(db, uniqueId) : undefined;
  return since?.state === 'fed' ? compare(context, payload, document, since) : finish(context, payload, outcome);
}

/** The document out of its letter, or why it cannot be told which: a letter may bring it twice, but not two of them under one id. */
async function readOne(
  { db, blobs }: TaskContext,
  { uniqueId, blobId }: CopyPayload,
): Promise<DescribedDocument | 'bytes-missing' | 'document-unreadable' | 'one-id-for-several'> {
  const blob = await findBlob(db, blobId);
  if (!blob) return 'bytes-missing';
  const bytes = bytesOfBlob(blobs, blob);
  const documents = await describeDocuments((await indexBytes(bytes)).part, bytes);
  const [first, ...others] = documents.filter((one) => one.uniqueId === uniqueId);
  if (!first) return 'document-unreadable';
  if (others.length === 0) return first;
  const hashes = new Set<string | undefined>();
  for (const one of [first, ...others]) hashes.add((await digestsOf(() => one.open()))?.sha1.toString('hex'));
  return hashes.size === 1 ? first : 'one-id-for-several';
}

/** Whom it is about, of those known here: by the matricules it bears, whatever other letters said of a document with this id. */
async function citizensOf(db: Db, { patients }: DescribedDocument): Promise<number[]> {
  const matricules = patients.flatMap(({ matricule }) => parseIns(matricule) ?? []);
  return matricules.length === 0 ? [] : [...new Set((await findCitizens(db, matricules)).values())];
}

/** The record holds a document of this id: the letter's is the same, or will not be copied. What was fed stays. */
async function compare(context: TaskContext, payload: CopyPayload, document: DescribedDocument, { sha1 }: KnownDocument) {
  const own = sha1 && (await digestsOf(() => document.open()));
  if (!own || own.sha1.equals(sha1)) return { do: 'done' } as const;
  return finish(context, payload, { do: 'refused', code: 'not-identical' });
}

function finish(context: TaskContext, payload: CopyPayload, end: CopyEnd): TaskResult<never> {
  return { do: 'done', also: ended(context, payload, end) };
}

/** The register, and the mail to the sender when there is somebody to blame. */
function ended({ rowId, events }: TaskContext, payload: CopyPayload, end: CopyEnd): Consequence {
  const { uniqueId, about } = payload;
  return async (trx, now) => {
    const isClosed = await closeDocument(trx, uniqueId, end, now);
    const otherCode = end.do === 'refused' && otherDocument.has(end.code) ? end.code : null;
    if (!isClosed && otherCode !== null) await noteAnswer(trx, uniqueId, otherCode, now);
    await noteOther(trx, about.arrivalId, uniqueId, otherCode);
    // The record had it already, from another letter.
    if (!isClosed && otherCode === null) return;
    events.documentCopied({ outcome: end.do, code: end.do === 'fed' ? 'fed' : end.code });
    if (end.do !== 'fed' && isTold(payload, end)) await oweIntegrationError(trx, rowId, payload, end.code, now);
  };
}

/** What the patient chose, and whether they have a record, is not the sender's to know. */
function isTold({ isFlagged }: CopyPayload, end: Exclude<CopyEnd, { do: 'fed' }>): boolean {
  return end.do === 'refused' || (isFlagged && end.code === 'not-a-type-of-the-record');
}
