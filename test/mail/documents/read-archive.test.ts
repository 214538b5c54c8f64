// What is told of documents: every fact of METADATA.XML and of the CDA header, whichever way it may be written.
import { expect, test } from 'vitest';
import type { HealthDocument } from '../../../src/mail/documents/health-document.ts';
import {
  cda,
  classification,
  cx,
  dominique,
  entry,
  identifier,
  inSubset,
  metadata,
  pair,
  readZip,
  ruth,
  schemes,
  slot,
  testOid,
} from './documents.ts';
import { zip } from './zip.ts';

const patient = {
  matricule: dominique,
  oid: testOid,
  birthName: 'PAT-TROIS',
  firstGivenName: 'DOMINIQUE',
  birthDate: '19790328',
  sex: 'F',
};
const plainXml = '<plain/>';

async function documentOf(metadataXml: string, cdaXml = plainXml): Promise<HealthDocument> {
  const { documents, problem, because } = await readZip(zip(pair(metadataXml, cdaXml)));
  expect([problem, because]).toEqual([undefined, undefined]);
  return documents[0] as HealthDocument;
}
const object = (...inside: string[]) =>
  `<rim:ExtrinsicObject id="urn:uuid:1" mimeType="text/xml">${slot('URI', 'DOC00001.XML')}${inside.join('')}</rim:ExtrinsicObject>`;
const header = (...inside: string[]) =>
  `<c:ClinicalDocument xmlns:c="urn:hl7-org:v3">${inside.join('').replaceAll(/<(\/?)(?=[a-z])/gi, '<$1c:')}</c:ClinicalDocument>`;
const ofCda = async (...inside: string[]) => await documentOf(metadata(object()), header(...inside));

test('requirements 41, 47, 49: METADATA.XML alone tells everything about a document', async () => {
  expect(await documentOf(metadata(entry()))).toEqual({
    uniqueId: '1.2.3.5',
    typeCode: '34112-3',
    title: 'Lettre de liaison',
    patients: [patient],
    confidentiality: ['N'],
    relations: [],
    isHiddenFromPatient: false,
    isHiddenFromGuardians: false,
  });
});

test('requirements 41, 47, 49: a CDA alone tells everything about itself', async () => {
  expect(await documentOf(metadata(), cda())).toEqual({
    uniqueId: '1.2.3.5',
    codeOfCda: '34112-3',
    title: 'Lettre de liaison',
    patients: [patient],
    confidentiality: ['N'],
    relations: [],
    isHiddenFromPatient: false,
    isHiddenFromGuardians: false,
  });
});

test('a document of which nothing is said is told all the same', async () => {
  const nothing = { patients: [], confidentiality: [], relations: [], isHiddenFromPatient: false, isHiddenFromGuardians: false };
  expect(await documentOf(metadata(object()))).toEqual(nothing);
  expect(await ofCda('<a/>')).toEqual(nothing);
});

test('METADATA.XML is preferred for what only one can be right about', async () => {
  const document = await documentOf(metadata(entry()).replace('value="Lettre de liaison"', 'value="Titre"'), cda({ id: '9.9', code: 'X' }));
  expect(document).toMatchObject({ uniqueId: '1.2.3.5', title: 'Titre', typeCode: '34112-3', codeOfCda: 'X' });
});

test.each([
  ['INVISIBLE_PATIENT', true, false],
  [' invisible_patient ', true, false],
  ['INVISIBLE_REPRESENTANTS_LEGAUX', false, true],
  ['INVISIBLE_REP_LEGAUX', false, true],
  ['MASQUE_PS', false, false],
  ['PATIENT', false, false],
])(
  'requirements 38, 50: %s hides from the patient %s, from guardians %s, whoever says it',
  async (code, isHiddenFromPatient, isHiddenFromGuardians) => {
    const hides = { isHiddenFromPatient, isHiddenFromGuardians };
    expect(await documentOf(metadata(entry({ codes: ['N', code] })))).toMatchObject({
      ...hides,
      confidentiality: ['N', code.trim().toUpperCase()],
    });
    expect(await documentOf(metadata(entry()), cda({ confidentiality: code }))).toMatchObject(hides);
    expect(await ofCda(`<confidentialityCode code="N"><translation code="${code}"/></confidentialityCode>`)).toMatchObject(hides);
    const apart = classification(schemes.confidentiality, code, 'classifiedObject="urn:uuid:1"');
    expect(await documentOf(metadata(object(), apart))).toMatchObject(hides);
    const elsewhere = object(classification(schemes.confidentiality, code, 'classifiedObject="urn:uuid:2"'));
    expect(await documentOf(metadata(elsewhere))).toMatchObject(hides);
  },
);

