// What the record is told of a document: the metadata of an XDS DocumentEntry, drawn from METADATA.XML and the CDA's header. domain.md §6.
import type { DocumentPatient, DocumentRelation } from '../mail/documents/health-document.ts';

/** A code with the OID of the table it is from. */
export type CodedValue = { readonly code: string; readonly system: string; readonly display: string };

/** A person or a device that wrote or signed. */
export type DocumentAuthor = {
  /** PS identifier (`8` and the RPPS) with its OID, when there is one. */
  readonly id?: { readonly extension: string; readonly root: string };
  readonly familyName: string;
  readonly givenName: string;
  readonly institution?: { readonly id?: { readonly extension: string; readonly root: string }; readonly name: string };
  readonly role?: string;
  readonly specialty?: CodedValue;
};

/** The metadata of one document. Times are DTM of XDS in UTC: `YYYYMMDD`, or down to `YYYYMMDDhhmmss`. */
export type DocumentEntry = {
  /** As XDS writes it: `root`, or `root^extension`. Requirement 49: the same by mail and in the record. */
  readonly uniqueId: string;
  /** With a qualified INS: matricule, OID and the four strict traits. */
  readonly patient: DocumentPatient;
  readonly title: string;
  readonly mimeType: 'text/xml';
  readonly languageCode: string;
  readonly creationTime: string;
  readonly serviceStartTime: string;
  readonly serviceStopTime?: string;
  readonly classCode: CodedValue;
  readonly typeCode: CodedValue;
  readonly formatCode: CodedValue;
  readonly facilityType: CodedValue;
  readonly practiceSetting: CodedValue;
  /** `N`, then the masks: MASQUE_PS, INVISIBLE_PATIENT, INVISIBLE_REPRESENTANTS_LEGAUX. One to four. */
  readonly confidentiality: readonly CodedValue[];
  readonly authors: readonly DocumentAuthor[];
  readonly legalAuthenticator: DocumentAuthor;
  readonly eventCodes: readonly CodedValue[];
  readonly relations: readonly DocumentRelation[];
};
