// All that a CDA's header and its METADATA.XML say of a document, as they say it: nothing is checked or completed here. What the national
// record makes of it is src/dmp's affair. domain.md §6; requirements 49 to 53.
import type { HealthDocument } from './health-document.ts';

/** A code as written; `system` is the OID of its table. */
export type WrittenCode = { readonly code: string; readonly system?: string; readonly display?: string };

/** An HL7 instance identifier that has an extension. */
export type WrittenId = { readonly extension: string; readonly root: string };

/** An author or a signer; a device has a family name, its model. */
export type WrittenPerson = {
  readonly id?: WrittenId;
  readonly familyName?: string;
  readonly givenName?: string;
  readonly institution?: { readonly id?: WrittenId; readonly name?: string };
  readonly role?: string;
  readonly specialty?: WrittenCode;
};

/**
 * What is written of one document. The CDA counts before METADATA.XML, which tells what the CDA left out. Times are HL7 TS,
 * `YYYY[MM[DD[hhmm[ss]]]][+-ZZzz]`: those of METADATA.XML, which are in UTC by their nature, come with `+0000`.
 */
export type WrittenMetadata = {
  readonly title?: string;
  readonly languageCode?: string;
  readonly creationTime?: string;
  readonly serviceStartTime?: string;
  readonly serviceStopTime?: string;
  readonly classCode?: WrittenCode;
  readonly typeCode?: WrittenCode;
  readonly formatCode?: WrittenCode;
  readonly facilityType?: WrittenCode;
  readonly practiceSetting?: WrittenCode;
  readonly authors: readonly WrittenPerson[];
  readonly legalAuthenticator?: WrittenPerson;
  readonly eventCodes: readonly WrittenCode[];
};

/** One CDA of a letter: what is known of it, what is written of it, and its bytes. */
export type DescribedDocument = HealthDocument & {
  readonly written: WrittenMetadata;
  /** The id in the CDA's own header, as XDS writes it; `uniqueId` may be that of METADATA.XML. */
  readonly uniqueIdOfCda?: string;
  /** Inflated size of the CDA. */
  readonly sizeBytes: number;
  /**
   * The CDA's bytes from the first, each time it is called; read out of the stored letter as they are asked for. Throws DocumentsProblem
   * at the end when they are not what the archive says; an error of the letter's own bytes passes through.
   */
  open(): AsyncIterable<Buffer>;
};
