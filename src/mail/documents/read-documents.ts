// The health documents of a letter: every IHE_XDM.zip in it, read safely whatever it holds. Requirements 41, 47, 50.
import type { MimePart } from '../mime-part.ts';
import { archiveParts } from './archive-parts.ts';
import { openPart } from './decoded-part.ts';
import { DocumentsProblem } from './documents-problem.ts';
import type { DocumentsReading, HealthDocument, LetterBytes } from './health-document.ts';
import { maxArchives } from './limits.ts';
import { readArchive } from './read-archive.ts';
import { XmlBudget } from './read-xml.ts';

/**
 * Reads the archives in the order of the letter. A hostile one ends the reading, an unreadable one does not: what the others say counts
 * all the same. Memory is bounded by a constant, and the event loop turns all along. Throws only what `bytes` throws.
 */
export async function readDocuments(root: MimePart, bytes: LetterBytes): Promise<DocumentsReading> {
  const archives = archiveParts(root);
  if (archives.length > maxArchives) return { documents: [], problem: 'hostile', because: 'too-many-archives' };
  const budget = new XmlBudget();
  const documents: HealthDocument[] = [];
  let because: string | undefined;
  for (const archive of archives) {
    try {
      documents.push(...(await readArchive(await openPart(bytes, archive), budget)));
    } catch (error) {
      if (!(error instanceof DocumentsProblem)) throw error;
      if (error.isHostile) return { documents: [], problem: 'hostile', because: error.code };
      because ??= error.code;
    }
  }
  return because === undefined ? { documents } : { documents, problem: 'unreadable', because };
}
