// Requirements 49, 50 and 53: what the record is told of a document, and which documents it is not told of at all.
import { describe, expect, test } from 'vitest';
import { describeEntry } from '../../src/dmp/describe-entry.ts';
import type { DocumentEntry } from '../../src/dmp/document-entry.ts';
import { integrationCode } from '../../src/dmp/integration-codes.ts';
import type { DescribedDocument } from '../../src/mail/documents/written-metadata.ts';
import { describedDocument, doctor, dominique, without } from './described.ts';

function entryOf(document: DescribedDocument): DocumentEntry {
  const entry = describeEntry(document);
  if ('do' in entry) throw new Error(`Refused: ${entry.code}`);
  return entry;
}

test('a complete document becomes an entry: times in UTC, the class of its type, codes with their tables', () => {
  expect(entryOf(describedDocument())).toEqual({
    uniqueId: '2.25.123',
    patient: dominique,
    title: 'Lettre de liaison',
    mimeType: 'text/xml',
    languageCode: 'fr-FR',
    creationTime: '20261120153005',
    serviceStartTime: '20261118',
    classCode: { code: '10', system: '1.2.250.1.213.1.1.4.1', display: 'Compte rendu' },
    typeCode: { code: '11490-0', system: '2.16.840.1.113883.6.1', display: 'Lettre de liaison' },
    formatCode: {
      code: 'urn:asip:ci-sis:ldl-ses:2017',
      system: '1.2.250.1.213.1.1.4.2.282',
      display: "Lettre de Liaison à la sortie de l'établissement de santé",
    },
    facilityType: { code: 'SA04', system: '1.2.250.1.71.4.2.4', display: 'Etablissement privé non PSPH' },
    practiceSetting: { code: 'ETABLISSEMENT', system: '1.2.250.1.213.1.1.4.9', display: 'Etablissement de santé' },
    confidentiality: [{ code: 'N', system: '2.16.840.1.113883.5.25', display: 'Normal' }],
    authors: [doctor],
    legalAuthenticator: doctor,
    eventCodes: [],
    relations: [],
  });
});

const { birthDate: _date, ...withoutBirthDate } = dominique;
const { id: _id, ...unknownDoctor } = doctor;

test.each<[string, DescribedDocument, string, string]>([
  ['no unique id', omit(describedDocument(), 'uniqueId'), 'no-unique-id', '906'],
  ['a unique id that is no OID', describedDocument({ uniqueId: 'urn:uuid:1', uniqueIdOfCda: 'urn:uuid:1' }), 'no-unique-id', '906'],
  ['an OID too long for XDS', describedDocument({ uniqueId: `2.25.${'1'.repeat(128)}` }), 'no-unique-id', '906'],
  ['another id in the CDA than in its metadata', describedDocument({ uniqueIdOfCda: '2.25.124' }), 'unique-ids-differ', '906'],
  ['no INS', describedDocument({ patients: [] }), 'no-qualified-ins', '903'],
  ['a wrong key', describedDocument({ patients: [{ ...dominique, matricule: '279035121518988' }] }), 'no-qualified-ins', '903'],
  ['an INS without its birth date', describedDocument({ patients: [withoutBirthDate] }), 'incomplete-ins', '905'],
  ['a sex that says nothing', describedDocument({ patients: [{ ...dominique, sex: 'U' }] }), 'incomplete-ins', '905'],
  ['two patients', describedDocument({ patients: [dominique, { ...dominique, matricule: '277076322082910' }] }), 'several-patients', '904'],
  ['no type', without('typeCode'), 'not-a-type-of-the-record', '906'],
  ['a type the record has not', describedDocument({ written: { typeCode: { code: '00000-0' } } }), 'not-a-type-of-the-record', '906'],
  ['a type only patients deposit', describedDocument({ written: { typeCode: { code: 'EXPPAT_1' } } }), 'not-a-type-of-the-record', '906'],
  [
    'a type of another table',
    describedDocument({ written: { typeCode: { code: '11490-0', system: '1.2.3' } } }),
    'not-a-type-of-the-record',
    '906',
  ],
  ['no title', omit(describedDocument(), 'title'), 'no-title', '906'],
  ['no language', without('languageCode'), 'language', '906'],
  ['another language', describedDocument({ written: { languageCode: 'en-US' } }), 'language', '906'],
  ['no creation time', without('creationTime'), 'no-creation-time', '906'],
  ['a day that does not exist', describedDocument({ written: { creationTime: '20260230' } }), 'no-creation-time', '906'],
  ['no start of the act', without('serviceStartTime'), 'no-service-start', '906'],
  ['no author', describedDocument({ written: { authors: [] } }), 'no-author', '901'],
  ['an author without a name', describedDocument({ written: { authors: [{ role: 'Expert' }] } }), 'no-author', '901'],
  ['nobody who answers for it', without('legalAuthenticator'), 'no-legal-authenticator', '901'],
  [
    'an unknown person who answers for it',
    describedDocument({ written: { legalAuthenticator: unknownDoctor } }),
    'no-legal-authenticator',
    '901',
  ],
  ['no format', without('formatCode'), 'format', '906'],
  ['a format of nobody', describedDocument({ written: { formatCode: { code: 'urn:x' } } }), 'format', '906'],
  ['no sector of activity', without('facilityType'), 'facility-type', '906'],
  [
    'a sector of another table',
    describedDocument({ written: { facilityType: { code: 'SA04', system: '1.2.3' } } }),
    'facility-type',
    '906',
  ],
  ['no setting of practice', without('practiceSetting'), 'practice-setting', '906'],
  ['a mask the record has not', describedDocument({ confidentiality: ['N', 'MASQUE_PT'] }), 'confidentiality', '906'],
])('requirement 54: %s is refused, and the sender is told %3$s', (_, document, code, told) => {
  expect(describeEntry(document)).toEqual({ do: 'refused', code });
  expect(integrationCode(code)).toBe(told);
});

