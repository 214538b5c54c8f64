// The CDA documents of a letter with all that is written of them, for the copy in the national record. Requirements 47, 49, 53.
import type { MimePart } from '../mime-part.ts';
import type { LetterBytes } from './health-document.ts';
import { readArchives } from './read-archives.ts';
import type { DescribedDocument } from './written-metadata.ts';

/**
 * The CDA documents of every archive that can be read, in the order of readDocuments(). Of a letter with a hostile archive, none.
 * Memory is bounded by a constant, whatever the documents' size. Throws only what `bytes` throws.
 */
export async function describeDocuments(root: MimePart, bytes: LetterBytes): Promise<readonly DescribedDocument[]> {
  const { found } = await readArchives(root, bytes);
  return found.flatMap(({ document, cda }) => (cda ? [{ ...document, ...cda }] : []));
}