test('a classification of another object, or of another kind, says nothing of this one', async () => {
  const another = classification(schemes.confidentiality, 'INVISIBLE_PATIENT', 'classifiedObject="urn:uuid:2"');
  const kinds = object(
    classification('urn:uuid:other', 'INVISIBLE_PATIENT'),
    '<rim:Classification nodeRepresentation="INVISIBLE_PATIENT"/>',
    `<rim:Classification classificationScheme="${schemes.confidentiality}"/>`,
  );
  expect(await documentOf(metadata(kinds, another))).toMatchObject({ isHiddenFromPatient: false, confidentiality: [] });
});

test('a code is told once, whoever repeats it', async () => {
  expect((await documentOf(metadata(entry({ codes: ['N', 'N'] })), cda())).confidentiality).toEqual(['N']);
  expect((await ofCda('<confidentialityCode/>')).confidentiality).toEqual([]);
});

test.each([
  [dominique, '1.2.250.1.213.1.4.8', [dominique]],
  [dominique, '1.2.250.1.213.1.4.9', [dominique]],
  [dominique, '1.2.250.1.213.1.4.10', [dominique]],
  [dominique, '1.2.250.1.213.1.4.11', [dominique]],
  [dominique, '1.2.250.1.213.1.4.2', []],
  [dominique, '1.2.3', []],
  ['2 79 03 51 215 189 89', testOid, [dominique]],
  ['2790351215189', testOid, [dominique]],
  ['290052b100004', testOid, ['290052B10000434']],
  ['279035121518900', testOid, ['279035121518900']],
  ['', testOid, []],
])('requirement 41: the identifier %j of %s names %j', async (id, oid, matricules) => {
  const found = (document: HealthDocument) => document.patients.map(({ matricule }) => matricule);
  expect(found(await documentOf(metadata(object(identifier(schemes.patientId, cx(id, oid))))))).toEqual(matricules);
  expect(found(await ofCda(`<recordTarget><patientRole><id extension="${id}" root="${oid}"/></patientRole></recordTarget>`))).toEqual(
    matricules,
  );
});

test('identifiers that are half there name nobody', async () => {
  expect(
    (await documentOf(metadata(object(identifier(schemes.patientId, dominique), identifier(schemes.patientId, '')))))?.patients,
  ).toEqual([]);
  const half = `<id root="${testOid}"/><id extension="${dominique}"/>`;
  expect((await ofCda(`<recordTarget><patientRole>${half}</patientRole></recordTarget>`)).patients).toEqual([]);
  expect((await ofCda(`<author><patientRole><id root="${testOid}" extension="${ruth}"/></patientRole></author>`)).patients).toEqual([]);
});

test('requirement 41: whoever is named anywhere is told: patient, source, set, CDA', async () => {
  const xml = metadata(object(slot('sourcePatientId', cx(ruth)), identifier(schemes.patientId, cx(dominique))));
  expect((await documentOf(xml)).patients.map(({ matricule }) => matricule)).toEqual([dominique, ruth]);
  const set = `<rim:RegistryPackage>${identifier(schemes.setPatientId, cx(ruth))}</rim:RegistryPackage>`;
  expect((await documentOf(metadata(object(), set))).patients.map(({ matricule }) => matricule)).toEqual([ruth]);
  const of = (ins: string) => `<recordTarget><patientRole><id root="${testOid}" extension="${ins}"/></patientRole></recordTarget>`;
  expect((await ofCda(of(ruth), of(dominique))).patients.map(({ matricule }) => matricule)).toEqual([ruth, dominique]);
});

