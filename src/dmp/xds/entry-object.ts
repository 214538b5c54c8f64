// A DocumentEntry as the registry takes it: one ExtrinsicObject. Cardinalities of domain.md §6 are settled before, in describe-entry.ts.
// ITI TF-3 §4.2.3.2.
import type { DocumentEntry } from '../document-entry.ts';
import { patientCx, patientInfo, personXcn } from '../hl7-values.ts';
import { element, type Xml } from '../xml-text.ts';
import { entryIdentifier, entryScheme, stableDocument } from './registry-names.ts';
import { nameOf, ObjectPieces, slot } from './registry-objects.ts';

/** What the registry keeps of an entry besides its metadata. */
export type EntryFacts = {
  /** `urn:uuid:` for an entry that is named for good, anything else for one the registry will name. */
  readonly id: string;
  /** Of the entry's first version; given when this is a later one. */
  readonly logicalId?: string;
  readonly versionName?: string;
  /** SHA-1 in hexadecimal, and bytes. */
  readonly hash?: string;
  readonly size?: string;
  readonly repositoryUniqueId?: string;
};

/** The entry. */
export function entryObject(entry: DocumentEntry, facts: EntryFacts): Xml {
  const pieces = new ObjectPieces(facts.id);
  const attributes = {
    id: facts.id,
    lid: facts.logicalId,
    mimeType: entry.mimeType,
    objectType: stableDocument,
    status: 'urn:oasis:names:tc:ebxml-regrep:StatusType:Approved',
  };
  const optional = (name: string, value: string | undefined) => (value === undefined ? undefined : slot(name, [value]));
  return element('rim:ExtrinsicObject', attributes, [
    slot('creationTime', [entry.creationTime]),
    slot('languageCode', [entry.languageCode]),
    slot('serviceStartTime', [entry.serviceStartTime]),
    optional('serviceStopTime', entry.serviceStopTime),
    slot('legalAuthenticator', [personXcn(entry.legalAuthenticator)]),
    slot('sourcePatientId', [patientCx(entry.patient)]),
    slot('sourcePatientInfo', patientInfo(entry.patient)),
    optional('hash', facts.hash),
    optional('size', facts.size),
    optional('repositoryUniqueId', facts.repositoryUniqueId),
    nameOf(entry.title),
    facts.versionName === undefined ? undefined : element('rim:VersionInfo', { versionName: facts.versionName }),
    ...entry.authors.map((author) => pieces.author(entryScheme.author, author)),
    pieces.code(entryScheme.class, entry.classCode),
    pieces.code(entryScheme.type, entry.typeCode),
    pieces.code(entryScheme.format, entry.formatCode),
    ...entry.confidentiality.map((code) => pieces.code(entryScheme.confidentiality, code)),
    pieces.code(entryScheme.facility, entry.facilityType),
    pieces.code(entryScheme.practice, entry.practiceSetting),
    ...entry.eventCodes.map((code) => pieces.code(entryScheme.event, code)),
    pieces.identifier(entryIdentifier.patientId, 'XDSDocumentEntry.patientId', patientCx(entry.patient)),
    pieces.identifier(entryIdentifier.uniqueId, 'XDSDocumentEntry.uniqueId', entry.uniqueId),
  ]);
}
