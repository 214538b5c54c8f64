// Reads a range of a sealed blob, from its row or from its file, one segment in memory at a time.
// Whatever is wrong with the bytes ends in one error that names the blob's id and nothing else.
import { type FileHandle, open } from 'node:fs/promises';
import { openSegment, sealedFormat, sealedLength, sealedRange, segmentBytes, segmentCount } from './sealed-format.ts';
import type { BlobRef } from './stored-blob.ts';

/** Yields the clear bytes [start, end) of a blob opened with `key`. Throws RangeError when the range leaves the blob. */
export async function* readSealed(
  blob: BlobRef,
  key: Buffer,
  path: string,
  start: number,
  end: number,
): AsyncGenerator<Buffer, void, undefined> {
  const { blob_id: blobId, size_bytes: sizeBytes } = blob;
  if (!(start >= 0 && start <= end && end <= sizeBytes)) throw new RangeError(`Range outside of blob ${blobId}`);
  if (start === end) return;
  const source = blob.inline_bytes ? inlineSource(blob.inline_bytes) : await fileSource(blobId, path);
  try {
    await checkShape(blob, source);
    const lastSegment = segmentCount(sizeBytes) - 1;
    for (let index = Math.floor(start / segmentBytes); index * segmentBytes < end; index += 1) {
      const range = sealedRange(index, sizeBytes);
      const clear = await opening(blobId, async () =>
        openSegment({ blobId, key }, index, index === lastSegment, await source.read(range.start, range.end)),
      );
      const from = index * segmentBytes;
      yield clear.subarray(Math.max(0, start - from), Math.min(clear.length, end - from));
    }
  } finally {
    await source.close();
  }
}

type Source = { length(): Promise<number>; read(start: number, end: number): Promise<Buffer>; close(): Promise<void> };

// A file cut or extended is refused even when the segments asked for are whole.
async function checkShape(blob: BlobRef, source: Source): Promise<void> {
  await opening(blob.blob_id, async () => {
    if ((await source.length()) !== sealedLength(blob.size_bytes)) throw new RangeError('Wrong length');
    const [format] = await source.read(0, 1);
    if (format !== sealedFormat || blob.format !== sealedFormat) throw new RangeError('Unknown format');
  });
}

async function opening<T>(blobId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new Error(`Blob ${blobId} is damaged`, { cause });
  }
}

function inlineSource(bytes: Buffer): Source {
  return { length: async () => bytes.length, read: async (start, end) => bytes.subarray(start, end), close: async () => undefined };
}

async function fileSource(blobId: string, path: string): Promise<Source> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (cause) {
    throw new Error(`Blob ${blobId} cannot be opened`, { cause });
  }
  let buffer: Buffer | undefined;
  return {
    length: async () => (await handle.stat()).size,
    // One buffer for the whole stream: opening a segment copies it out.
    read: async (start, end) => {
      if (!buffer || buffer.length < end - start) buffer = Buffer.allocUnsafe(end - start);
      let filled = 0;
      while (filled < end - start) {
        const { bytesRead } = await handle.read(buffer, filled, end - start - filled, start + filled);
        if (bytesRead === 0) throw new RangeError('File ended early');
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    },
    close: () => handle.close(),
  };
}
