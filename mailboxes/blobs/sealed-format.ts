// The bytes of a sealed blob: one format byte, then segments of at most 64 KiB of clear text, each AES-256-GCM with its tag.
// One random key per blob. The nonce is the segment's number and a mark on the last one (the STREAM construction), and the
// associated data names format and blob: a segment changed, moved, dropped, added or taken from another blob does not open.
import { createCipheriv, createDecipheriv } from 'node:crypto';

/** The first byte of every sealed blob, and the `format` column. */
export const sealedFormat = 1;

/** Clear bytes of every segment but the last. */
export const segmentBytes = 64 * 1024;

const tagBytes = 16;
const headerBytes = 1;

/** What opens and seals one blob. */
export type BlobKey = { readonly blobId: string; readonly key: Buffer };

/** How many segments a blob of this clear size has; an empty one has one, so that emptiness is authenticated too. */
export function segmentCount(sizeBytes: number): number {
  return Math.max(1, Math.ceil(sizeBytes / segmentBytes));
}

/** Length of the sealed form of a blob of this clear size. */
export function sealedLength(sizeBytes: number): number {
  return headerBytes + sizeBytes + segmentCount(sizeBytes) * tagBytes;
}

/** Where a segment stands in the sealed form: [start, end). */
export function sealedRange(index: number, sizeBytes: number): { start: number; end: number } {
  const start = headerBytes + index * (segmentBytes + tagBytes);
  const clear = Math.min(segmentBytes, sizeBytes - index * segmentBytes);
  return { start, end: start + clear + tagBytes };
}

/** The format byte that opens the sealed form. */
export const sealedHeader: Buffer = Buffer.from([sealedFormat]);

/** Seals one segment: ciphertext, then tag. */
export function sealSegment(blob: BlobKey, index: number, isLast: boolean, clear: Buffer): [Buffer, Buffer] {
  const cipher = createCipheriv('aes-256-gcm', blob.key, segmentNonce(index, isLast));
  cipher.setAAD(segmentContext(blob.blobId));
  const sealed = cipher.update(clear);
  cipher.final();
  return [sealed, cipher.getAuthTag()];
}

/** Opens one segment, tag included. Throws when it is not exactly what was sealed at this place of this blob. */
export function openSegment(blob: BlobKey, index: number, isLast: boolean, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', blob.key, segmentNonce(index, isLast), { authTagLength: tagBytes });
  decipher.setAAD(segmentContext(blob.blobId));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const clear = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
  decipher.final();
  return clear;
}

/** Seals bytes that are all at hand, as a small letter is. */
export function sealBytes(blob: BlobKey, clear: Buffer): Buffer {
  const pieces: Buffer[] = [sealedHeader];
  const count = segmentCount(clear.length);
  for (let index = 0; index < count; index += 1) {
    pieces.push(...sealSegment(blob, index, index === count - 1, clear.subarray(index * segmentBytes, (index + 1) * segmentBytes)));
  }
  return Buffer.concat(pieces);
}

function segmentNonce(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

const segmentContext = (blobId: string): Buffer => Buffer.from(`passerelle blob ${sealedFormat} ${blobId}`);
