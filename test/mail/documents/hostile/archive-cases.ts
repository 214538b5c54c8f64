// Archives that lie about their shape: bombs, names, headers that disagree, bytes that belong to nobody. Requirement 47.
import { constants, deflateRawSync } from 'node:zlib';
import { base64, cda, dominique, entry, honestArchive, inSubset, letterWith, metadata, pair } from '../documents.ts';
import { extraField, u64, type ZipLies, type ZipSpec, zip } from '../zip.ts';
import type { HostileCase, Verdict } from './hostile-case.ts';

const archive = (title: string, verdict: Verdict, bytes: () => Buffer): HostileCase => ({
  title,
  verdict,
  letter: () => letterWith(base64(bytes())),
  ...(verdict === 'fine' ? { about: [[dominique]] } : {}),
});
const withEntry = (title: string, verdict: Verdict, spec: () => ZipSpec): HostileCase =>
  archive(title, verdict, () => zip([...pair(), spec()]));
const named = (title: string, name: string | Buffer, verdict: Verdict = 'hostile: unsafe-name') =>
  withEntry(title, verdict, () => ({ name, content: 'x' }));
const lying = (title: string, verdict: Verdict, lies: ZipLies) => archive(title, verdict, () => zip(pair(), lies));
const sized = (size: number) => ({ central: { size }, local: { size } });

const mebibyte = 1024 * 1024;

/** Deflate of so many mebibytes of zeros, one block repeated: what a bomb is made of. */
function zeros(mebibytes: number): Buffer {
  const block = deflateRawSync(Buffer.alloc(mebibyte), { finishFlush: constants.Z_FULL_FLUSH, level: 9 });
  return Buffer.concat([...Array<Buffer>(mebibytes).fill(block), Buffer.from([3, 0])]);
}

/** An entry that stands in the content of another, which quotes its local header. */
function quotingArchive(): Buffer {
  const inner = inSubset('INNER.BIN', Buffer.alloc(100_000));
  const quotes = inSubset('OUTER.BIN', zip([inner]).subarray(0, -100), { method: 0 });
  const before = zip(pair()).indexOf('PK\x01\x02');
  const offset = before + 30 + Buffer.byteLength(String(quotes.name));
  return zip([...pair(), quotes, { ...inner, hasNoData: true, central: { offset } }]);
}

export const bombs: readonly HostileCase[] = [
  withEntry('a flat bomb that says its size', 'hostile: bomb', () =>
    inSubset('SCAN.TIF', '', { compressed: zeros(255), ...sized(255 * mebibyte) }),
  ),
  withEntry('an entry of four gigabytes', 'hostile: bomb', () =>
    inSubset('SCAN.TIF', Buffer.alloc(0), { compressed: zeros(1), ...sized(0xfffffffe) }),
  ),
  archive('a METADATA.XML that says it is small and inflates for ever', 'hostile: sizes-disagree', () =>
    zip([inSubset('METADATA.XML', metadata(entry()), { compressed: zeros(64) }), inSubset('DOC00001.XML', cda())]),
  ),
  archive('a CDA that says it is small and inflates for ever', 'hostile: sizes-disagree', () =>
    zip([inSubset('METADATA.XML', metadata(entry())), inSubset('DOC00001.XML', 'x'.repeat(100), { compressed: zeros(64) })]),
  ),
  archive('a METADATA.XML of 64 MiB of zeros, sizes right', 'hostile: bomb', () =>
    zip([inSubset('METADATA.XML', '', { compressed: zeros(64), ...sized(64 * mebibyte) })]),
  ),
  archive('a METADATA.XML of 3 MiB of comments', 'unreadable: too-much-xml', () =>
    zip(pair(metadata(entry(), `<!--${' '.repeat(1017)}-->`.repeat(3072)))),
  ),
  withEntry('a bomb inside a bomb, which nobody opens', 'fine', () =>
    inSubset('INNER.ZIP', zip([{ name: 'bomb', content: '', compressed: zeros(255), ...sized(0xfffffffe) }])),
  ),
  archive('many entries within bounds that make a bomb together', 'hostile: bomb', () =>
    zip([...pair(), ...Array.from({ length: 70 }, (_, index) => inSubset(`P${index}.BIN`, '', sized(4 * mebibyte)))]),
  ),
  archive('an entry quoted inside another', 'hostile: overlapping-entries', quotingArchive),
  archive('ten thousand entries', 'hostile: too-many-entries', () =>
    zip([...pair(), ...Array.from({ length: 9998 }, (_, index) => ({ name: `D/${index}`, content: '', method: 0 }))]),
  ),
  archive('nine hundred entries, folders and files', 'fine', () =>
    zip([...pair(), ...Array.from({ length: 898 }, (_, index) => ({ name: `D/${index}${index % 2 ? '/' : ''}`, content: '', method: 0 }))]),
  ),
];

