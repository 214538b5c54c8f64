// The checks of an archive's shape, each on its own, beside what honest writers do that looks almost the same.
import { expect, test } from 'vitest';
import { comparablePath, entryPath, folderOf, safePath } from '../../../src/mail/documents/entry-names.ts';
import { inSubset, pair, readZip } from './documents.ts';
import { extraField, u64, type ZipLies, type ZipSpec, zip } from './zip.ts';

const because = async (spec: Partial<ZipSpec>, lies?: ZipLies) =>
  (await readZip(zip([...pair(), { name: 'a.txt', content: 'content', ...spec }], lies))).because;
const lie = async (lies: ZipLies) => (await readZip(zip(pair(), lies))).because;

test.each<[string, Partial<ZipSpec>, string | undefined]>([
  ['a regular file of Unix', { central: { attributes: 0x81a40000 } }, undefined],
  ['a folder of Unix', { name: 'a/', content: '', central: { attributes: 0x41ed0010 } }, undefined],
  ['a read-only file of DOS', { central: { attributes: 0x21 } }, undefined],
  ['a folder that is named like a document', { name: 'IHE_XDM/DOC.XML/', content: '', method: 0 }, undefined],
  ['a socket', { central: { attributes: 0xc1ed0000 } }, 'link'],
  ['sizes unknown to the local header, without descriptor', { local: { compressedSize: 0 } }, 'headers-disagree'],
  ['a size unknown to the local header, without descriptor', { local: { size: 0 } }, 'headers-disagree'],
  [
    'other sizes in the local header, with a descriptor',
    { flags: 8, local: { compressedSize: 1 }, descriptor: Buffer.alloc(16) },
    'headers-disagree',
  ],
  [
    'another size in the local header, with a descriptor',
    { flags: 8, local: { size: 1 }, descriptor: Buffer.alloc(16) },
    'headers-disagree',
  ],
  ['sizes known to both, with a descriptor', { flags: 8, descriptor: Buffer.alloc(16) }, undefined],
  [
    'sizes in the zip64 field of the local header',
    { local: { size: 0xffffffff, compressedSize: 0xffffffff, extra: extraField(1, u64(7, 7)) } },
    undefined,
  ],
  ['encrypted in the directory alone', { central: { flags: 1 } }, 'headers-disagree'],
  ['encrypted in the local header alone', { local: { flags: 1 } }, 'headers-disagree'],
  ['stored, of two sizes', { method: 0, central: { size: 6 }, local: { size: 6 } }, 'sizes-disagree'],
  ['stored and encrypted, a header before the data', { method: 0, flags: 1, compressed: Buffer.alloc(19) }, 'encrypted'],
  ['compressed by the method of WinZip encryption', { method: 99, flags: 1 }, 'encrypted'],
  ['a descriptor of 12 bytes', { flags: 8, descriptor: Buffer.alloc(12) }, undefined],
  ['a descriptor of 20 bytes', { flags: 8, descriptor: Buffer.alloc(20) }, undefined],
  ['a descriptor of 24 bytes', { flags: 8, descriptor: Buffer.alloc(24) }, undefined],
  ['a descriptor of 13 bytes', { flags: 8, descriptor: Buffer.alloc(13) }, 'hidden-bytes'],
  ['a descriptor that is not announced', { descriptor: Buffer.alloc(16) }, 'hidden-bytes'],
  ['two files a descriptor apart, the first without one', { before: Buffer.alloc(16) }, 'hidden-bytes'],
  ['an extra field of another kind', { central: { extra: extraField(0x5455, Buffer.from('\x01\0\0\0\0../x')) } }, undefined],
  ['a Unicode name that repeats the name', { central: { extra: extraField(0x7075, Buffer.from('\x01\0\0\0\0a.txt')) } }, undefined],
  ['a dot in front of a name', { name: 'IHE_XDM/./a..txt' }, undefined],
])('requirement 47: %s', async (_, spec, expected) => {
  expect(await because(spec)).toBe(expected);
});

test('requirement 47: a descriptor belongs to the entry before it, and nothing may stand before the first', async () => {
  const [first, second] = pair() as [ZipSpec, ZipSpec];
  const streamed = { ...first, flags: 8, descriptor: Buffer.alloc(16) };
  expect((await readZip(zip([streamed, second]))).because).toBeUndefined();
  expect((await readZip(zip([{ ...first, flags: 8, before: Buffer.alloc(16) }, second]))).because).toBe('hidden-bytes');
});

