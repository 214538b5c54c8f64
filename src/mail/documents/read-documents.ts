// The health documents of a letter, as far as they are judged. Requirements 41, 47, 50.
import type { MimePart } from '../mime-part.ts';
import type { DocumentsReading, LetterBytes } from './health-document.ts';
import { readArchives } from './read-archives.ts';

/** What every archive of the letter holds, and whether one of them was hostile or unreadable. Throws only what `bytes` throws. */
export async function readDocuments(root: MimePart, bytes: LetterBytes): Promise<DocumentsReading> {
  const { found, ...problem } = await readArchives(root, bytes);
  return { documents: found.map(({ document }) => document), ...problem };
}
