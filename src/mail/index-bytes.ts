// The MIME index of a letter that is stored already, for whoever finds no index kept beside it.
import type { LetterBytes } from './documents/health-document.ts';
import { type MimeIndex, MimeIndexer } from './mime-index.ts';

/** Reads the letter once. Throws only what `bytes` throws. */
export async function indexBytes(bytes: LetterBytes): Promise<MimeIndex> {
  const indexer = new MimeIndexer();
  for await (const chunk of bytes.read(0, bytes.sizeBytes)) indexer.write(chunk);
  return indexer.end();
}
