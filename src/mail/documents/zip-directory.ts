// The directory of a ZIP archive as it stands, by yauzl over random access: nothing is inflated, nothing is believed yet. APPNOTE 6.3 §4.3.
import { setImmediate } from 'node:timers/promises';
import { type Entry, fromRandomAccessReader, type LocalFileHeader, RandomAccessReader, type ZipFile } from 'yauzl';
import type { DecodedPart } from './decoded-part.ts';
import { DocumentsProblem } from './documents-problem.ts';
import { maxEntries } from './limits.ts';

/** An entry by both its headers, which should agree. */
export type ZipEntry = { readonly central: Entry; readonly local: LocalFileHeader };

/** What the archive says of itself. Offsets are bytes of the archive. */
export type ZipDirectory = {
  /** In the order of their places. */
  readonly entries: readonly ZipEntry[];
  /** The central directory is [start, end). */
  readonly start: number;
  readonly end: number;
  /** From the end of the directory to the comment: the end record, and before it the two of zip64 if there are. */
  readonly endRecords: Buffer;
};

const endRecordBytes = 22;
const zip64RecordsBytes = 56 + 20;

/**
 * Reads the directory. Throws DocumentsProblem when there is none, when it has too many entries, or when something else stands between it
 * and the end; an error of the part itself (a disk, a damaged blob) passes through.
 */
export async function readZipDirectory(part: DecodedPart): Promise<ZipDirectory> {
  const reader = new PartReader(part);
  const { zip, start, end, entries } = await listArchive(reader, part.sizeBytes).catch((error: unknown) => {
    if (error instanceof DocumentsProblem) throw error;
    throw reader.failure ?? new DocumentsProblem('damaged-archive');
  });
  const endRecordAt = part.sizeBytes - endRecordBytes - zip.comment.length;
  if (endRecordAt !== end && endRecordAt !== end + zip64RecordsBytes) throw new DocumentsProblem('hidden-bytes');
  return { entries, start, end, endRecords: await part.read(end, endRecordAt + endRecordBytes) };
}

async function listArchive(reader: PartReader, sizeBytes: number): Promise<Omit<ZipDirectory, 'endRecords'> & { readonly zip: ZipFile }> {
  const zip = await openZip(reader, sizeBytes);
  if (zip.entryCount > maxEntries) throw new DocumentsProblem('too-many-entries');
  const start = Number(zip.readEntryCursor);
  const centrals = await listEntries(zip);
  const end = Number(zip.readEntryCursor);
  const entries: ZipEntry[] = [];
  centrals.sort((one, other) => one.relativeOffsetOfLocalHeader - other.relativeOffsetOfLocalHeader);
  for (const central of centrals) {
    entries.push({ central, local: await readLocalHeader(zip, central) });
    await setImmediate();
  }
  return { zip, start, end, entries };
}

/** yauzl's way to the bytes. It keeps what the part itself failed with apart from what yauzl finds wrong in the bytes. */
class PartReader extends RandomAccessReader {
  readonly #part: DecodedPart;
  failure: Error | undefined;

  constructor(part: DecodedPart) {
    super();
    this.#part = part;
  }

  override read(buffer: Buffer, offset: number, length: number, position: number, callback: (error: Error | null) => void): void {
    this.#part.read(position, position + length).then(
      (bytes) => callback(bytes.copy(buffer, offset) < length ? new Error('The archive ends too early') : null),
      (error: Error) => {
        this.failure = error;
        callback(error);
      },
    );
  }
}

/** Names stay bytes: what they say is judged in entry-names.ts. */
const options = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: false };

async function openZip(reader: PartReader, sizeBytes: number): Promise<ZipFile> {
  return await new Promise((resolve, reject) => {
    fromRandomAccessReader(reader, sizeBytes, options, (error, zip) => (error ? reject(error) : resolve(zip)));
  });
}

async function listEntries(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) {
    entries.push(entry);
    await setImmediate(); // what is in the cache is read without a turn of the event loop
  }
  return entries;
}

async function readLocalHeader(zip: ZipFile, entry: Entry): Promise<LocalFileHeader> {
  return await new Promise((resolve, reject) => {
    zip.readLocalFileHeader(entry, (error, header) => (error ? reject(error) : resolve(header)));
  });
}