export const names: readonly HostileCase[] = [
  named('../ in a name', '../../etc/passwd'),
  named('../ in the middle of a name', 'IHE_XDM/../../x'),
  named('..\\ in a name', '..\\..\\windows\\win.ini'),
  named('an absolute name', '/etc/passwd'),
  named('a name that begins with a backslash', '\\\\server\\share'),
  named('a drive letter', 'c:evil.exe'),
  named('NUL in a name', 'IHE_XDM/SUBSET01/DOC.XML\0.exe'),
  named('an empty name', ''),
  named('a name that is no UTF-8', Buffer.from('r\xe9sum\xe9.pdf', 'latin1'), 'fine'),
  archive('backslashes between folders, as old tools write them', 'fine', () =>
    zip(pair().map((spec) => ({ ...spec, name: String(spec.name).replaceAll('/', '\\') }))),
  ),
  withEntry('a symbolic link', 'hostile: link', () => ({
    name: 'IHE_XDM/SUBSET01/LINK',
    content: '/etc/passwd',
    central: { attributes: 0xa1ff0000 },
  })),
  withEntry('a device', 'hostile: link', () => ({ name: 'IHE_XDM/SUBSET01/NULL', content: '', central: { attributes: 0x21b60000 } })),
  withEntry('METADATA.XML twice', 'hostile: same-name-twice', () => inSubset('METADATA.XML', metadata())),
  withEntry('METADATA.XML twice, in two letter cases', 'hostile: same-name-twice', () => inSubset('Metadata.xml', metadata())),
  withEntry('METADATA.XML twice, by a detour', 'hostile: same-name-twice', () => inSubset('.//METADATA.XML', metadata())),
  archive('one name in two Unicode forms', 'hostile: same-name-twice', () =>
    zip([...pair(), { name: 'e\u0301.pdf', content: '' }, { name: '\u00e9.pdf', content: '' }]),
  ),
  withEntry('a second name in an extra field', 'hostile: headers-disagree', () => ({
    name: 'harmless.txt',
    content: 'x',
    central: { extra: extraField(0x7075, Buffer.from('\x01\0\0\0\0../../evil')) },
  })),
  withEntry('a traversal in the Unicode name of an entry', 'hostile: unsafe-name', () => ({
    name: Buffer.from('\xe9.txt', 'latin1'),
    content: 'x',
    central: { extra: extraField(0x7075, Buffer.from('\x01\0\0\0\0../../evil')) },
  })),
];

