// The last value that passes and the first that does not, of every limit.
import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  harmlessBytes,
  maxAttributes,
  maxDepth,
  maxElements,
  maxEntries,
  maxInflatedBytes,
  maxRatio,
  maxTokenLength,
  maxXmlBytes,
} from '../../../src/mail/documents/limits.ts';
import { base64, entry, honestArchive, inSubset, letterWith, metadata, pair, readLetter, readZip } from './documents.ts';
import { type ZipSpec, zip } from './zip.ts';

const because = async (...specs: readonly ZipSpec[]) => (await readZip(zip([...pair(), ...specs]))).because;
const ofMetadata = async (xml: string) => (await readZip(zip(pair(xml), {}))).because;
const claims = (size: number, compressed = deflateRawSync(Buffer.alloc(10))): ZipSpec =>
  inSubset('A.BIN', '', { compressed, central: { size }, local: { size } });

test('requirement 47: entries', async () => {
  const folders = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `D${index}/`, content: '', method: 0 }));
  expect(await because(...folders(maxEntries - 2))).toBeUndefined();
  expect(await because(...folders(maxEntries - 1))).toBe('too-many-entries');
});

test('requirement 47: how swollen one entry may be', async () => {
  const compressed = Buffer.alloc(30_000);
  expect(await because(claims(30_000 * maxRatio, compressed))).toBeUndefined();
  expect(await because(claims(30_000 * maxRatio + 1, compressed))).toBe('bomb');
  expect(await because(claims(harmlessBytes))).toBeUndefined();
  expect(await because(claims(harmlessBytes + 1))).toBe('bomb');
});

test('requirement 47: how large all of them may be together', async () => {
  const own = pair().reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
  const compressed = Buffer.alloc(2_000_000);
  expect(await because(claims(maxInflatedBytes - own, compressed))).toBeUndefined();
  expect(await because(claims(maxInflatedBytes - own + 1, compressed))).toBe('bomb');
});

test('requirement 47: XML of one letter, all its documents together', async () => {
  const filler = (bytes: number) => `<!--${' '.repeat(57)}-->`.repeat(bytes / 64);
  const base = metadata(entry()).length;
  const padded = (bytes: number) => metadata(entry(), filler(64 * Math.floor((bytes - base - 1) / 64))).padEnd(bytes);
  const alone = async (bytes: number) =>
    (await readZip(zip([{ ...inSubset('METADATA.XML', padded(bytes)), method: 0 }, inSubset('DOC00001.XML', '<a/>', { method: 0 })])))
      .because;
  expect(await alone(maxXmlBytes - 4)).toBeUndefined();
  expect(await alone(maxXmlBytes - 3)).toBe('too-much-xml');
  const half = zip([{ ...inSubset('METADATA.XML', padded(maxXmlBytes / 2)), method: 0 }, inSubset('DOC00001.XML', '<a/>')]);
  expect((await readLetter(letterWith(base64(half)))).because).toBeUndefined();
  expect((await readLetter(letterWith(base64(half), base64(half)))).because).toBe('too-much-xml');
});

test('requirement 47: elements', async () => {
  const own = (metadata(entry()).match(/<rim:|<lcm:/g)?.length ?? 0) + 1;
  const of = async (count: number) =>
    (await readZip(zip([inSubset('METADATA.XML', metadata(entry(), '<a/>'.repeat(count))), inSubset('DOC00001.XML', '<a/>')]))).because;
  expect(await of(maxElements - own)).toBeUndefined();
  expect(await of(maxElements - own + 1)).toBe('too-much-xml');
});

test('requirement 47: depth, two elements being around it', async () => {
  const nested = (depth: number) => metadata(entry(), `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`);
  expect(await ofMetadata(nested(maxDepth - 2))).toBeUndefined();
  expect(await ofMetadata(nested(maxDepth - 1))).toBe('xml-too-deep');
});

test('requirement 47: attributes of one element, however many its neighbours have', async () => {
  const tag = (count: number) => `<a ${Array.from({ length: count }, (_, index) => `a${index}=""`).join(' ')}/>`;
  expect(await ofMetadata(metadata(entry(), tag(maxAttributes), tag(maxAttributes)))).toBeUndefined();
  expect(await ofMetadata(metadata(entry(), tag(maxAttributes + 1)))).toBe('xml-too-many-attributes');
});

test('requirement 47: the length of one thing, to a chunk of 16 KiB', async () => {
  const chunk = 16_384;
  for (const thing of [
    (length: number) => `<!--${'x'.repeat(length)}-->`,
    (length: number) => `<a>${'x'.repeat(length)}</a>`,
    (length: number) => `<a b="${'x'.repeat(length)}"/>`,
    (length: number) => `<?a ${'x'.repeat(length)}?>`,
    (length: number) => `<a><![CDATA[${'x'.repeat(length)}]]></a>`,
  ]) {
    expect(await ofMetadata(metadata(entry(), thing(maxTokenLength - 2 * chunk), thing(maxTokenLength - 2 * chunk)))).toBeUndefined();
    expect(await ofMetadata(metadata(entry(), thing(maxTokenLength + 3 * chunk)))).toBe('xml-giant-token');
  }
});

test('a long document of short things of every kind is no giant', async () => {
  for (const thing of ['<!-- -->', '<?a b?>', '<a>b</a>', '<![CDATA[ ]]><a/>']) {
    expect(await ofMetadata(metadata(entry(), thing.repeat(25_000)))).toBeUndefined();
  }
});

test('an honest archive is within every limit', async () => {
  expect((await readZip(honestArchive())).because).toBeUndefined();
});
