// A document as the connector is given it, about a patient of the official test identities. domain.md §9.
import { createHash } from 'node:crypto';
import type { DocumentToFeed, Submission } from '../../src/dmp/connector.ts';
import type { DocumentEntry } from '../../src/dmp/document-entry.ts';

const loinc = '2.16.840.1.113883.6.1';

/** An entry that names everything an entry may. */
export function anEntry(over: Partial<DocumentEntry> = {}): DocumentEntry {
  const author = {
    id: { extension: '810100020016', root: '1.2.250.1.71.4.2.1' },
    familyName: "D'ARC & FILS",
    givenName: 'Léa',
    institution: { id: { extension: '1990001018', root: '1.2.250.1.71.4.2.2' }, name: 'Centre hospitalier de Nancy' },
    role: 'Médecin traitant',
    specialty: { code: 'G15_10/SM26', system: '1.2.250.1.213.1.1.4.5', display: 'Médecine générale' },
  };
  return {
    uniqueId: '1.2.250.1.999.7.1^42',
    patient: {
      matricule: '279035121518989',
      oid: '1.2.250.1.213.1.4.10',
      birthName: 'PATIENT^TEST',
      firstGivenName: 'Anne',
      birthDate: '19790307',
      sex: 'F',
    },
    title: 'Lettre de liaison <à la sortie> & "suite"',
    mimeType: 'text/xml',
    languageCode: 'fr-FR',
    creationTime: '20261120101500',
    serviceStartTime: '20261118',
    serviceStopTime: '20261120',
    classCode: { code: '10', system: '1.2.250.1.213.1.1.4.1', display: 'Compte rendu' },
    typeCode: { code: '11490-0', system: loinc, display: 'Lettre de liaison à la sortie' },
    formatCode: { code: 'urn:ihe:iti:xds-sd:pdf:2008', system: '1.3.6.1.4.1.19376.1.2.3', display: 'PDF' },
    facilityType: { code: 'SA01', system: '1.2.250.1.71.4.2.4', display: 'Etablissement public de santé' },
    practiceSetting: { code: 'ETABLISSEMENT', system: '1.2.250.1.213.1.1.4.9', display: 'Etablissement de santé' },
    confidentiality: [
      { code: 'N', system: '2.16.840.1.113883.5.25', display: 'Normal' },
      { code: 'INVISIBLE_PATIENT', system: '1.2.250.1.213.1.1.4.13', display: 'Non visible par le patient' },
    ],
    authors: [author],
    legalAuthenticator: author,
    eventCodes: [{ code: 'DHFM001', system: '1.2.250.1.213.2.5', display: 'Acte' }],
    relations: [],
    ...over,
  };
}

/** A document with these bytes. */
export function aDocument(content: Buffer = Buffer.from('<ClinicalDocument/>'), over: Partial<DocumentToFeed> = {}): DocumentToFeed {
  return {
    entry: anEntry(),
    sizeBytes: content.length,
    sha1: createHash('sha1').update(content).digest(),
    sha256: createHash('sha256').update(content).digest(),
    open: async function* () {
      yield content;
    },
    ...over,
  };
}

/** Its feeding. */
export function aSubmission(document: DocumentToFeed = aDocument(), now = new Date('2026-11-22T08:00:00Z')): Submission {
  return { setUniqueId: '1.2.250.1.999.1.77', document, now };
}