describe('confidentiality', () => {
  test.each([
    [[], ['N']],
    [['N'], ['N']],
    [['INVISIBLE_PATIENT'], ['N', 'INVISIBLE_PATIENT']],
    [
      ['MASQUE_PS', 'N', 'INVISIBLE_REP_LEGAUX'],
      ['N', 'INVISIBLE_REPRESENTANTS_LEGAUX', 'MASQUE_PS'],
    ],
    [['N', 'R'], ['R']],
    [
      ['V', 'R', 'INVISIBLE_PATIENT'],
      ['V', 'INVISIBLE_PATIENT'],
    ],
    [
      ['N', 'MASQUE_PS', 'INVISIBLE_PATIENT', 'INVISIBLE_REPRESENTANTS_LEGAUX', 'INVISIBLE_REP_LEGAUX'],
      ['N', 'INVISIBLE_PATIENT', 'INVISIBLE_REPRESENTANTS_LEGAUX', 'MASQUE_PS'],
    ],
  ])('requirement 50: masks are kept, one level beside them: %j → %j', (confidentiality, codes) => {
    expect(entryOf(describedDocument({ confidentiality })).confidentiality.map(({ code }) => code)).toEqual(codes);
  });
});

test('requirement 53: of what is replaced, the id both roads share counts; what is said twice is told once', () => {
  const byId = { kind: 'replaces', target: { uniqueId: '1.2.3' } } as const;
  const byEntry = { kind: 'replaces', target: { entryUuid: 'urn:uuid:1' } } as const;
  const appended = { kind: 'appends', target: { entryUuid: 'urn:uuid:2' } } as const;
  expect(entryOf(describedDocument({ relations: [byId, byEntry, appended, byId] })).relations).toEqual([byId, appended]);
  expect(entryOf(describedDocument({ relations: [byEntry] })).relations).toEqual([byEntry]);
});

test('a CDA named by a root and an extension, an author who is a device, a stop and codes of events', () => {
  const entry = entryOf(
    describedDocument({
      uniqueId: '1.2.3^A-1',
      uniqueIdOfCda: '1.2.3^A-1',
      written: {
        authors: [{ familyName: 'Automate' }, { givenName: 'Personne' }, { familyName: 'X', specialty: { code: 'sans table' } }],
        languageCode: 'fr',
        serviceStopTime: '202611201000+0000',
        eventCodes: [{ code: 'E1', system: '1.2.3' }, { code: 'E2' }],
      },
    }),
  );
  expect(entry).toMatchObject({
    uniqueId: '1.2.3^A-1',
    languageCode: 'fr-FR',
    serviceStopTime: '202611201000',
    authors: [
      { familyName: 'Automate', givenName: '' },
      { familyName: 'X', givenName: '' },
    ],
    eventCodes: [{ code: 'E1', system: '1.2.3', display: 'E1' }],
  });
  expect(entry.authors[1]).not.toHaveProperty('specialty');
});

test.each([
  ['XDSUnknownPatientId', '902'],
  ['XDSPatientIdDoesNotMatch', '904'],
  ['XDSReplaceFailed', '900'],
  ['replaced-unknown', '900'],
  ['anything else', '906'],
  ['constructor', '906'],
])('the record’s answer %s is told as %s', (code, told) => {
  expect(integrationCode(code)).toBe(told);
});

function omit(document: DescribedDocument, name: 'uniqueId' | 'title'): DescribedDocument {
  const { [name]: _, ...rest } = document;
  return rest;
}
