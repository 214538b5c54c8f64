// Bytes at rest: what is stored is read back, any range of it, and a store that fails leaves nothing.
import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sealedLength, segmentBytes } from '../../../mailboxes/blobs/sealed-format.ts';
import { asRow, inChunks, openStore, readAll } from './stored.ts';
import { filesUnder } from './temporary-folder.ts';

const sizes = [
  0,
  1,
  2048,
  16 * 1024,
  16 * 1024 + 1,
  segmentBytes - 1,
  segmentBytes,
  segmentBytes + 1,
  3 * segmentBytes,
  3 * segmentBytes + 17,
];

describe('a blob is read back as it was stored', () => {
  test.each(sizes)('%i bytes', async (size) => {
    const { store, folder } = await openStore();
    const bytes = randomBytes(size);
    const seen: Buffer[] = [];
    const blob = await store.store(inChunks(bytes, 7001), (chunk) => seen.push(Buffer.from(chunk)));
    expect(blob.sizeBytes).toBe(size);
    expect(Buffer.concat(seen).equals(bytes)).toBe(true);
    expect(blob.inlineBytes === null).toBe(size > 16 * 1024);
    const files = await filesUnder(folder).catch(() => []);
    expect(files).toHaveLength(blob.inlineBytes ? 0 : 1);
    expect(blob.inlineBytes?.length ?? (await stat(files[0] ?? '')).size).toBe(sealedLength(size));
    expect((await readAll(store.read(asRow(blob), 0, size))).equals(bytes)).toBe(true);
  });

  test('any range, from the row and from the file', async () => {
    const { store } = await openStore();
    const stored = await Promise.all(
      [5000, 2 * segmentBytes + 999].map(async (size) => {
        const bytes = randomBytes(size);
        return { bytes, blob: asRow(await store.store(inChunks(bytes))) };
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...stored), fc.nat(140_000), fc.nat(140_000), async ({ bytes, blob }, a, b) => {
        const [start, end] = [Math.min(a, b) % (bytes.length + 1), Math.max(a, b) % (bytes.length + 1)].sort((x, y) => x - y) as [
          number,
          number,
        ];
        expect((await readAll(store.read(blob, start, end))).equals(bytes.subarray(start, end))).toBe(true);
      }),
      { numRuns: 60 },
    );
    await expect(readAll(store.read(stored[0]?.blob as never, 0, 5001))).rejects.toThrow(RangeError);
  });

  test('nothing of the clear text is on disk or in the row', async () => {
    const { store, folder } = await openStore();
    const clear = Buffer.from('confidentiel '.repeat(3000));
    const file = await store.store(inChunks(clear));
    const inline = await store.store(inChunks(clear.subarray(0, 1000)));
    expect((await readFile((await filesUnder(folder))[0] ?? '')).includes('confidentiel')).toBe(false);
    expect(inline.inlineBytes?.includes('confidentiel')).toBe(false);
    expect(file.wrappedKey.equals(inline.wrappedKey)).toBe(false);
  });

  test('a reader may stop in the middle without leaving the file open', async () => {
    const { store } = await openStore();
    const blob = asRow(await store.store(inChunks(randomBytes(5 * segmentBytes))));
    for (let round = 0; round < 50; round += 1) for await (const _ of store.read(blob, 0, blob.size_bytes)) break;
    expect(await openDescriptors()).toBeLessThan(60);
  });
});

describe('a store that fails leaves no file', () => {
  test.each([0, 10_000, 200_000])('the source fails after %i bytes', async (size) => {
    const { store, folder } = await openStore();
    async function* failing(): AsyncGenerator<Buffer> {
      yield* inChunks(randomBytes(size));
      throw new Error('connection lost');
    }
    await expect(store.store(failing())).rejects.toThrow('connection lost');
    expect(await filesUnder(folder).catch(() => [])).toEqual([]);
  });

  test('the tap refuses: its error is the answer, and the source is closed', async () => {
    const { store, folder } = await openStore();
    let closed = false;
    async function* source(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield Buffer.alloc(50_000);
      } finally {
        closed = true;
      }
    }
    let seen = 0;
    const tooLarge = new Error('too large');
    const tap = (chunk: Buffer) => {
      seen += chunk.length;
      if (seen > 300_000) throw tooLarge;
    };
    await expect(store.store(source(), tap)).rejects.toBe(tooLarge);
    expect(closed).toBe(true);
    expect(await filesUnder(folder)).toEqual([]);
  });

  test('a discarded blob is gone, twice is harmless', async () => {
    const { store, folder } = await openStore();
    const blob = await store.store(inChunks(randomBytes(100_000)));
    await store.discard(blob);
    await store.discard(blob);
    expect(await filesUnder(folder)).toEqual([]);
    await expect(readAll(store.read(asRow(blob), 0, 10))).rejects.toThrow(blob.blobId);
  });
});

async function openDescriptors(): Promise<number> {
  const { readdir } = await import('node:fs/promises');
  return (await readdir(process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd')).length;
}