export const disagreements: readonly HostileCase[] = [
  withEntry('another name in the local header', 'hostile: headers-disagree', () => ({
    name: 'a.txt',
    content: 'x',
    local: { name: 'b.txt' },
  })),
  withEntry('another method in the local header', 'hostile: headers-disagree', () => ({
    name: 'a.txt',
    content: 'x',
    local: { method: 0 },
  })),
  withEntry('another compressed size in the local header', 'hostile: headers-disagree', () => ({
    name: 'a.txt',
    content: 'x',
    local: { compressedSize: 1 },
  })),
  withEntry('another size in the local header', 'hostile: headers-disagree', () => ({ name: 'a.txt', content: 'x', local: { size: 2 } })),
  withEntry('a stored file of two sizes', 'hostile: sizes-disagree', () => ({ name: 'a.txt', content: 'x', method: 0, ...sized(2) })),
  archive('a METADATA.XML shorter than it says', 'hostile: sizes-disagree', () => {
    const size = Buffer.byteLength(metadata(entry())) + 1;
    return zip([inSubset('METADATA.XML', metadata(entry()), sized(size)), inSubset('DOC00001.XML', cda())]);
  }),
  archive('a METADATA.XML whose CRC is another', 'unreadable: damaged-content', () =>
    zip([inSubset('METADATA.XML', metadata(entry()), { central: { crc: 1 } }), inSubset('DOC00001.XML', cda())]),
  ),
  lying('an end record that counts fewer entries', 'hostile: hidden-bytes', { count: 1, countHere: 1 }),
  lying('an end record that counts more entries', 'unreadable: damaged-archive', { count: 3, countHere: 3 }),
  lying('an end record with another size of the directory', 'hostile: headers-disagree', { directorySize: 7 }),
  lying('zip64 records that repeat the truth', 'fine', {
    zip64: {},
    count: 0xffff,
    countHere: 0xffff,
    directorySize: 0xffffffff,
    directoryOffset: 0xffffffff,
  }),
  lying('zip64 records that count fewer entries', 'hostile: hidden-bytes', { zip64: { count: 1 }, count: 0xffff }),
  lying('zip64 records that say something else than the end record', 'hostile: headers-disagree', { zip64: {}, count: 1 }),
  lying('a zip64 record of terabytes', 'unreadable: damaged-archive', { zip64: { offset: 2 ** 45 }, directoryOffset: 0xffffffff }),
  withEntry('zip64 sizes beyond any number', 'hostile: bomb', () => ({
    name: 'a.bin',
    content: 'x',
    central: { size: 0xffffffff, extra: extraField(1, u64(2n ** 63n)) },
    local: { size: 0xffffffff },
  })),
  withEntry('a zip64 field cut short', 'unreadable: damaged-archive', () => ({
    name: 'a.bin',
    content: 'x',
    central: { size: 0xffffffff, extra: extraField(1, Buffer.alloc(4)) },
  })),
  archive('data before the archive', 'unreadable: damaged-archive', () => Buffer.concat([Buffer.from('#!/bin/sh\n'), honestArchive()])),
  archive('a program before the archive, offsets right', 'hostile: hidden-bytes', () => {
    const [first, ...others] = pair();
    return zip([{ ...(first as ZipSpec), before: Buffer.from('#!/bin/sh\n') }, ...others]);
  }),
  withEntry('a second archive between two entries', 'hostile: hidden-bytes', () => ({
    name: 'a.txt',
    content: 'x',
    before: honestArchive(),
  })),
  lying('data before the directory', 'hostile: hidden-bytes', { beforeDirectory: Buffer.alloc(16) }),
  lying('data after the directory', 'hostile: hidden-bytes', { afterDirectory: Buffer.alloc(40) }),
  lying('data after the archive', 'unreadable: damaged-archive', { after: Buffer.from('more') }),
  lying('a comment that is another end record', 'unreadable: damaged-archive', { comment: honestArchive().subarray(-22) }),
  withEntry('sizes that follow the data, as streaming tools write them', 'fine', () =>
    inSubset('PLAN.PDF', 'content', { flags: 8, local: { size: 0, compressedSize: 0, crc: 0 }, descriptor: Buffer.alloc(16) }),
  ),
];

export const damages: readonly HostileCase[] = [
  archive('an empty file', 'unreadable: damaged-archive', () => Buffer.alloc(0)),
  archive('a file that is no archive', 'unreadable: damaged-archive', () => Buffer.alloc(100_000, 'no archive ')),
  archive('an archive without entries', 'unreadable: no-metadata', () => zip([])),
  archive('an archive cut at half', 'unreadable: damaged-archive', () => honestArchive().subarray(0, 600)),
  archive('an archive cut at its end', 'unreadable: damaged-archive', () => honestArchive().subarray(0, -5)),
  archive('content overwritten', 'unreadable: damaged-content', () =>
    zip(pair().map((spec) => ({ ...spec, compressed: Buffer.alloc(400, 0xff) }))),
  ),
  archive('content that ends too early', 'unreadable: damaged-content', () =>
    zip(pair().map((spec) => ({ ...spec, compressed: deflateRawSync(Buffer.from(String(spec.content))).subarray(0, 100) }))),
  ),
  withEntry('an encrypted entry', 'unreadable: encrypted', () => ({ name: 'a.txt', content: 'x', flags: 1 })),
  withEntry('a strongly encrypted entry', 'unreadable: damaged-archive', () => ({ name: 'a.txt', content: 'x', flags: 0x41 })),
  withEntry('an unknown compression', 'unreadable: unknown-compression', () => ({ name: 'a.txt', content: 'x', method: 14 })),
  archive('no METADATA.XML', 'unreadable: no-metadata', () => zip([inSubset('DOC00001.XML', cda())])),
  archive('a METADATA.XML whose document is missing', 'unreadable: document-missing', () =>
    zip([inSubset('METADATA.XML', metadata(entry()))]),
  ),
  archive('a METADATA.XML that does not say where the document is', 'unreadable: document-missing', () =>
    zip(pair(metadata(entry({ uri: null })))),
  ),
  archive('a METADATA.XML that leads out of the archive', 'hostile: unsafe-name', () =>
    zip(pair(metadata(entry({ uri: '../../../DOC.XML' })))),
  ),
  archive('a METADATA.XML that lists nothing, alone', 'unreadable: no-document', () => zip([inSubset('METADATA.XML', metadata())])),
  archive('a METADATA.XML that lists nothing, beside a CDA', 'fine', () => zip(pair(metadata()))),
  archive('a METADATA.XML that is something else', 'unreadable: not-metadata', () =>
    zip(pair('<html xmlns="http://www.w3.org/1999/xhtml"/>')),
  ),
];