test.each([
  [['PID-5|A^B^^^^^L', 'PID-7|19790328120000', 'PID-8|F'], { birthName: 'A', firstGivenName: 'B', birthDate: '19790328', sex: 'F' }],
  [['PID-5|X^Y^^^^^D~A^B^^^^^L'], { birthName: 'A', firstGivenName: 'B' }],
  [['PID-5|X^Y^^^^^D~A^B'], { birthName: 'A', firstGivenName: 'B' }],
  [['PID-5|C^D~A^B^^^^^L'], { birthName: 'A', firstGivenName: 'B' }],
  [['PID-5|X^Y^^^^^D'], {}],
  [['PID-5|A', 'PID-8|'], { birthName: 'A' }],
  [['PID-50|A', 'XPID-5|A'], {}],
  [[], {}],
])('requirement 41: the traits of %j', async (pid, traits) => {
  const xml = metadata(object(slot('sourcePatientInfo', ...pid), identifier(schemes.patientId, cx(dominique))));
  expect((await documentOf(xml)).patients).toEqual([{ ...traits, matricule: dominique, oid: testOid }]);
});

test.each([
  ['<name><family qualifier="BR">A</family><given qualifier="BR">B</given></name>', { birthName: 'A', firstGivenName: 'B' }],
  [
    '<name><family qualifier="SP">X</family><family qualifier="SP BR">A</family><given>X</given><given qualifier="CL  BR">B</given></name>',
    { birthName: 'A', firstGivenName: 'B' },
  ],
  ['<name><family>A</family><given qualifier="BRX">B</given></name>', {}],
  ['<name><family qualifier="BR">A</family><given>B</given><family>C</family></name>', { birthName: 'A' }],
  ['<name><family qualifier="BR">A</family><family qualifier="BR">B</family></name>', { birthName: 'A' }],
  ['<birthTime value="197903281200"/><administrativeGenderCode code="M"/>', { birthDate: '19790328', sex: 'M' }],
  ['<name><given qualifier="BR">B</given><family qualifier="BR">A</family></name>', { birthName: 'A', firstGivenName: 'B' }],
  ['<birthTime nullFlavor="UNK"/><administrativeGenderCode/>', {}],
  ['<guardian><name><family qualifier="BR">A</family></name></guardian>', {}],
])('requirement 41: the traits of %s', async (inside, traits) => {
  const xml = `<recordTarget><patientRole><id root="${testOid}" extension="${dominique}"/><patient>${inside}</patient></patientRole></recordTarget>`;
  expect((await ofCda(xml)).patients).toEqual([{ ...traits, matricule: dominique, oid: testOid }]);
});

test('the traits of METADATA.XML and of the CDA complete each other; the first to speak is believed', async () => {
  const xml = metadata(
    object(slot('sourcePatientInfo', 'PID-5|FIRST^^^^^^L'), identifier(schemes.patientId, cx(dominique, '1.2.250.1.213.1.4.8'))),
  );
  expect((await documentOf(xml, cda())).patients).toEqual([{ ...patient, oid: '1.2.250.1.213.1.4.8', birthName: 'FIRST' }]);
});

test.each([
  ['urn:ihe:iti:2007:AssociationType:RPLC', ['replaces']],
  ['urn:ihe:iti:2007:AssociationType:APND', ['appends']],
  ['urn:ihe:iti:2007:AssociationType:XFRM', ['transforms']],
  ['urn:ihe:iti:2007:AssociationType:XFRM_RPLC', ['transforms', 'replaces']],
  ['urn:ihe:iti:2007:AssociationType:signs', ['signs']],
  ['urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember', []],
  ['constructor', []],
  ['a:__proto__', []],
  ['', []],
])('requirement 53: the association %j', async (type, kinds) => {
  const association = (source: string, target: string) =>
    `<rim:Association associationType="${type}" sourceObject="${source}" targetObject="${target}"/>`;
  const xml = metadata(
    object(),
    association('urn:uuid:1', 'urn:uuid:old'),
    association('urn:uuid:2', 'urn:uuid:old'),
    association('urn:uuid:1', ''),
    association('', 'urn:uuid:1'),
  );
  expect((await documentOf(xml)).relations).toEqual(kinds.map((kind) => ({ kind, target: { entryUuid: 'urn:uuid:old' } })));
});

test('an identifier may stand apart from its document and name it', async () => {
  const apart = identifier(schemes.patientId, cx(ruth), 'registryObject="urn:uuid:1"');
  const another = identifier(schemes.patientId, cx(dominique), 'registryObject="urn:uuid:2"');
  expect((await documentOf(metadata(object(), apart, another))).patients.map(({ matricule }) => matricule)).toEqual([ruth]);
});

