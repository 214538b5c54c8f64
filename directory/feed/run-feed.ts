// A citizens' feed from file to registry: read as a stream, a batch a transaction with the progress beside it, so that whatever ends the
// run at any instant, the same file given again goes on behind the last batch. Memory is bounded by the batch, whatever the file.
import { setTimeout as delay } from 'node:timers/promises';
import type { Db, Trx } from '../../src/database/tables.ts';
import { asAuthor } from '../history.ts';
import {
  endImport,
  type ImportRecord,
  lastApplied,
  openImport,
  readImport,
  recordCounts,
  recordProgress,
} from '../imports/import-record.ts';
import { keepRejects, type Reject } from '../imports/rejects.ts';
import { openSource, type SourceFile, SourceProblem, type SourceTrouble } from '../imports/source-file.ts';
import { whileImporting } from '../imports/while-importing.ts';
import { applyBatch, type BatchOutcome, type MoveAlong, planBatch } from './apply-batch.ts';
import { type FeedBatch, type FeedForm, feedBatches, formOf, openFeed } from './feed-batches.ts';
import type { HeaderTrouble } from './read-csv.ts';
import { rejectOf, troubleWords } from './refusal-words.ts';

/** What a feed did, or would do, line by line. */
export type FeedCounts = {
  /** Lines of CSV, records of LDIF. */
  readonly read: number;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Mailboxes that passed to another state, among those changed. */
  readonly stateChanged: number;
  readonly refused: number;
};

/** What to take, and how. */
export type FeedRequest = {
  readonly db: Db;
  /** Path of the file: text, or a ZIP archive of one text. */
  readonly source: string;
  /** What the file's name says when absent: CSV, unless it ends in `.ldif`. */
  readonly form?: FeedForm;
  /** Who asks for it; stands in the books and in the history. */
  readonly by: string;
  /** For mailboxes and logins, which are not the registry's. */
  readonly moveAlong: MoveAlong;
  /** Says what would change, guardians apart; writes nothing, not even how far it went. */
  readonly isDryRun?: boolean;
  /** Nothing is read when this file is the last that was applied. */
  readonly unlessApplied?: boolean;
  /** After each batch. */
  readonly onProgress?: (linesDone: number, bytesDone: number, bytesTotal: number) => void;
  /** Stops between two batches; the same file given again goes on. */
  readonly signal?: AbortSignal;
};

/** How it ended. Rejects of an import stand in its books (imports/rejects.ts); a dry run, which has none, answers the first ones. */
export type FeedOutcome =
  | {
      readonly result: 'planned';
      readonly counts: FeedCounts;
      readonly rejects: readonly Reject[];
      readonly ignoredColumns: readonly string[];
    }
  | { readonly result: 'applied'; readonly record: ImportRecord; readonly counts: FeedCounts; readonly ignoredColumns: readonly string[] }
  | { readonly result: 'already-applied' | 'interrupted'; readonly record: ImportRecord; readonly counts: FeedCounts }
  /** Somebody else takes a feed. */
  | { readonly result: 'busy' }
  | {
      readonly result: 'unreadable';
      readonly trouble: SourceTrouble | HeaderTrouble['trouble'];
      readonly columns: readonly string[];
      readonly sentence: string;
    };

const largestBytes = 64 * 1024 ** 3;
const rejectsShown = 1000;

/** Lost races: a deadlock, or a matricule that somebody else wrote between our look and our writing. Nothing is written: done again. */
const retriedStates = new Set(['40P01', '40001', '23505']);
const mostAttempts = 8;

const nothing: FeedCounts = { read: 0, created: 0, changed: 0, unchanged: 0, stateChanged: 0, refused: 0 };

/** Takes a feed. A failure of the database is thrown; batches written until then are kept. */
export async function runFeed(request: FeedRequest): Promise<FeedOutcome> {
  try {
    const source = await openSource(request.source, largestBytes);
    try {
      if (request.isDryRun) return await plan(request, source);
      const outcome = await whileImporting(request.db, 'citizens', (connection) => apply({ ...request, db: connection }, source));
      return outcome === 'busy' ? { result: 'busy' } : outcome;
    } finally {
      await source.close();
    }
  } catch (error) {
    if (!(error instanceof SourceProblem)) throw error;
    return { result: 'unreadable', trouble: error.trouble, columns: [], sentence: troubleWords[error.trouble] };
  }
}

