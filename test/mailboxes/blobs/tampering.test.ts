// Encryption at rest also means that nobody changes a letter: whatever is done to the sealed bytes, reading refuses.
import { randomBytes } from 'node:crypto';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BlobStore } from '../../../mailboxes/blobs/blob-store.ts';
import { sealedRange, segmentBytes } from '../../../mailboxes/blobs/sealed-format.ts';
import type { BlobRef } from '../../../mailboxes/blobs/stored-blob.ts';
import { asRow, inChunks, openStore, readAll } from './stored.ts';
import { filesUnder } from './temporary-folder.ts';

const size = 3 * segmentBytes + 100;

async function storedFile(): Promise<{ store: BlobStore; blob: BlobRef; file: string; sealed: Buffer }> {
  const { store, folder } = await openStore();
  const blob = asRow(await store.store(inChunks(randomBytes(size))));
  const [file = ''] = await filesUnder(folder);
  return { store, blob, file, sealed: await readFile(file) };
}

const refusal = (blob: BlobRef) => `Blob ${blob.blob_id} is damaged`;

test('any bit flipped anywhere is refused, in a file and in a row', async () => {
  const { store, blob, file, sealed } = await storedFile();
  const small = asRow(await store.store(inChunks(randomBytes(500))));
  await fc.assert(
    fc.asyncProperty(fc.nat(sealed.length - 1), fc.nat(7), async (at, bit) => {
      await writeFile(file, flipped(sealed, at, bit));
      await expect(readAll(store.read(blob, 0, size))).rejects.toThrow(refusal(blob));
      const inline = small.inline_bytes ?? Buffer.alloc(0);
      const row = { ...small, inline_bytes: flipped(inline, at % inline.length, bit) };
      await expect(readAll(store.read(row, 0, 500))).rejects.toThrow(refusal(small));
    }),
    { numRuns: 60 },
  );
});

describe('whole segments do not open elsewhere than where they were sealed', () => {
  test('two segments exchanged', async () => {
    const { store, blob, file, sealed } = await storedFile();
    const [first, second] = [sealedRange(0, size), sealedRange(1, size)];
    const exchanged = Buffer.concat([
      sealed.subarray(0, 1),
      sealed.subarray(second.start, second.end),
      sealed.subarray(first.start, first.end),
      sealed.subarray(second.end),
    ]);
    await writeFile(file, exchanged);
    await expect(readAll(store.read(blob, 0, 10))).rejects.toThrow(refusal(blob));
  });

  test.each([
    ['cut at the end of a segment', sealedRange(2, size).end],
    ['cut by one byte', -1],
    ['emptied', 0],
  ])('%s, even when the range asked for is whole', async (_name, at) => {
    const { store, blob, file, sealed } = await storedFile();
    await truncate(file, at < 0 ? sealed.length + at : at);
    await expect(readAll(store.read(blob, 0, 10))).rejects.toThrow(refusal(blob));
  });

  test('cut at the end of a segment, and the row told the shorter size', async () => {
    const { store, blob, file } = await storedFile();
    await truncate(file, sealedRange(2, size).end);
    const row = { ...blob, size_bytes: 3 * segmentBytes };
    await expect(readAll(store.read(row, 0, row.size_bytes))).rejects.toThrow(refusal(blob));
  });

  test('extended', async () => {
    const { store, blob, file, sealed } = await storedFile();
    await writeFile(file, Buffer.concat([sealed, sealed.subarray(sealedRange(3, size).start)]));
    await expect(readAll(store.read(blob, 0, 10))).rejects.toThrow(refusal(blob));
  });

  test("another blob's bytes, or another blob's key", async () => {
    const { store } = await openStore();
    const [one, other] = [asRow(await store.store(inChunks(randomBytes(900)))), asRow(await store.store(inChunks(randomBytes(900))))];
    await expect(readAll(store.read({ ...one, inline_bytes: other.inline_bytes }, 0, 900))).rejects.toThrow(refusal(one));
    expect(() => store.read({ ...one, wrapped_key: other.wrapped_key }, 0, 900)).toThrow(`The key of blob ${one.blob_id} does not open`);
  });

  test('a format from the future is refused, not guessed', async () => {
    const { store } = await openStore();
    const blob = asRow(await store.store(inChunks(randomBytes(900))));
    await expect(readAll(store.read({ ...blob, format: 2 }, 0, 900))).rejects.toThrow(refusal(blob));
  });
});

function flipped(bytes: Buffer, at: number, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ (1 << bit);
  return changed;
}
