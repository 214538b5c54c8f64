// Where things stand in a ZIP archive: entries one behind the other from the first byte to the directory, the end records behind it, and
// no byte that belongs to none of them. Overlaps are how small bombs are made; gaps are where a second archive hides. APPNOTE 6.3 §4.3.
import { DocumentsProblem } from './documents-problem.ts';
import type { ZipDirectory, ZipEntry } from './zip-directory.ts';

/** Data descriptors: with or without signature, with or without zip64. APPNOTE 4.3.9. */
const descriptorBytes = [12, 16, 20, 24];

/** Throws DocumentsProblem `overlapping-entries` or `hidden-bytes`. */
export function checkPlaces({ entries, start }: Pick<ZipDirectory, 'entries' | 'start'>): void {
  let covered = 0;
  let mayHaveDescriptor = false;
  const next = (at: number) => {
    if (at < covered) throw new DocumentsProblem('overlapping-entries');
    if (at > covered && !(mayHaveDescriptor && descriptorBytes.includes(at - covered))) throw new DocumentsProblem('hidden-bytes');
  };
  for (const entry of entries) {
    next(entry.central.relativeOffsetOfLocalHeader);
    covered = entry.local.fileDataStart + entry.central.compressedSize;
    mayHaveDescriptor = hasDescriptor(entry);
  }
  next(start);
}

/** General purpose bit 3: the sizes follow the data, and the local header may not know them. APPNOTE 4.4.4. */
export function hasDescriptor(entry: ZipEntry): boolean {
  return (entry.local.generalPurposeBitFlag & 0x8) !== 0;
}

/** Throws DocumentsProblem `headers-disagree` when the end record, or zip64's, describes another directory than the one that was read. */
export function checkEndRecords({ entries, start, end, endRecords }: ZipDirectory): void {
  const record = endRecords.subarray(-22);
  const isZip64 = endRecords.length > record.length;
  const agrees = (said: number, known: number, mark: number) => said === known || (isZip64 && said === mark);
  const fits =
    agrees(record.readUInt16LE(8), entries.length, 0xffff) &&
    agrees(record.readUInt16LE(10), entries.length, 0xffff) &&
    agrees(record.readUInt32LE(12), end - start, 0xffffffff) &&
    agrees(record.readUInt32LE(16), start, 0xffffffff);
  if (!fits || (isZip64 && !zip64Fits(endRecords, entries.length, start, end))) throw new DocumentsProblem('headers-disagree');
}

/** The zip64 record and its locator, APPNOTE 4.3.14 and 4.3.15: the locator points at this record, the record at this directory. */
function zip64Fits(records: Buffer, entryCount: number, start: number, end: number): boolean {
  const says = (offset: number, value: number) => records.readBigUInt64LE(offset) === BigInt(value);
  return says(24, entryCount) && says(32, entryCount) && says(40, end - start) && says(48, start) && says(56 + 8, end);
}
