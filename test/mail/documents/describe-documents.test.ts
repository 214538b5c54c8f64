// Requirements 49, 50, 53: what the record may be told of a letter's documents, whichever of the two sources says it.
import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { describe, expect, test } from 'vitest';
import { dominiquePatTrois, leaMartin } from '../../../src/demo/cast.ts';
import { renderCda } from '../../../src/demo/documents/cda.ts';
import { letterOid, writeLiaisonLetter } from '../../../src/demo/documents/letter.ts';
import { composeLiaisonMail } from '../../../src/demo/documents/lettre-de-liaison.ts';
import { describeDocuments } from '../../../src/mail/documents/describe-documents.ts';
import { digestsOf } from '../../../src/mail/documents/digests.ts';
import type { LetterBytes } from '../../../src/mail/documents/health-document.ts';
import type { DescribedDocument } from '../../../src/mail/documents/written-metadata.ts';
import { base64, cda, classification, entry, inSubset, letterBytes, letterWith, metadata, pair, rootOf, slot } from './documents.ts';
import { zip } from './zip.ts';

async function describeLetter(letter: Buffer): Promise<readonly DescribedDocument[]> {
  return await describeDocuments(rootOf(letter), letterBytes(letter));
}

const describeZip = (archive: Buffer) => describeLetter(letterWith(base64(archive)));

/** The only CDA of an archive with these two files. */
async function described(metadataXml: string, cdaXml: string): Promise<DescribedDocument> {
  const documents = await describeZip(zip(pair(metadataXml, cdaXml)));
  expect(documents).toHaveLength(1);
  return documents[0] as DescribedDocument;
}

async function bytesOf(document: DescribedDocument): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of document.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const schemes = {
  author: 'urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d',
  facility: 'urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1',
  practice: 'urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead',
  format: 'urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d',
  event: 'urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4',
};

/** A classification with its table and its name. */
const coded = (scheme: string, code: string, system: string, name: string) =>
  `<rim:Classification classificationScheme="${scheme}" nodeRepresentation="${code}">${slot('codingScheme', system)}
   <rim:Name><rim:LocalizedString value="${name}"/></rim:Name></rim:Classification>`;

test('the lettre de liaison of the story says everything, and its bytes can be read again and again', async () => {
  const writtenAt = new Date('2026-11-20T09:00:00Z');
  const mail = await composeLiaisonMail(leaMartin, dominiquePatTrois, writtenAt, { isHiddenFromPatient: true });
  const sent = await createTransport({ streamTransport: true, buffer: true, newline: 'windows' }).sendMail(mail);
  const [document, ...others] = await describeLetter(sent.message as Buffer);
  expect(others).toEqual([]);
  const letter = writeLiaisonLetter(dominiquePatTrois, leaMartin, writtenAt, { isHiddenFromPatient: true });
  const bytes = renderCda(letter);
  const id = letterOid(letter, 'document');
  const doctor = {
    id: { extension: leaMartin.nationalId, root: '1.2.250.1.71.4.2.1' },
    familyName: 'MARTIN',
    givenName: 'Léa',
    specialty: { code: 'G15_10/SM26', system: '1.2.250.1.213.1.1.4.5', display: 'Médecin - Médecine générale' },
    institution: { id: { extension: '1990001018', root: '1.2.250.1.71.4.2.2' }, name: 'Clinique de démonstration des Peupliers' },
  };
  expect(document).toMatchObject({ uniqueId: id, uniqueIdOfCda: id, sizeBytes: bytes.length, isHiddenFromPatient: true });
  expect(document?.written).toEqual({
    title: 'Lettre de liaison',
    languageCode: 'fr-FR',
    creationTime: '20261120090000+0000',
    serviceStartTime: '20261118090000+0000',
    serviceStopTime: '20261120090000+0000',
    classCode: { code: '10', system: '1.2.250.1.213.1.1.4.1', display: 'Compte rendu' },
    typeCode: { code: '11490-0', system: '2.16.840.1.113883.6.1', display: 'Lettre de liaison' },
    formatCode: {
      code: 'urn:asip:ci-sis:ldl-ses:2017',
      system: '1.2.250.1.213.1.1.4.2.282',
      display: "Lettre de Liaison à la sortie de l'établissement de santé",
    },
    facilityType: { code: 'SA04', system: '1.2.250.1.71.4.2.4', display: 'Etablissement privé non PSPH' },
    practiceSetting: { code: 'ETABLISSEMENT', system: '1.2.250.1.213.1.1.4.9', display: 'Etablissement de santé' },
    authors: [doctor],
    legalAuthenticator: doctor,
    eventCodes: [{ code: 'IMP', system: '2.16.840.1.113883.5.4', display: 'Hospitalisation (établissement, y compris HAD)' }],
  });
  expect(await bytesOf(document as DescribedDocument)).toEqual(bytes);
  expect(await bytesOf(document as DescribedDocument)).toEqual(bytes);
});