test('requirement 50: a document without a name of its own, beside a slot and an association without any, is told', async () => {
  const hidden = classification(schemes.confidentiality, 'INVISIBLE_PATIENT');
  const nameless = object(slot('', 'x'), hidden).replace('id="urn:uuid:1"', '');
  const association = '<rim:Association associationType="a:RPLC"/>';
  expect(await documentOf(metadata(nameless, association))).toMatchObject({ isHiddenFromPatient: true, relations: [] });
});

test('XML that is no CDA is no document by itself, and is not read beyond its root', async () => {
  const of = async (content: string) => (await readZip(zip([...pair(), inSubset('STYLE.XML', content)]))) as unknown;
  const alone = await readZip(zip(pair()));
  expect(await of('<style/>')).toEqual(alone);
  expect(await of('<style><a></b>')).toEqual(alone);
  expect(await of(`<style xmlns:c="urn:hl7-org:v3">${header('<code code="X"/>')}</style>`)).toEqual(alone);
});

test('requirements 49, 53: a relation to a document of the same archive names it by its unique id', async () => {
  const old = `<rim:ExtrinsicObject id="urn:uuid:old">${slot('URI', 'DOC00001.XML')}${identifier(schemes.uniqueId, '7.7')}</rim:ExtrinsicObject>`;
  const association = '<rim:Association associationType="a:RPLC" sourceObject="urn:uuid:1" targetObject="urn:uuid:old"/>';
  expect((await documentOf(metadata(object(), old, association))).relations).toEqual([{ kind: 'replaces', target: { uniqueId: '7.7' } }]);
});

test.each([
  ['RPLC', '<id root="7.7" extension="a"/>', [{ kind: 'replaces', target: { uniqueId: '7.7^a' } }]],
  ['APND', '<id root="7.7"/>', [{ kind: 'appends', target: { uniqueId: '7.7' } }]],
  ['XFRM', '<id root="7.7"/>', [{ kind: 'transforms', target: { uniqueId: '7.7' } }]],
  ['OTHER', '<id root="7.7"/>', []],
  ['constructor', '<id root="7.7"/>', []],
  ['', '<id root="7.7"/>', []],
  ['RPLC', '<id extension="a"/>', []],
  ['RPLC', '', []],
])('requirement 53: a CDA that is %s of %s', async (typeCode, id, relations) => {
  const xml = `<relatedDocument typeCode="RPLC"/><relatedDocument typeCode="${typeCode}"><parentDocument>${id}</parentDocument></relatedDocument>`;
  expect((await ofCda(xml)).relations).toEqual(relations);
});

test('the first id, code and title of a CDA are its own; those further down are not', async () => {
  const xml =
    '<id root="1.1" extension="x"/><id root="2.2"/><code code="A"/><code code="B"/><title> Un </title><title>Deux</title><author><id root="3"/><code code="C"/><title>Trois</title></author>';
  expect(await ofCda(xml)).toMatchObject({ uniqueId: '1.1^x', codeOfCda: 'A', title: 'Un' });
  expect((await ofCda('<author><id root="3"/></author>')).uniqueId).toBeUndefined();
});

test('nothing of a CDA is read from its first component on, and componentOf is not one', async () => {
  const document = await ofCda(
    '<componentOf><x/></componentOf><title>Avant</title><component/><code code="A"/><confidentialityCode code="INVISIBLE_PATIENT"/>',
  );
  expect(document).toMatchObject({ title: 'Avant', isHiddenFromPatient: false });
  expect(document.codeOfCda).toBeUndefined();
});

test('elements of another namespace are not what their names say', async () => {
  expect((await documentOf(metadata(object()), cda().replace('urn:hl7-org:v3', 'urn:other'))).codeOfCda).toBeUndefined();
  const foreign = `<x:Classification xmlns:x="urn:x" classificationScheme="${schemes.confidentiality}" nodeRepresentation="INVISIBLE_PATIENT"/>`;
  expect((await documentOf(metadata(object(foreign)))).isHiddenFromPatient).toBe(false);
  const association = '<x:Association xmlns:x="urn:x" associationType="a:RPLC" sourceObject="urn:uuid:1" targetObject="urn:uuid:2"/>';
  expect((await documentOf(metadata(object(), association))).relations).toEqual([]);
  const code = '<code code="34112-3"/>';
  expect((await documentOf(metadata(object()), cda().replace(code, '<x:code xmlns:x="urn:x" code="A"/>'))).codeOfCda).toBeUndefined();
});

