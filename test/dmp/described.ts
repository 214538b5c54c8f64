// A document that has everything the record asks for, to take one thing away at a time. The patient is a test identity of domain.md §9.
import type { DescribedDocument, WrittenMetadata } from '../../src/mail/documents/written-metadata.ts';

export const doctor = {
  id: { extension: '899700101001', root: '1.2.250.1.71.4.2.1' },
  familyName: 'MARTIN',
  givenName: 'Léa',
  institution: { id: { extension: '1990001018', root: '1.2.250.1.71.4.2.2' }, name: 'Clinique des Peupliers' },
  role: 'Médecin traitant',
  specialty: { code: 'G15_10/SM26', system: '1.2.250.1.213.1.1.4.5', display: 'Médecin - Médecine générale' },
};

export const dominique = {
  matricule: '279035121518989',
  oid: '1.2.250.1.213.1.4.10',
  birthName: 'PAT-TROIS',
  firstGivenName: 'DOMINIQUE',
  birthDate: '19790328',
  sex: 'F',
};

const written: WrittenMetadata = {
  title: 'Lettre de liaison',
  languageCode: 'fr-FR',
  creationTime: '20261120163005+0100',
  serviceStartTime: '20261118',
  typeCode: { code: '11490-0', system: '2.16.840.1.113883.6.1', display: 'Lettre de liaison' },
  formatCode: { code: 'urn:asip:ci-sis:ldl-ses:2017', system: '1.2.250.1.213.1.1.4.2.282' },
  facilityType: { code: 'SA04' },
  practiceSetting: { code: 'ETABLISSEMENT', system: '1.2.250.1.213.1.1.4.9', display: 'Hôpital' },
  authors: [doctor],
  legalAuthenticator: doctor,
  eventCodes: [],
};

/** The document, with some of it otherwise. */
export function describedDocument(
  facts: Partial<Omit<DescribedDocument, 'written'>> & { readonly written?: Partial<WrittenMetadata> } = {},
): DescribedDocument {
  return {
    uniqueId: '2.25.123',
    uniqueIdOfCda: '2.25.123',
    codeOfCda: '11490-0',
    title: 'Lettre de liaison',
    patients: [dominique],
    confidentiality: ['N'],
    relations: [],
    isHiddenFromPatient: false,
    isHiddenFromGuardians: false,
    sizeBytes: 0,
    open: async function* () {},
    ...facts,
    written: { ...written, ...facts.written },
  };
}

/** The same without some of what is written. */
export function without(...names: readonly (keyof WrittenMetadata)[]): DescribedDocument {
  const document = describedDocument();
  const kept = Object.entries(document.written).filter(([name]) => !names.includes(name as keyof WrittenMetadata));
  return { ...document, written: Object.fromEntries(kept) as WrittenMetadata };
}