describe('two sources', () => {
  const author = `<rim:Classification classificationScheme="${schemes.author}" nodeRepresentation="">
    ${slot('authorPerson', '801234567897^DAVID^Charles^^^^^^&amp;1.2.250.1.71.4.2.1&amp;ISO^D^^^IDNPS')}
    ${slot('authorInstitution', 'Hôpital^^^^^&amp;1.2.250.1.71.4.2.2&amp;ISO^IDNST^^^1750803447')}
    ${slot('authorRole', 'Expert')}${slot('authorSpecialty', 'G15_10/SM27^Médecin - Médecine interne^1.2.250.1.213.1.1.4.5')}
  </rim:Classification>`;
  const full = entry({
    more: `${slot('languageCode', 'fr-FR')}${slot('creationTime', '20261120090000')}${slot('serviceStartTime', '20261118')}
      ${slot('legalAuthenticator', '801234567897^DAVID^Charles^^^^^^&amp;1.2.250.1.71.4.2.1&amp;ISO^D^^^IDNPS')}${author}
      ${coded(schemes.facility, 'SA01', '1.2.250.1.71.4.2.4', 'Etablissement public')}
      ${coded(schemes.event, 'E1', '1.2.3', 'Évènement')}`,
  });
  const davidCharles = { id: { extension: '801234567897', root: '1.2.250.1.71.4.2.1' }, familyName: 'DAVID', givenName: 'Charles' };

  test('what the CDA leaves out METADATA.XML tells, its moments in UTC', async () => {
    const { written } = await described(metadata(full), cda());
    expect(written).toMatchObject({
      languageCode: 'fr-FR',
      creationTime: '20261120090000+0000',
      serviceStartTime: '20261118',
      facilityType: { code: 'SA01', system: '1.2.250.1.71.4.2.4', display: 'Etablissement public' },
      legalAuthenticator: davidCharles,
      eventCodes: [{ code: 'E1', system: '1.2.3', display: 'Évènement' }],
    });
    expect(written.authors).toEqual([
      {
        ...davidCharles,
        institution: { id: { extension: '1750803447', root: '1.2.250.1.71.4.2.2' }, name: 'Hôpital' },
        role: 'Expert',
        specialty: { code: 'G15_10/SM27', display: 'Médecin - Médecine interne', system: '1.2.250.1.213.1.1.4.5' },
      },
    ]);
  });

  test('what the CDA says counts before METADATA.XML', async () => {
    const more = `<effectiveTime value="20261121100000+0100"/><languageCode code="fr-BE"/>
      <author><functionCode code="X" displayName="Médecin traitant"/><assignedAuthor><id root="1.2.3" extension="A"/><assignedAuthoringDevice>
        <manufacturerModelName>Automate</manufacturerModelName><softwareName>Labo 3</softwareName></assignedAuthoringDevice></assignedAuthor></author>
      <documentationOf><serviceEvent><code code="E1" codeSystem="1.2.3"/><effectiveTime value="20261119"/>
        <performer><assignedEntity><representedOrganization><standardIndustryClassCode code="HAD"/></representedOrganization></assignedEntity></performer>
      </serviceEvent></documentationOf>
      <componentOf><encompassingEncounter><location><healthCareFacility><code code="SA01"/></healthCareFacility></location></encompassingEncounter></componentOf>`;
    const { written } = await described(metadata(full), cda({ more }));
    expect(written).toMatchObject({
      languageCode: 'fr-BE',
      creationTime: '20261121100000+0100',
      serviceStartTime: '20261119',
      practiceSetting: { code: 'HAD' },
      // The same code without its table: METADATA.XML completes it.
      facilityType: { code: 'SA01', system: '1.2.250.1.71.4.2.4', display: 'Etablissement public' },
      authors: [{ id: { root: '1.2.3', extension: 'A' }, familyName: 'Automate', givenName: 'Labo 3', role: 'Médecin traitant' }],
      eventCodes: [{ code: 'E1', system: '1.2.3', display: 'Évènement' }],
    });
  });

  test('of two authors each keeps what is theirs, and the signer is nobody else', async () => {
    const person = (kind: string, family: string, id: string) =>
      `<${kind}><id root="1.2.3" extension="${id}"/><assignedPerson><name><family>${family}</family><given>A</given></name></assignedPerson></${kind}>`;
    const more = `<author>${person('assignedAuthor', 'UN', '1')}</author><author>${person('assignedAuthor', 'DEUX', '2')}</author>
      <legalAuthenticator>${person('assignedEntity', 'TROIS', '3')}</legalAuthenticator>
      <authenticator>${person('assignedEntity', 'QUATRE', '4')}</authenticator>`;
    const { written } = await described(metadata(entry()), cda({ more }));
    expect(written.authors.map(({ familyName, id }) => [familyName, id?.extension])).toEqual([
      ['UN', '1'],
      ['DEUX', '2'],
    ]);
    expect(written.legalAuthenticator).toMatchObject({ familyName: 'TROIS', id: { extension: '3' } });
  });

  test('a CDA that no METADATA.XML lists speaks for itself; what is no CDA is not described', async () => {
    const lone = await describeZip(zip([...pair(metadata(entry()), cda()), inSubset('DOC00002.XML', cda({ id: '1.2.3.6' }))]));
    expect(lone.map(({ uniqueId, written }) => [uniqueId, written.formatCode])).toEqual([
      ['1.2.3.5', undefined],
      ['1.2.3.6', undefined],
    ]);
    const pdf = entry({ id: 'urn:uuid:2', uri: 'DOC00003.PDF' }).replace('text/xml', 'application/pdf');
    expect(await describeZip(zip([...pair(metadata(entry(), pdf), cda()), inSubset('DOC00003.PDF', '%PDF')]))).toHaveLength(1);
  });

  test('a classification that stands apart is told of the object it names', async () => {
    const apart = coded(schemes.format, 'urn:ihe:pcc:ips:2020', '1.3.6.1.4.1.19376.1.2.3', 'Synthèse').replace(
      '<rim:Classification ',
      '<rim:Classification classifiedObject="urn:uuid:1" ',
    );
    const { written } = await described(metadata(entry(), apart), cda());
    expect(written.formatCode).toEqual({ code: 'urn:ihe:pcc:ips:2020', system: '1.3.6.1.4.1.19376.1.2.3', display: 'Synthèse' });
  });
});