test('slots and names are taken from the document alone, not from what stands inside it', async () => {
  const author = `<rim:Classification>${slot('URI', 'ELSEWHERE.XML')}<rim:Name><rim:LocalizedString value="Autre"/></rim:Name></rim:Classification>`;
  const titles = '<rim:Name><rim:LocalizedString value="Un"/><rim:LocalizedString value="Deux"/></rim:Name>';
  const comments = '<rim:Description><rim:LocalizedString value="Remarque"/></rim:Description>';
  expect((await documentOf(metadata(object(author, comments, titles)))).title).toBe('Un');
  const [start, own] = [object().slice(0, object().indexOf('<rim:Slot')), object().slice(object().indexOf('<rim:Slot'))];
  expect((await documentOf(metadata(`${start}${author}${own}`), cda())).codeOfCda).toBe('34112-3');
  const nameless = '<rim:RegistryPackage id="p"><rim:Name><rim:LocalizedString value="Lot"/></rim:Name></rim:RegistryPackage>';
  expect((await documentOf(metadata(object(), nameless))).title).toBeUndefined();
});

test('a document is where its URI slot says in a Value, whatever else stands in the slot', async () => {
  const noisy = slot('URI', 'DOC00001.XML').replace('<rim:Value>', '<rim:Other>ELSEWHERE.XML</rim:Other><rim:Value>');
  const xml = `<rim:ExtrinsicObject id="urn:uuid:1" mimeType="text/xml">${noisy}</rim:ExtrinsicObject>`;
  expect((await documentOf(metadata(xml), cda())).codeOfCda).toBe('34112-3');
});

test('requirement 50: documents written one inside the other are told, each with what stands in it, before and after', async () => {
  const inner = `<rim:ExtrinsicObject id="urn:uuid:2">${slot('URI', 'DOC00001.XML')}</rim:ExtrinsicObject>`;
  const late = `<rim:Name><rim:LocalizedString value="Titre"/></rim:Name>${classification(schemes.confidentiality, 'INVISIBLE_PATIENT')}`;
  const { documents, problem } = await readZip(zip(pair(metadata(object(identifier(schemes.uniqueId, '7.7'), inner, late)), plainXml)));
  expect(problem).toBeUndefined();
  expect(documents.map(({ uniqueId, title, isHiddenFromPatient }) => [uniqueId, title, isHiddenFromPatient])).toEqual([
    ['7.7', 'Titre', true],
    [undefined, undefined, false],
  ]);
});

test('an element that holds others has no text of its own', async () => {
  expect((await ofCda('<title>A<b>c</b></title>')).title).toBeUndefined();
});

test('entities, CDATA and comments make one text', async () => {
  expect((await ofCda('<title>A &amp; <![CDATA[<9>]]><!-- c --> &#233;</title>')).title).toBe('A & <9> é');
});

test('METADATA.XML may stand anywhere, and lists its documents from there', async () => {
  const root = await readZip(
    zip([
      { name: 'metadata.xml', content: metadata(entry({ uri: './docs/a.XML' })) },
      { name: 'DOCS/A.xml', content: cda() },
    ]),
  );
  expect(root.documents).toHaveLength(1);
  const noMetadata = await readZip(zip([inSubset('MYMETADATA.XML', metadata(entry())), inSubset('DOC00001.XML', cda())]));
  expect(noMetadata.because).toBe('no-metadata');
});

test('a CDA is one by what METADATA.XML says or by its name; other files are not opened', async () => {
  const listed = metadata(entry({ uri: 'DOC00001' }));
  const of = async (xml: string, content: string) =>
    (await readZip(zip([inSubset('METADATA.XML', xml), inSubset('DOC00001', content)]))).documents[0]?.codeOfCda;
  expect(await of(listed, cda())).toBe('34112-3');
  const others = entry({ id: 'urn:uuid:2', uri: 'METADATA.XML' });
  expect(await of(metadata(entry({ uri: 'DOC00001' }), others), cda())).toBe('34112-3');
  expect(await of(listed.replace('text/xml', 'application/pdf'), cda())).toBeUndefined();
  expect(await of(listed.replace('mimeType="text/xml"', ''), cda())).toBeUndefined();
});
