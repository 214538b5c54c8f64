// The signature of a submission set travels as a document of the same set, with an entry of its own that nobody is shown.
// Its codes are CONFIRMED by public software of the DMP's test bench: IHE DSG of 2009, masked from everybody.
import { derivedId } from '../../core/derived-id.ts';
import type { DocumentAuthor, DocumentEntry } from '../document-entry.ts';
import { dtm } from '../hl7-values.ts';
import { confidentialities, invisibleToPatient } from '../value-sets/confidentiality.ts';

const hiddenFromAll = ['N', 'MASQUE_PS', invisibleToPatient].flatMap((code) => confidentialities.get(code) ?? []);

/**
 * The uuid a signature is known by: another one at each try, so that the record never holds two different signatures against one another
 * when an answer was lost; what says that a set was already taken is the set's id, and the document's.
 */
export function signatureUuid(setUniqueId: string, now: Date): string {
  return derivedId(['record-signature', setUniqueId, now.getTime()]);
}

/** The OID that is a uuid. ITU-T X.667 §7. */
export function oidOfUuid(uuid: string): string {
  return `2.25.${BigInt(`0x${uuid.replaceAll('-', '')}`)}`;
}

/** The entry of the signature of the set that brings `document`. */
export function signatureEntry(document: DocumentEntry, uniqueId: string, submitter: DocumentAuthor, now: Date): DocumentEntry {
  return {
    uniqueId,
    patient: document.patient,
    title: 'Source',
    mimeType: 'text/xml',
    languageCode: 'art',
    creationTime: dtm(now),
    serviceStartTime: dtm(now),
    serviceStopTime: dtm(now),
    classCode: { code: 'urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1', system: 'URN', display: 'Digital Signature' },
    typeCode: { code: 'E1762', system: 'ASTM', display: 'Full Document' },
    formatCode: { code: 'http://www.w3.org/2000/09/xmldsig#', system: 'URN', display: 'Default Signature Style' },
    facilityType: document.facilityType,
    practiceSetting: document.practiceSetting,
    confidentiality: hiddenFromAll,
    authors: [submitter],
    legalAuthenticator: submitter,
    eventCodes: [{ code: '1.2.840.10065.1.12.1.14', system: '1.2.840.10065.1.12', display: 'Source' }],
    relations: [],
  };
}
