// XML made to exhaust its reader or to hide something from it, and letters whose encoding does. Requirements 41, 47, 50.
import {
  type Attachment,
  base64,
  cda,
  cx,
  dominique,
  entry,
  forwarding,
  honestArchive,
  identifier,
  inSubset,
  letterWith,
  metadata,
  pair,
  quotedPrintable,
  recordTarget,
  ruth,
  schemes,
  testOid,
} from '../documents.ts';
import { zip } from '../zip.ts';
import { type HostileCase, largeBytes, type Verdict } from './hostile-case.ts';

type Told = Pick<HostileCase, 'about' | 'hidden'>;

const files = (title: string, verdict: Verdict, make: () => ReturnType<typeof pair>, told: Told = {}): HostileCase => ({
  title,
  verdict,
  letter: () => letterWith(base64(zip(make()))),
  ...told,
});
const ofMetadata = (title: string, verdict: Verdict, xml: () => string | Buffer, told?: Told) =>
  files(title, verdict, () => pair(xml()), told);
const ofCda = (title: string, verdict: Verdict, xml: () => string | Buffer, told?: Told) =>
  files(title, verdict, () => pair(metadata(entry()), xml()), told);
const fine: Told = { about: [[dominique]], hidden: false };

const afterDeclaration = (xml: string, more: string) => xml.replace('?>\n', `?>\n${more}\n`);
const laughs = `<!DOCTYPE lolz [<!ENTITY a "ha">${Array.from(
  { length: 9 },
  (_, level) => `<!ENTITY ${'bcdefghij'[level]} "${`&${'abcdefghi'[level]};`.repeat(10)}">`,
).join('')}]>`;