test('requirement 49: the id in the CDA is told beside that of METADATA.XML', async () => {
  expect(await described(metadata(entry()), cda({ id: '1.2.3.99' }))).toMatchObject({ uniqueId: '1.2.3.5', uniqueIdOfCda: '1.2.3.99' });
});

test('requirement 47: of a letter with a hostile archive nothing is described; of one with a damaged archive, the others are', async () => {
  const good = base64(zip(pair()));
  const hostile = base64(zip([...pair(), { name: '../outside', content: 'x' }]));
  expect(await describeLetter(letterWith(good, hostile))).toEqual([]);
  expect(await describeLetter(letterWith(good, base64(Buffer.from('PK'))))).toHaveLength(1);
});

test('requirement 47: a METADATA.XML made of ten thousand repetitions is read in no time', async () => {
  const many = Array.from({ length: 6000 }, () => '<rim:ExtrinsicObject id="a"/>');
  const codes = Array.from({ length: 6000 }, () => classification(schemes.event, 'E', 'classifiedObject="a"'));
  const one = entry({ id: 'a' });
  const before = process.cpuUsage();
  await describeZip(zip(pair(metadata(one, ...many, ...codes))));
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(5);
  // Heard up to a bound: nobody writes fifty event codes.
  const lone = await described(metadata(one, ...codes), cda());
  expect(lone.written.eventCodes).toHaveLength(1);
});

describe('digestsOf()', () => {
  test('counts and hashes what it reads', async () => {
    const document = await described(metadata(entry()), cda());
    const bytes = Buffer.from(cda());
    expect(await digestsOf(() => document.open())).toEqual({
      sizeBytes: bytes.length,
      sha1: createHash('sha1').update(bytes).digest(),
      sha256: createHash('sha256').update(bytes).digest(),
    });
  });

  test('a document whose bytes are not what the archive says has none', async () => {
    // The header is read before the damage is seen: what stands behind it is longer than one span of reading.
    const body = `<component><structuredBody>${'<text>abcdefghij</text>'.repeat(20_000)}</structuredBody></component>`;
    const damaged = await describeZip(zip([...pair().slice(0, 1), inSubset('DOC00001.XML', cda({ body }), { central: { crc: 1 } })]));
    expect(damaged).toHaveLength(1);
    expect(await digestsOf(() => (damaged[0] as DescribedDocument).open())).toBeUndefined();
  });

  test('an error of the disk is not the sender’s: it passes through', async () => {
    const letter = letterWith(base64(zip(pair())));
    let isBroken = false;
    const bytes: LetterBytes = {
      sizeBytes: letter.length,
      read(start, end) {
        if (isBroken) throw new Error('the disk');
        return letterBytes(letter).read(start, end);
      },
    };
    const [document] = await describeDocuments(rootOf(letter), bytes);
    isBroken = true;
    // What was read is still in the part's few blocks; a fresh description has none.
    await expect(describeDocuments(rootOf(letter), bytes)).rejects.toThrow('the disk');
    expect(document).toBeDefined();
  });
});