async function plan(request: FeedRequest, source: SourceFile): Promise<FeedOutcome> {
  const feed = await openFeed(source, request.form ?? formOf(source.name));
  if ('trouble' in feed) return unreadable(feed);
  let counts = nothing;
  const rejects: Reject[] = [];
  await inTurn(feedBatches(source, feed, feed.from), request, async (batch) => {
    const outcome = await planBatch(request.db, batch.lines);
    counts = added(counts, batch, outcome);
    rejects.push(...refusedIn(batch, outcome).slice(0, rejectsShown - rejects.length));
    request.onProgress?.(batch.next.line, batch.next.byte, source.bytes);
  });
  return { result: 'planned', counts, rejects, ignoredColumns: feed.ignored };
}

async function apply(request: FeedRequest, source: SourceFile): Promise<FeedOutcome> {
  const { db, by } = request;
  const last = request.unlessApplied ? await lastApplied(db, 'citizens') : undefined;
  if (last?.fingerprint === source.fingerprint) return { result: 'already-applied', record: last, counts: countsOf(last) };
  // A file that is none leaves no trace in the books, and ends no other.
  const feed = await openFeed(source, request.form ?? formOf(source.name));
  if ('trouble' in feed) return unreadable(feed);
  const { name, fingerprint, bytes } = source;
  const record = await db.transaction().execute((trx) => openImport(trx, { kind: 'citizens', name, fingerprint, bytes, by }));
  const { importId } = record;
  let counts = countsOf(record);
  const from = record.bytesDone > feed.from.byte ? { byte: record.bytesDone, line: record.linesDone } : feed.from;
  const isWhole = await inTurn(feedBatches(source, feed, from), request, async (batch) => {
    counts = await untilWritten(db, (trx) => write(trx, importId, request, counts, batch));
    request.onProgress?.(batch.next.line, batch.next.byte, bytes);
  });
  if (isWhole) await db.transaction().execute((trx) => endImport(trx, importId, 'applied'));
  const ended = (await readImport(db, importId)) ?? record;
  return isWhole
    ? { result: 'applied', record: ended, counts, ignoredColumns: feed.ignored }
    : { result: 'interrupted', record: ended, counts };
}

/** One batch and how far it brings the file: both, or neither. */
async function write(
  trx: Trx,
  importId: number,
  { by, moveAlong }: FeedRequest,
  before: FeedCounts,
  batch: FeedBatch,
): Promise<FeedCounts> {
  await asAuthor(trx, by);
  const outcome = await applyBatch(trx, batch.lines, moveAlong);
  const rejects = refusedIn(batch, outcome);
  const counts = added(before, batch, outcome);
  const linesTaken = batch.lines.length - outcome.refused.filter(({ because }) => because !== 'guardian-circle').length;
  await recordProgress(trx, importId, { bytesDone: batch.next.byte, linesDone: batch.next.line, linesTaken });
  await recordCounts(trx, importId, counts);
  await keepRejects(trx, importId, rejects);
  return counts;
}

/** Works on a batch while the next one is read; true when none is left, false when the signal was raised. */
async function inTurn(
  batches: AsyncIterable<FeedBatch>,
  { signal }: FeedRequest,
  work: (batch: FeedBatch) => Promise<void>,
): Promise<boolean> {
  let working: Promise<void> = Promise.resolve();
  try {
    for await (const batch of batches) {
      await working;
      if (signal?.aborted) return false;
      working = work(batch);
      // Its failure is heard at the next turn, or at the end.
      working.catch(() => {});
    }
  } finally {
    await working;
  }
  return !signal?.aborted;
}

async function untilWritten(db: Db, work: (trx: Trx) => Promise<FeedCounts>): Promise<FeedCounts> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (attempt === mostAttempts || !retriedStates.has((error as { code?: string }).code ?? '')) throw error;
      await delay(Math.random() * 10 * attempt);
    }
  }
}

function refusedIn(batch: FeedBatch, { refused }: BatchOutcome): Reject[] {
  return [...batch.refused, ...refused].sort((one, other) => one.line - other.line).map(rejectOf);
}

function added(before: FeedCounts, batch: FeedBatch, { counts, refused }: BatchOutcome): FeedCounts {
  return {
    read: before.read + batch.lines.length + batch.refused.length,
    created: before.created + counts.created,
    changed: before.changed + counts.changed,
    unchanged: before.unchanged + counts.unchanged,
    stateChanged: before.stateChanged + counts.stateChanged,
    refused: before.refused + batch.refused.length + refused.filter(({ because }) => because !== 'guardian-circle').length,
  };
}

function countsOf({ counts }: ImportRecord): FeedCounts {
  return { ...nothing, ...counts };
}

function unreadable({ trouble, columns }: HeaderTrouble): FeedOutcome {
  return { result: 'unreadable', trouble, columns, sentence: troubleWords[trouble] };
}
