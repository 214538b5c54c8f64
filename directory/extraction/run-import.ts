// A national extraction from file to registry: read in batches, resumed where it stopped, compared, applied. Requirement 24.
//
// What if the process dies: while lines are read, the batches that were committed stay, and the same file goes on at the byte after them;
// once read, it is compared and applied anew; applying is one transaction. Twice at once: the second is told that it is busy.
import type { Db } from '../../src/database/tables.ts';
import { endImport, type ImportRecord, lastApplied, openImport, readImport, recordCounts } from '../imports/import-record.ts';
import { openSource, type SourceFile, SourceProblem, type SourceTrouble } from '../imports/source-file.ts';
import { textLines } from '../imports/text-lines.ts';
import { whileImporting } from '../imports/while-importing.ts';
import { applyImport, countsOf } from './apply-import.ts';
import { type ExtractionHeader, type HeaderTrouble, readHeader } from './columns.ts';
import type { HostedDomains } from './compare-boxes.ts';
import { type ImportPlan, planImport } from './plan-import.ts';
import { longestLineBytes } from './read-line.ts';
import { settleLines } from './settle-lines.ts';
import { BatchWriter, stageBatch } from './stage-lines.ts';

/** What to import, and how. */
export type ImportRequest = {
  readonly db: Db;
  /** Path of the file: text, or a ZIP archive of one text. */
  readonly source: string;
  readonly hosted: HostedDomains;
  /** Who asks for it, as the books will name them. */
  readonly by: string;
  /** Reads and compares, changes nothing in the registry. Giving the same file again then applies it without reading it again. */
  readonly isDryRun?: boolean;
  /** Accepts that more than a fifth of what is listed be withdrawn. */
  readonly isForced?: boolean;
  /** Nothing is read when this file is the last one that was applied. */
  readonly unlessApplied?: boolean;
  /** Called when the reading begins, where it goes on from, and after each batch. */
  readonly onProgress?: (linesDone: number, bytesDone: number, bytesTotal: number) => void;
  /** Stops after the batch under way; the same file given again goes on. */
  readonly signal?: AbortSignal;
};

/** How it ended. */
export type ImportOutcome =
  | {
      readonly result: 'planned' | 'applied' | 'too-many-withdrawn';
      readonly record: ImportRecord;
      readonly plan: ImportPlan;
      /** Columns that nobody here knows, as the file names them. */
      readonly ignoredColumns: readonly string[];
    }
  | { readonly result: 'already-applied' | 'interrupted'; readonly record: ImportRecord }
  /** Somebody else imports an extraction. */
  | { readonly result: 'busy' }
  /** The file as a whole; `columns` are those the trouble is with. */
  | { readonly result: 'unreadable'; readonly trouble: SourceTrouble | HeaderTrouble; readonly columns: readonly string[] };

/** Bytes of text that one import reads at most: a hundred times what is published. */
const largestBytes = 8 * 1024 ** 3;
const batchLines = 5000;
const longestHeaderBytes = 64 * 1024;

/** Imports a file. A failure of the database is thrown; what was read until then is kept. */
export async function runImport(request: ImportRequest): Promise<ImportOutcome> {
  try {
    const source = await openSource(request.source, largestBytes);
    try {
      const outcome = await whileImporting(request.db, 'extraction', (connection) => importFrom(connection, source, request));
      return outcome === 'busy' ? { result: 'busy' } : outcome;
    } finally {
      await source.close();
    }
  } catch (error) {
    if (error instanceof SourceProblem) return { result: 'unreadable', trouble: error.trouble, columns: [] };
    throw error;
  }
}

async function importFrom(db: Db, source: SourceFile, request: ImportRequest): Promise<ImportOutcome> {
  const last = request.unlessApplied ? await lastApplied(db, 'extraction') : undefined;
  if (last?.fingerprint === source.fingerprint) return { result: 'already-applied', record: last };
  const header = await headerOf(source);
  if ('trouble' in header) return { result: 'unreadable', ...header };
  const file = { kind: 'extraction', name: source.name, fingerprint: source.fingerprint, bytes: source.bytes, by: request.by } as const;
  const record = await db.transaction().execute((trx) => openImport(trx, file));
  if (record.state === 'reading') {
    const isWhole = await readLines(db, source, header, record, request);
    if (!isWhole) return { result: 'interrupted', record: await recordAgain(db, record) };
    await db.transaction().execute((trx) => settleLines(trx, record.importId));
  }
  const ended = await conclude(db, record.importId, request);
  return { ...ended, record: await recordAgain(db, record), ignoredColumns: header.ignored };
}

type Header = ExtractionHeader & { readonly endsAt: number };

async function headerOf(source: SourceFile): Promise<Header | { readonly trouble: HeaderTrouble; readonly columns: readonly string[] }> {
  for await (const { bytes, endsAt } of textLines(source.read(0), { byte: 0, line: 0 }, longestHeaderBytes)) {
    const header = readHeader(bytes?.toString('utf8') ?? '');
    return 'trouble' in header ? header : { ...header, endsAt };
  }
  return { trouble: 'no-header', columns: [] };
}

/** Stages what is not staged yet; false when it was asked to stop before the end. */
async function readLines(db: Db, source: SourceFile, header: Header, record: ImportRecord, request: ImportRequest): Promise<boolean> {
  const { importId } = record;
  const from = record.bytesDone === 0 ? { byte: header.endsAt, line: 1 } : { byte: record.bytesDone, line: record.linesDone };
  request.onProgress?.(from.line, from.byte, source.bytes);
  const batch = new BatchWriter(header);
  let place = { line: from.line, endsAt: from.byte };
  const write = async () => {
    const gathered = batch.take(place);
    await db.transaction().execute((trx) => stageBatch(trx, importId, gathered));
    request.onProgress?.(place.line, place.endsAt, source.bytes);
  };
  try {
    for await (const line of textLines(source.read(from.byte), from, longestLineBytes)) {
      batch.add(line);
      place = line;
      if (batch.lines < batchLines) continue;
      await write();
      if (request.signal?.aborted) return false;
    }
  } catch (error) {
    // What was read of a file that is not the one fingerprinted is worth nothing.
    if (error instanceof SourceProblem) await db.transaction().execute((trx) => endImport(trx, importId, 'abandoned'));
    throw error;
  }
  if (batch.lines > 0) await write();
  return !request.signal?.aborted;
}

async function conclude(
  db: Db,
  importId: number,
  { hosted, isDryRun, isForced }: ImportRequest,
): Promise<{ readonly result: 'planned' | 'applied' | 'too-many-withdrawn'; readonly plan: ImportPlan }> {
  const concluded = await db.transaction().execute(async (trx) => {
    if (!isDryRun) return await applyImport(trx, importId, { hosted, isForced: isForced === true });
    const plan = await planImport(trx, importId, hosted);
    if (plan === 'not-read') return { result: plan } as const;
    await recordCounts(trx, importId, countsOf(plan));
    return { result: 'planned', plan } as const;
  });
  if (concluded.result === 'not-read') throw new Error(`Import ${importId} was ended by somebody else before it was applied`);
  return concluded;
}

async function recordAgain(db: Db, { importId }: ImportRecord): Promise<ImportRecord> {
  const record = await readImport(db, importId);
  if (!record) throw new Error(`Import ${importId} is not in the books any more`);
  return record;
}
