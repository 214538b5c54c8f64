// Size and hashes of a document, computed as it streams by. Requirement 49: a registry knows a document by them.
import { createHash } from 'node:crypto';
import { DocumentsProblem } from './documents-problem.ts';

/** What a registry compares a document by. `sha1` is the hash of XDS (IHE ITI TF-3 §4.2.3.2.10), `sha256` is for signatures. */
export type DocumentDigests = { readonly sizeBytes: number; readonly sha1: Buffer; readonly sha256: Buffer };

/** Reads the document once. Undefined when its archive does not hold what it says it holds; other errors pass through. */
export async function digestsOf(open: () => AsyncIterable<Buffer>): Promise<DocumentDigests | undefined> {
  const [sha1, sha256] = [createHash('sha1'), createHash('sha256')];
  let sizeBytes = 0;
  try {
    for await (const chunk of open()) {
      sizeBytes += chunk.length;
      sha1.update(chunk);
      sha256.update(chunk);
    }
  } catch (error) {
    if (error instanceof DocumentsProblem) return undefined;
    throw error;
  }
  return { sizeBytes, sha1: sha1.digest(), sha256: sha256.digest() };
}
