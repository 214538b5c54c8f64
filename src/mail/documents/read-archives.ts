// Every IHE_XDM.zip of a letter, read safely whatever it holds. Requirement 47.
import type { MimePart } from '../mime-part.ts';
import { archiveParts } from './archive-parts.ts';
import { openPart } from './decoded-part.ts';
import { DocumentsProblem } from './documents-problem.ts';
import type { DocumentsReading, LetterBytes } from './health-document.ts';
import { maxArchives } from './limits.ts';
import { type FoundDocument, readArchive } from './read-archive.ts';
import { XmlBudget } from './read-xml.ts';

/** What was found, and what stopped the reading; the words are those of DocumentsReading. */
export type FoundDocuments = Omit<DocumentsReading, 'documents'> & { readonly found: readonly FoundDocument[] };

/**
 * Reads the archives in the order of the letter. A hostile one ends the reading, an unreadable one does not: what the others say counts
 * all the same. Memory is bounded by a constant, and the event loop turns all along. Throws only what `bytes` throws.
 */
export async function readArchives(root: MimePart, bytes: LetterBytes): Promise<FoundDocuments> {
  const archives = archiveParts(root);
  if (archives.length > maxArchives) return { found: [], problem: 'hostile', because: 'too-many-archives' };
  const budget = new XmlBudget();
  const found: FoundDocument[] = [];
  let because: string | undefined;
  for (const archive of archives) {
    try {
      found.push(...(await readArchive(await openPart(bytes, archive), budget)));
    } catch (error) {
      if (!(error instanceof DocumentsProblem)) throw error;
      if (error.isHostile) return { found: [], problem: 'hostile', because: error.code };
      because ??= error.code;
    }
  }
  return because === undefined ? { found } : { found, problem: 'unreadable', because };
}