test.each<[ZipLies, string | undefined]>([
  [{}, undefined],
  [{ comment: Buffer.from('a comment') }, undefined],
  [{ countHere: 1 }, 'headers-disagree'],
  [{ directorySize: 0xffffffff }, 'headers-disagree'],
  [{ countHere: 0xffff }, 'headers-disagree'],
  [{ zip64: {} }, undefined],
  [{ zip64: {}, count: 0xffff }, undefined],
  [{ zip64: {}, countHere: 0xffff }, undefined],
  [{ zip64: {}, directorySize: 0xffffffff }, undefined],
  [{ zip64: {}, directoryOffset: 0xffffffff }, undefined],
  [{ zip64: {}, countHere: 1 }, 'headers-disagree'],
  [{ zip64: {}, directorySize: 1 }, 'headers-disagree'],
  [{ zip64: {}, directoryOffset: 1 }, 'headers-disagree'],
  [{ zip64: { countHere: 1 } }, 'headers-disagree'],
  [{ zip64: { size: 1 } }, 'headers-disagree'],
  [{ afterDirectory: Buffer.alloc(76) }, 'headers-disagree'],
  [{ afterDirectory: Buffer.alloc(75) }, 'hidden-bytes'],
  [{ afterDirectory: Buffer.alloc(1) }, 'hidden-bytes'],
])('requirement 47: an end record with %j', async (lies, expected) => {
  expect(await lie(lies)).toBe(expected);
});

test('requirement 47: a directory may name its files in another order than theirs', async () => {
  const archive = zip(pair());
  const [start, end] = [archive.readUInt32LE(archive.length - 6), archive.length - 22];
  const second = archive.indexOf('PK\x01\x02', start + 4);
  const turned = [archive.subarray(0, start), archive.subarray(second, end), archive.subarray(start, second), archive.subarray(end)];
  expect(await readZip(Buffer.concat(turned))).toEqual(await readZip(archive));
  expect((await readZip(archive)).because).toBeUndefined();
});

test('requirement 47: a zip64 locator that points at a record elsewhere', async () => {
  // The record it points at stands in a stored entry and is right in all it says; another reader would take the one at the end.
  const records = zip(pair(), { zip64: {} }).subarray(-98, -42);
  const specs = [...pair(), inSubset('RECORD.BIN', records, { method: 0 })];
  const at = zip(specs).indexOf(records);
  const plain = zip(specs);
  const start = plain.readUInt32LE(plain.length - 6);
  u64(3, 3, plain.readUInt32LE(plain.length - 10), start).copy(records, 24);
  expect((await readZip(zip(specs, { zip64: { recordAt: at } }))).because).toBe('headers-disagree');
  expect((await readZip(zip(specs, { zip64: {} }))).because).toBeUndefined();
});

test.each(['a/b.xml', 'a..b', '...', 'a/', '1:x', 'ab:x', 'é', 'a b'])('the name %j leads nowhere', (name) => {
  expect(safePath(name)).toBe(name);
});

test.each(['', '/', '/a', '\\a', 'C:a', 'z:/a', '..', 'a/..', '../a', 'a\\..\\b', 'a\0', 'a\nb', '\x7f', 'a\x85'])(
  'requirement 47: the name %j is unsafe',
  (name) => {
    expect(() => safePath(name)).toThrow(expect.objectContaining({ code: 'unsafe-name' }));
  },
);

test.each([
  ['A/B.XML', 'a/b.xml'],
  ['./a//b/./c/', 'a/b/c'],
  ['e\u0301', '\u00e9'],
])('the path %j is compared as %j', (path, comparable) => {
  expect(comparablePath(path)).toBe(comparable);
});

test('the folder of a path ends with a slash, and is nothing at the root', () => {
  expect([folderOf('a/b/c'), folderOf('c'), folderOf('a/')]).toEqual(['a/b/', '', 'a/']);
});

test('a name that is no UTF-8 is read as latin1, with its Unicode name when it has one', () => {
  const raw = Buffer.from('r\xe9', 'latin1');
  expect(entryPath({ fileNameRaw: raw, extraFields: [] })).toBe('ré');
  expect(entryPath({ fileNameRaw: Buffer.from('ré'), extraFields: [] })).toBe('ré');
  expect(entryPath({ fileNameRaw: raw, extraFields: [{ id: 0x7075, data: Buffer.from('12345rè') }] })).toBe('rè');
  expect(entryPath({ fileNameRaw: Buffer.from([0x80]), extraFields: [{ id: 0x7075, data: Buffer.from('12345b') }] })).toBe('b');
  expect(() => entryPath({ fileNameRaw: Buffer.from([0x7f]), extraFields: [{ id: 0x7075, data: Buffer.from('12345b') }] })).toThrow(
    'headers-disagree',
  );
});