export const xml: readonly HostileCase[] = [
  ofMetadata('a DTD', 'hostile: doctype', () => afterDeclaration(metadata(entry()), '<!DOCTYPE x>')),
  ofMetadata('a DTD on the network', 'hostile: doctype', () =>
    afterDeclaration(metadata(entry()), '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'),
  ),
  ofMetadata('an external entity', 'hostile: doctype', () =>
    afterDeclaration(metadata(entry({ ins: '&x;' })), '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
  ),
  ofMetadata('a billion laughs', 'hostile: doctype', () => afterDeclaration(metadata(entry({ ins: '&j;' })), laughs)),
  ofCda('a billion laughs in a CDA', 'hostile: doctype', () => afterDeclaration(cda({ ins: '&j;' }), laughs)),
  ofMetadata('a DTD of a megabyte', 'hostile: xml-giant-token', () =>
    afterDeclaration(metadata(), `<!DOCTYPE x [${' '.repeat(1 << 20)}]>`),
  ),
  ofMetadata('an entity nobody defined', 'unreadable: malformed-xml', () => metadata(entry({ ins: '&nbsp;' }))),
  ofMetadata('a hundred thousand elements inside each other', 'hostile: xml-too-deep', () => metadata('<a>'.repeat(100_000))),
  ofCda('a CDA as deep', 'hostile: xml-too-deep', () => cda({ more: '<a>'.repeat(100_000) })),
  ofMetadata('an element with a million attributes', 'hostile: xml-too-many-attributes', () =>
    metadata(`<a ${Array.from({ length: largeBytes / 20 }, (_, index) => `a${index}=""`).join(' ')}/>`),
  ),
  ofMetadata('an attribute of a megabyte', 'hostile: xml-giant-token', () =>
    metadata(entry({ uri: 'x' }), `<a b="${'x'.repeat(1 << 20)}"/>`),
  ),
  ofMetadata('a text of a megabyte', 'hostile: xml-giant-token', () => metadata(entry({ more: 'x'.repeat(1 << 20) }))),
  ofMetadata('a text of a megabyte in little pieces', 'hostile: xml-giant-token', () =>
    metadata(entry({ more: 'abcdefghi<!---->'.repeat(1 << 16) })),
  ),
  ofMetadata('a comment of a megabyte', 'hostile: xml-giant-token', () => metadata(entry(), `<!--${'x'.repeat(1 << 20)}-->`)),
  ofMetadata('a name of a megabyte', 'hostile: xml-giant-token', () => metadata(entry(), `<${'x'.repeat(1 << 20)}/>`)),
  ofMetadata('a hundred thousand empty elements', 'unreadable: too-much-xml', () => metadata(entry(), '<a/>'.repeat(100_000))),
  ofMetadata('twenty thousand empty elements', 'fine', () => metadata(entry(), '<a/>'.repeat(20_000)), fine),
  ofMetadata('a thousand namespaces', 'fine', () => metadata(entry(), '<a xmlns="urn:a" xmlns:b="urn:b" b:c=""/>'.repeat(1000)), fine),
  ofMetadata('tags that do not match', 'unreadable: malformed-xml', () => metadata('<a></b>')),
  ofMetadata('a METADATA.XML cut at half', 'unreadable: malformed-xml', () => metadata(entry()).slice(0, 900)),
  ofMetadata('UTF-16', 'unreadable: wrong-charset', () => Buffer.from(`\ufeff${metadata(entry())}`, 'utf16le')),
  ofMetadata('UTF-16 without a mark', 'unreadable: malformed-xml', () => Buffer.from(metadata(entry()), 'utf16le')),
  ofMetadata('invalid UTF-8', 'unreadable: wrong-charset', () => Buffer.from(metadata(entry({ more: '<a>\xe9</a>' })), 'latin1')),
  ofMetadata('UTF-8 cut at its end', 'unreadable: wrong-charset', () =>
    Buffer.concat([Buffer.from(metadata(entry())), Buffer.from([0xc3])]),
  ),
  ofMetadata('a charset from nowhere', 'unreadable: wrong-charset', () => metadata(entry()).replace('UTF-8', 'EBCDIC-CP-FR')),
  ofMetadata(
    'latin1 that says so',
    'fine',
    () => Buffer.from(metadata(entry({ more: '<a>\xe9</a>' })).replace('UTF-8', 'ISO-8859-1'), 'latin1'),
    fine,
  ),
  ofMetadata('UTF-8 with a mark', 'fine', () => `\ufeff${metadata(entry())}`, fine),
  ofCda('a CDA that ends in its header', 'unreadable: malformed-xml', () => cda().slice(0, 300)),
  ofCda('a CDA whose body is anything', 'fine', () => cda({ body: '<component><a><b></component>&x;' }), fine),
  files(
    'a CDA with 9 MB in its body',
    'fine',
    () => [
      inSubset('METADATA.XML', metadata(entry())),
      inSubset('DOC00001.XML', cda({ body: `<component>${'x'.repeat(9_000_000)}` }), { method: 0 }),
    ],
    fine,
  ),
  ofCda('a document that is no CDA', 'fine', () => '<other/>', fine),
];

export const documents: readonly HostileCase[] = [
  ofCda('a CDA about two patients', 'fine', () => cda({ more: recordTarget(ruth) }), { about: [[dominique, ruth]] }),
  ofCda(
    'a CDA with two matricules for one patient',
    'fine',
    () => cda({ more: `<recordTarget><patientRole><id root="${testOid}" extension="${ruth}"/></patientRole></recordTarget>` }),
    {
      about: [[dominique, ruth]],
    },
  ),
  ofCda('a CDA about another patient than METADATA.XML', 'fine', () => cda({ ins: ruth }), { about: [[dominique, ruth]] }),
  ofMetadata(
    'a submission set about another patient',
    'fine',
    () => metadata(entry(), `<rim:RegistryPackage>${identifier(schemes.setPatientId, cx(ruth))}</rim:RegistryPackage>`),
    {
      about: [[dominique, ruth]],
    },
  ),
  files('a CDA that METADATA.XML does not list', 'fine', () => [...pair(), inSubset('DOC00002.XML', cda({ ins: ruth }))], {
    about: [[dominique], [ruth]],
  }),
  ofMetadata('INVISIBLE_PATIENT in METADATA.XML alone', 'fine', () => metadata(entry({ codes: ['N', 'INVISIBLE_PATIENT'] })), {
    ...fine,
    hidden: true,
  }),
  ofCda('INVISIBLE_PATIENT in the CDA alone', 'fine', () => cda({ confidentiality: 'INVISIBLE_PATIENT' }), { ...fine, hidden: true }),
  ofMetadata(
    'INVISIBLE_PATIENT in a classification that stands apart',
    'fine',
    () =>
      metadata(
        entry(),
        `<rim:Classification classifiedObject="urn:uuid:1" classificationScheme="${schemes.confidentiality}" nodeRepresentation="INVISIBLE_PATIENT"/>`,
      ),
    { ...fine, hidden: true },
  ),
  ofMetadata('prefixes nobody expects', 'fine', () => metadata(entry()).replaceAll('rim:', 'lcm2:').replaceAll(':rim=', ':lcm2='), fine),
  files('two subsets', 'fine', () => [...pair(), ...pair().map((spec) => ({ ...spec, name: String(spec.name).replace('01', '02') }))], {
    about: [[dominique], [dominique]],
  }),
];

const letter = (title: string, verdict: Verdict, make: () => readonly Attachment[], about?: HostileCase['about']): HostileCase => ({
  title,
  verdict,
  letter: () => letterWith(...make()),
  ...(about ? { about } : {}),
});
const large = () => zip([inSubset('SCAN.BIN', Buffer.alloc(largeBytes, 'scan'), { method: 0 }), ...pair()]);
const one = [[dominique]];

export const letters: readonly HostileCase[] = [
  letter('an honest letter', 'fine', () => [base64(honestArchive())], one),
  letter('an honest letter of 20 MB', 'fine', () => [base64(large())], one),
  letter('20 MB in one line', 'fine', () => [base64(large(), 'IHE_XDM.zip', 1 << 30)], one),
  letter('base64 in lines of 7 characters', 'fine', () => [base64(honestArchive(), 'IHE_XDM.zip', 7)], one),
  letter('base64 in lines of one character', 'fine', () => [base64(honestArchive(), 'IHE_XDM.zip', 1)], one),
  letter(
    'base64 with foreign characters',
    'fine',
    () => [{ ...base64(honestArchive()), encoded: Buffer.from(honestArchive().toString('base64').replaceAll('U', '!U_')) }],
    one,
  ),
  letter('base64 with data after its padding', 'unreadable: broken-encoding', () => [
    { ...base64(honestArchive()), encoded: Buffer.from(`UE=\r\n${honestArchive().toString('base64')}`) },
  ]),
  letter('base64 cut inside a group', 'unreadable: broken-encoding', () => [
    { ...base64(honestArchive()), encoded: Buffer.from(`${honestArchive().toString('base64').slice(0, 400)}A`) },
  ]),
  letter('base64 lost in 20 MB of blanks', 'unreadable: broken-encoding', () => [
    {
      ...base64(honestArchive()),
      encoded: Buffer.concat([Buffer.from(honestArchive().toString('base64')), Buffer.alloc(largeBytes, '\r\n')]),
    },
  ]),
  letter('an archive in quoted-printable', 'fine', () => [quotedPrintable(honestArchive())], one),
  letter('20 MB of broken quoted-printable', 'unreadable: damaged-archive', () => [
    { ...quotedPrintable(honestArchive()), encoded: Buffer.alloc(largeBytes, '=\r=A==') },
  ]),
  letter('an archive that is not encoded', 'fine', () => [{ name: 'IHE_XDM.zip', encoding: 'binary', encoded: honestArchive() }], one),
  letter('an archive named ihe-xdm.ZIP', 'fine', () => [base64(honestArchive(), 'ihe-xdm.ZIP')], one),
  {
    title: 'an archive in a forwarded letter',
    verdict: 'fine',
    about: one,
    letter: () => forwarding(forwarding(letterWith(base64(honestArchive())))),
  },
  letter('two archives', 'fine', () => [base64(honestArchive()), base64(zip(pair(metadata(entry({ ins: ruth })), cda({ ins: ruth }))))], [
    [dominique],
    [ruth],
  ]),
  letter(
    'an archive that is damaged and one that is not',
    'unreadable: damaged-archive',
    () => [base64(Buffer.from('PK')), base64(honestArchive())],
    one,
  ),
  letter(
    'an honest archive and a hostile one',
    'hostile: unsafe-name',
    () => [base64(honestArchive()), base64(zip([...pair(), { name: '..', content: '' }]))],
    [],
  ),
  letter('eleven archives', 'hostile: too-many-archives', () => Array.from({ length: 11 }, () => base64(honestArchive()))),
  letter(
    'ten archives',
    'fine',
    () => Array.from({ length: 10 }, () => base64(honestArchive())),
    Array.from({ length: 10 }, () => [dominique]),
  ),
];
