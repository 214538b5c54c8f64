import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DecodedPart, openPart } from '../../../src/mail/documents/decoded-part.ts';
import type { MimePart } from '../../../src/mail/mime-part.ts';
import { transferDecoderFor } from '../../../src/mail/transfer-decoding.ts';
import { letterBytes } from './documents.ts';
import { looking } from './fuzzing.ts';

const before = Buffer.from('QUJD=41');
const partOf = (body: Buffer, encoding?: string): MimePart => ({
  type: 'application',
  subtype: 'zip',
  ...(encoding ? { encoding } : {}),
  headerStart: 0,
  bodyStart: before.length,
  end: before.length + body.length,
  lines: 0,
});
const open = (body: Buffer, encoding?: string, segmentBytes?: number) =>
  openPart(letterBytes(Buffer.concat([before, body, before]), segmentBytes), partOf(body, encoding));
const whole = (body: Buffer, encoding?: string) => {
  const decoder = transferDecoderFor(encoding);
  return Buffer.concat([decoder.write(body), decoder.end()]);
};

/** A part, and where each read of its letter began once it was open. */
async function watched(body: Buffer, encoding?: string, segmentBytes?: number): Promise<{ part: DecodedPart; reads: number[] }> {
  const reads: number[] = [];
  const source = letterBytes(Buffer.concat([before, body]), segmentBytes);
  const read = (start: number, end: number) => {
    reads.push(start);
    return source.read(start, end);
  };
  const part = await openPart({ ...source, read }, partOf(body, encoding));
  reads.length = 0;
  return { part, reads };
}

/** Base64 whose lines have the lengths given, in turn. */
function broken(text: string, lengths: readonly number[], lineEnd: string): Buffer {
  const lines: string[] = [];
  for (let at = 0, turn = 0; at < text.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 76;
    lines.push(text.slice(at, at + length));
    at += length;
  }
  return Buffer.from(lines.join(lineEnd));
}

const span = fc.tuple(fc.nat(60_000), fc.nat(60_000));
const content = fc
  .tuple(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 300 }))
  .map(([bytes, times]) => Buffer.concat(Array(times).fill(bytes)));

test('any span of base64 is what the whole decoded would give there, however long its lines and however it is read', async () => {
  await fc.assert(
    fc.asyncProperty(
      content,
      fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1 }),
      fc.constantFrom('\r\n', '\n', ' !\r\n'),
      fc.integer({ min: 500, max: 70_000 }),
      span,
      async (bytes, lengths, lineEnd, segment, [one, other]) => {
        const part = await open(broken(bytes.toString('base64'), lengths, lineEnd), 'base64', segment);
        expect(part.sizeBytes).toBe(bytes.length);
        const [start, end] = [Math.min(one, other), Math.max(one, other)];
        expect(Buffer.compare(await part.read(start, end), bytes.subarray(start, end))).toBe(0);
        expect(Buffer.compare(await part.read(0, part.sizeBytes), bytes)).toBe(0);
      },
    ),
    looking(60),
  );
});

test('any span of quoted-printable, well written or not, is what the whole decoded would give there', async () => {
  const piece = fc.constantFrom(
    '=41',
    '=\r\n',
    '=\n',
    '=',
    '==',
    '=4',
    '=\r',
    'A',
    '=g1',
    '=1g',
    '\r\n',
    'text ',
    '=fF',
    '\n',
    '=G',
    '=3D',
  );
  const body = fc
    .tuple(fc.array(piece, { maxLength: 200 }), fc.integer({ min: 1, max: 200 }))
    .map(([pieces, times]) => Buffer.from(pieces.join('').repeat(times)));
  await fc.assert(
    fc.asyncProperty(body, fc.integer({ min: 1, max: 40_000 }), span, async (bytes, segment, [one, other]) => {
      const expected = whole(bytes, 'quoted-printable');
      const part = await open(bytes, 'quoted-printable', bytes.length > 2000 ? segment + 200 : segment);
      expect(part.sizeBytes).toBe(expected.length);
      const [start, end] = [Math.min(one, other), Math.max(one, other)];
      expect(Buffer.compare(await part.read(start, end), expected.subarray(start, end))).toBe(0);
      expect(Buffer.compare(await part.read(0, expected.length), expected)).toBe(0);
    }),
    looking(60),
  );
});

test('any span of a body that is not encoded', async () => {
  const bytes = Buffer.from(Array.from({ length: 50_000 }, (_, index) => index % 251));
  const part = await open(bytes);
  expect(part.sizeBytes).toBe(50_000);
  for (const [start, end] of [
    [0, 50_000],
    [0, 0],
    [16_383, 16_385],
    [16_384, 32_768],
    [49_999, 60_000],
    [50_000, 50_001],
    [2 ** 60, 2 ** 60 + 1],
  ] as const) {
    expect(Buffer.compare(await part.read(start, end), bytes.subarray(start, end))).toBe(0);
  }
  expect((await open(Buffer.alloc(0))).sizeBytes).toBe(0);
  expect((await open(Buffer.alloc(0), 'base64')).sizeBytes).toBe(0);
  expect((await open(Buffer.alloc(0), 'quoted-printable')).sizeBytes).toBe(0);
});

