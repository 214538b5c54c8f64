// The books of imports: which file, how far, with what result. A process may die at any line; what stands here says where to go on.
import { sql } from 'kysely';
import type { Db, Trx } from '../../src/database/tables.ts';
import type { ImportKind, ImportState } from './schema.ts';

/** A file and how far it went, as its row has it. */
export type ImportRecord = {
  readonly importId: number;
  readonly kind: ImportKind;
  readonly source: string;
  readonly fingerprint: string;
  readonly state: ImportState;
  readonly bytesTotal: number;
  /** Bytes of the text that need not be read again; the next one begins a line. */
  readonly bytesDone: number;
  /** Lines in those bytes, header included. */
  readonly linesDone: number;
  readonly linesTaken: number;
  readonly refused: number;
  readonly noted: number;
  /** How often each reason was given. */
  readonly reasons: Readonly<Record<string, number>>;
  /** What it would change or has changed, in the words of its kind. */
  readonly counts: Readonly<Record<string, number>>;
  readonly by: string;
  readonly startedAt: Date;
  readonly progressAt: Date;
  readonly endedAt?: Date;
};

/** A file as it is given. */
export type GivenFile = {
  readonly kind: ImportKind;
  /** Its own name, without the folder. */
  readonly name: string;
  /** SHA-256 of its bytes, hexadecimal. */
  readonly fingerprint: string;
  /** Of its text. */
  readonly bytes: number;
  readonly by: string;
};

/** Days the refused lines of an import that has ended are kept; the import itself stays in the books. */
const rejectDays = 90;

type Row = {
  import_id: number;
  kind: ImportKind;
  source: string;
  fingerprint: string;
  state: ImportState;
  bytes_total: number;
  bytes_done: number;
  lines_done: number;
  lines_taken: number;
  refused: number;
  noted: number;
  reasons: Record<string, number>;
  counts: Record<string, number>;
  by: string;
  started_at: Date;
  progress_at: Date;
  ended_at: Date | null;
};

/**
 * The import of a file: the one that was interrupted, when it is the same file, else a new one; another file of its kind that was still
 * open is abandoned. Call it under whileImporting(): two at once would take each other's place.
 */
export async function openImport(trx: Trx, file: GivenFile): Promise<ImportRecord> {
  const open = await sql<Row>`
    select * from imports where kind = ${file.kind} and state in ('reading', 'read') for update`.execute(trx);
  const [before] = open.rows;
  if (before && before.fingerprint === file.fingerprint && before.bytes_total === file.bytes) return recordOf(before);
  if (before) await endImport(trx, before.import_id, 'abandoned');
  await sql`
    delete from import_rejects where import_id in (
      select import_id from imports where kind = ${file.kind} and ended_at < now() - make_interval(days => ${rejectDays}))`.execute(trx);
  const { rows } = await sql<Row>`
    insert into imports (kind, source, fingerprint, bytes_total, by)
    values (${file.kind}, ${file.name}, ${file.fingerprint}, ${file.bytes}, ${file.by}) returning *`.execute(trx);
  const [row] = rows;
  if (!row) throw new Error('A new import has no row');
  return recordOf(row);
}

/** How far a batch went, to be written in the transaction that writes its rows. Taken and refused are those of this batch. */
export type Progress = { readonly bytesDone: number; readonly linesDone: number; readonly linesTaken: number };

/** Writes it down. Throws ImportLostError when the import is not open any more: the batch must not be kept. */
export async function recordProgress(trx: Trx, importId: number, { bytesDone, linesDone, linesTaken }: Progress): Promise<void> {
  const { numAffectedRows } = await sql`
    update imports set bytes_done = ${bytesDone}, lines_done = ${linesDone}, lines_taken = lines_taken + ${linesTaken}, progress_at = now()
    where import_id = ${importId} and state = 'reading' and bytes_done <= ${bytesDone}`.execute(trx);
  if (numAffectedRows !== 1n) throw new ImportLostError(`Import ${importId} was ended by somebody else while it was being read`);
}

/** Everything is known of the file; nothing of it is applied yet. */
export async function finishReading(trx: Trx, importId: number): Promise<void> {
  const { numAffectedRows } = await sql`
    update imports set state = 'read', progress_at = now() where import_id = ${importId} and state = 'reading'`.execute(trx);
  if (numAffectedRows !== 1n) throw new ImportLostError(`Import ${importId} was ended by somebody else while it was being read`);
}

/** Writes down what the import would change or has changed. */
export async function recordCounts(trx: Trx, importId: number, counts: Readonly<Record<string, number>>): Promise<void> {
  await sql`update imports set counts = ${JSON.stringify(counts)}::jsonb where import_id = ${importId}`.execute(trx);
}

/** Ends an import for good, and forgets its lines that waited. False when it had ended before. */
export async function endImport(trx: Trx, importId: number, state: 'applied' | 'abandoned'): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update imports set state = ${state}, ended_at = now(), progress_at = now()
    where import_id = ${importId} and state in ('reading', 'read')`.execute(trx);
  if (numAffectedRows !== 1n) return false;
  await sql`delete from import_lines where import_id = ${importId}`.execute(trx);
  return true;
}

/** One import; undefined when there is none of this number. */
export async function readImport(db: Db, importId: number): Promise<ImportRecord | undefined> {
  const { rows } = await sql<Row>`select * from imports where import_id = ${importId}`.execute(db);
  return rows[0] && recordOf(rows[0]);
}

/** The latest imports, the newest first, of one kind or of all. */
export async function listImports(db: Db, { kind, limit }: { kind?: ImportKind; limit: number }): Promise<ImportRecord[]> {
  const { rows } = await sql<Row>`
    select * from imports where ${kind ?? null}::text is null or kind = ${kind ?? null} order by import_id desc limit ${limit}`.execute(db);
  return rows.map(recordOf);
}

/** The last import of a kind that was applied: what the registry was last fed with, and when. */
export async function lastApplied(db: Db, kind: ImportKind): Promise<ImportRecord | undefined> {
  const { rows } = await sql<Row>`
    select * from imports where kind = ${kind} and state = 'applied' order by import_id desc limit 1`.execute(db);
  return rows[0] && recordOf(rows[0]);
}

/** The import is not open any more: somebody ended it, or gave another file. What was being written is not kept. */
export class ImportLostError extends Error {
  override readonly name = 'ImportLostError';
}

function recordOf(row: Row): ImportRecord {
  return {
    importId: row.import_id,
    kind: row.kind,
    source: row.source,
    fingerprint: row.fingerprint,
    state: row.state,
    bytesTotal: row.bytes_total,
    bytesDone: row.bytes_done,
    linesDone: row.lines_done,
    linesTaken: row.lines_taken,
    refused: row.refused,
    noted: row.noted,
    reasons: row.reasons,
    counts: row.counts,
    by: row.by,
    startedAt: row.started_at,
    progressAt: row.progress_at,
    ...(row.ended_at && { endedAt: row.ended_at }),
  };
}
