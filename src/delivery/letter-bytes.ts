// The clear bytes of a letter that is stored: inline, or in its file.
import type { BlobStore } from '../../mailboxes/blobs/blob-store.ts';
import type { BlobRef, StoredBlob } from '../../mailboxes/blobs/stored-blob.ts';
import type { LetterBytes } from '../mail/documents/health-document.ts';
import type { MimePart } from '../mail/mime-part.ts';
import { transferDecoderFor } from '../mail/transfer-decoding.ts';

/** Random access to the bytes, as MimePart's offsets count them. */
export function letterBytes(blobs: BlobStore, blob: StoredBlob): LetterBytes {
  const row: BlobRef = {
    blob_id: blob.blobId,
    size_bytes: blob.sizeBytes,
    format: blob.format,
    master_key_version: blob.masterKeyVersion,
    wrapped_key: blob.wrappedKey,
    inline_bytes: blob.inlineBytes,
  };
  return bytesOfBlob(blobs, row);
}

/** The same of a letter that was committed, by the row of its blob. */
export function bytesOfBlob(blobs: BlobStore, row: BlobRef): LetterBytes {
  return { sizeBytes: row.size_bytes, read: (start, end) => blobs.read(row, start, end) };
}

/** The decoded body of a part, read no further than `maxBytes` of it as they stand in the letter. */
export async function decodedBody(bytes: LetterBytes, part: MimePart, maxBytes: number): Promise<Buffer> {
  const decoder = transferDecoderFor(part.encoding);
  const decoded: Buffer[] = [];
  for await (const chunk of bytes.read(part.bodyStart, Math.min(part.end, part.bodyStart + maxBytes))) decoded.push(decoder.write(chunk));
  return Buffer.concat([...decoded, decoder.end()]);
}
