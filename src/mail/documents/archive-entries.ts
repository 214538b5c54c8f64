// The files of an archive, once it is known to be harmless to inflate and to say one thing only: to a reader of the central directory and
// to a reader of the local headers, on a disk that tells letter cases apart and on one that does not. Requirement 47.
import type { Entry } from 'yauzl';
import { checkEndRecords, checkPlaces, hasDescriptor } from './archive-layout.ts';
import { DocumentsProblem } from './documents-problem.ts';
import { comparablePath, entryPath } from './entry-names.ts';
import { harmlessBytes, maxInflatedBytes, maxRatio } from './limits.ts';
import type { ZipDirectory, ZipEntry } from './zip-directory.ts';

/** One file of an archive. */
export type ArchiveEntry = {
  /** Safe, with `/` between folders. */
  readonly path: string;
  readonly isDeflated: boolean;
  /** Its compressed bytes are [dataStart, dataEnd) of the archive. */
  readonly dataStart: number;
  readonly dataEnd: number;
  readonly sizeBytes: number;
  readonly crc32: number;
};

/** The files by comparablePath(), folders left out, in the order of their places. Throws DocumentsProblem, the hostile ones first. */
export function archiveEntries(directory: ZipDirectory): ReadonlyMap<string, ArchiveEntry> {
  const { entries } = directory;
  const paths = entries.map(({ central }) => entryPath(central));
  for (const entry of entries) checkHeaders(entry);
  checkInflated(entries.map(({ central }) => central));
  checkNames(paths);
  checkPlaces(directory);
  checkEndRecords(directory);
  for (const { central } of entries) checkReadable(central);
  const files = entries.map((entry, index) => describe(entry, paths[index] ?? ''));
  return new Map(files.filter(({ path }) => !path.endsWith('/')).map((file) => [comparablePath(file.path), file]));
}

function describe({ central, local }: ZipEntry, path: string): ArchiveEntry {
  return {
    path,
    isDeflated: central.compressionMethod === 8,
    dataStart: local.fileDataStart,
    dataEnd: local.fileDataStart + central.compressedSize,
    sizeBytes: central.uncompressedSize,
    crc32: central.crc32,
  };
}

const unixFileTypes = new Set([0, 0x4000, 0x8000]);
/** The size is in the zip64 field: APPNOTE 4.5.3. */
const zip64Mark = 0xffffffff;

function checkHeaders(entry: ZipEntry): void {
  const { central, local } = entry;
  if (!unixFileTypes.has((central.externalFileAttributes >>> 16) & 0xf000)) throw new DocumentsProblem('link');
  const isOneMethod = central.compressionMethod === local.compressionMethod && central.isEncrypted() === isEncrypted(local);
  if (!isOneMethod || !central.fileNameRaw.equals(local.fileName)) throw new DocumentsProblem('headers-disagree');
  const agrees = (said: number, known: number) => said === known || said === zip64Mark || (said === 0 && hasDescriptor(entry));
  if (!agrees(local.compressedSize, central.compressedSize)) throw new DocumentsProblem('headers-disagree');
  if (!agrees(local.uncompressedSize, central.uncompressedSize)) throw new DocumentsProblem('headers-disagree');
  if (central.compressionMethod === 0 && !central.isEncrypted() && central.compressedSize !== central.uncompressedSize) {
    throw new DocumentsProblem('sizes-disagree');
  }
}

function checkInflated(entries: readonly Entry[]): void {
  const isSwollen = ({ compressedSize, uncompressedSize }: Entry) =>
    uncompressedSize > harmlessBytes && uncompressedSize > compressedSize * maxRatio;
  const total = entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
  if (total > maxInflatedBytes || entries.some(isSwollen)) throw new DocumentsProblem('bomb');
}

function checkNames(paths: readonly string[]): void {
  if (new Set(paths.map(comparablePath)).size < paths.length) throw new DocumentsProblem('same-name-twice');
}

function checkReadable(entry: Entry): void {
  if (isEncrypted(entry)) throw new DocumentsProblem('encrypted');
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) throw new DocumentsProblem('unknown-compression');
}

function isEncrypted(header: { readonly generalPurposeBitFlag: number }): boolean {
  return (header.generalPurposeBitFlag & 0x1) !== 0;
}
