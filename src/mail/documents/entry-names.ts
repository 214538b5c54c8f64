// Names inside an archive, read with suspicion: nobody here writes them to a disk, but whoever opens the attachment might.
import { isUtf8 } from 'node:buffer';
import type { Entry } from 'yauzl';
import { DocumentsProblem } from './documents-problem.ts';

const unicodePathField = 0x7075;

/**
 * The entry's path with `/` between its folders. Throws DocumentsProblem `unsafe-name` when it leads out of the archive, and
 * `headers-disagree` when a Unicode path (Info-ZIP extra field 0x7075) contradicts a name that was plain ASCII already.
 */
export function entryPath(entry: Pick<Entry, 'fileNameRaw' | 'extraFields'>): string {
  const raw = entry.fileNameRaw;
  const unicode = entry.extraFields.find((field) => field.id === unicodePathField)?.data.subarray(5);
  if (unicode && !unicode.equals(raw) && raw.every((byte) => byte < 0x80)) throw new DocumentsProblem('headers-disagree');
  return safePath(decodeName(unicode ?? raw));
}

/** The path with `/` for the `\` some tools write. Throws DocumentsProblem `unsafe-name`: absolute, a drive, `..`, a control character. */
export function safePath(name: string): string {
  const path = name.replaceAll('\\', '/');
  if (path === '' || path.startsWith('/') || /^[A-Za-z]:/.test(path)) throw new DocumentsProblem('unsafe-name');
  if (/\p{Cc}/u.test(path) || path.split('/').includes('..')) throw new DocumentsProblem('unsafe-name');
  return path;
}

/** What two names are compared by: two that differ in letter case or in Unicode form alone are one file on many disks. */
export function comparablePath(path: string): string {
  const steps = path.normalize('NFC').split('/');
  return steps
    .filter((step) => step !== '.' && step !== '')
    .join('/')
    .toLowerCase();
}

/** The folder of a path, with its last `/`; empty at the root. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function decodeName(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}
