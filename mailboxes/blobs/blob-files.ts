// Where the files of blobs are, and what one that is still being written is called.
import { join } from 'node:path';

/** Name ending of a file that is still being written. */
export const unfinishedSuffix = '.part';

/** A blob's file: spread over 256 folders by the random end of its id (its beginning is the time). */
export function blobFile(folder: string, blobId: string): string {
  return join(folder, blobId.slice(-2), blobId);
}