test('a body that is not encoded is its own content, whatever it looks like', async () => {
  const bytes = Buffer.from('=41=\r\n'.repeat(5000));
  const part = await open(bytes);
  expect(part.sizeBytes).toBe(bytes.length);
  expect(Buffer.compare(await part.read(0, bytes.length), bytes)).toBe(0);
});

test.each([
  ['data after padding', 'QQ==\r\nQUJD'],
  ['a lone last character', 'QUJDQ'],
  ['one blank too many', `QUJD${'\n'.repeat(4 * 16_384 - 3)}`],
  ['more blanks than content', `QUJD${'\n'.repeat(70_000)}`],
  ['more blanks than content, then content again', `QUJD${'\n'.repeat(70_000)}${'QUJD'.repeat(10_000)}`],
])('base64 that says two things or half a thing is broken: %s', async (_, body) => {
  await expect(open(Buffer.from(body), 'base64')).rejects.toMatchObject({ code: 'broken-encoding' });
});

test.each([
  ['no padding', 'QUI', 2],
  ['one padding', 'QUI=', 2],
  ['two paddings and a line end', 'QQ==\r\n', 1],
  ['blanks within bounds', `QUJD${'\n'.repeat(60_000)}QUJD`, 6],
  ['as many blanks as may be', `QUJD${'\n'.repeat(4 * 16_384 - 4)}`, 3],
  ['a block to the byte', 'QUJD'.repeat(4096), 12_288],
  ['a block and a group', 'QUJD'.repeat(4097), 12_291],
])('base64 as it may be written: %s', async (_, body, sizeBytes) => {
  const part = await open(Buffer.from(body), 'base64');
  expect(part.sizeBytes).toBe(sizeBytes);
  expect(Buffer.compare(await part.read(0, sizeBytes), whole(Buffer.from(body), 'base64'))).toBe(0);
});

test('no block is read that nobody asked for, at the end of a block nor past the end of the part', async () => {
  const { part, reads } = await watched(Buffer.alloc(3 * 16_384, 'x'));
  await part.read(0, 16_384);
  expect(reads).toEqual([before.length]);
  await part.read(2 * 16_384, 100_000);
  expect(reads).toEqual([before.length, before.length + 2 * 16_384]);
  await part.read(3 * 16_384, 100_000);
  expect(reads).toHaveLength(2);
});

test('a body that ends with a block has no empty one behind it', async () => {
  const { part, reads } = await watched(Buffer.from('QUJD'.repeat(8192)), 'base64');
  await part.read(0, 100_000);
  expect(reads).toHaveLength(2);
});

test('what little a body has after its last block is read without that block', async () => {
  const { part, reads } = await watched(Buffer.from('QUJD'.repeat(4097)), 'base64');
  expect(String(await part.read(12_288, 100_000))).toBe('ABC');
  expect(reads).toEqual([before.length + 16_384]);
});

test.each([500, 65_536])('a block of quoted-printable is neither tiny nor huge, in segments of %d bytes', async (segmentBytes) => {
  const body = Buffer.from('text =41=\r\n'.repeat(20_000));
  const { part, reads } = await watched(body, 'quoted-printable', segmentBytes);
  expect(Buffer.compare(await part.read(0, part.sizeBytes), whole(body, 'quoted-printable'))).toBe(0);
  expect(reads.length).toBeGreaterThan(8);
  const sizes = reads.slice(1).map((at, index) => at - (reads[index] ?? 0));
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(8192);
  expect(Math.max(...sizes)).toBeLessThan(8192 + 16_385);
});

test('what was read a moment ago is not read again, what was read long ago is', async () => {
  const { part, reads } = await watched(Buffer.alloc(40 * 16_384, 'x'));
  const touch = async (block: number) => await part.read(block * 16_384, block * 16_384 + 1);
  for (const block of [0, 1, 0, 1, 0]) await touch(block);
  expect(reads).toHaveLength(2);
  for (let block = 2; block < 16; block += 1) await touch(block);
  await touch(1);
  await touch(0);
  expect(reads).toHaveLength(16);
  await touch(16); // pushes out 2, the one longest unused
  await touch(0);
  expect(reads).toHaveLength(17);
  await touch(2);
  expect(reads).toHaveLength(18);
});

test('other work has its turn while a long body is searched', async () => {
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const body = Buffer.alloc(2_000_000, 'QUJD');
  await openPart(
    {
      sizeBytes: body.length,
      read: async function* (start, end) {
        yield await Promise.resolve(body.subarray(start, end));
      },
    },
    { ...partOf(body, 'base64'), bodyStart: 0, end: body.length },
  );
  isOver = true;
  expect(turns).toBeGreaterThanOrEqual(28);
});
