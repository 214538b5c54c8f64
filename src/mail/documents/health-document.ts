// What the gateway knows of a health document: what METADATA.XML and the document's own header say, and nothing of its content.
// Requirements 41, 47, 50; uniqueId and relations serve 49 and 53.

/** Random access to the bytes of a stored letter. Offsets as in the MimePart of that letter, `end` exclusive. */
export type LetterBytes = {
  readonly sizeBytes: number;
  read(start: number, end: number): AsyncIterable<Buffer>;
};

/** A person a document says it is about, known by a matricule INS (NIR or NIA, test identities included). */
export type DocumentPatient = {
  /** As written, spaces removed; its key is not checked. */
  readonly matricule: string;
  /** Which of the INS identifier systems: 1.2.250.1.213.1.4.8 to .11. domain.md §5. */
  readonly oid: string;
  readonly birthName?: string;
  readonly firstGivenName?: string;
  /** YYYYMMDD. */
  readonly birthDate?: string;
  /** As the source codes it: M, F, U. */
  readonly sex?: string;
};

/** How a document stands to an earlier one. */
export type DocumentRelation = {
  readonly kind: 'replaces' | 'appends' | 'transforms' | 'signs';
  /** The other document: by the id both roads share (requirement 49), else by its name in a registry, `urn:uuid:…`. */
  readonly target: { readonly uniqueId: string } | { readonly entryUuid: string };
};

/** One document of an IHE_XDM archive. The same fact from two sources: both are kept, so that neither hides the other. */
export type HealthDocument = {
  readonly uniqueId?: string;
  /** typeCode of METADATA.XML. */
  readonly typeCode?: string;
  /** The `code` of the CDA header; absent when the document is no CDA. */
  readonly codeOfCda?: string;
  readonly title?: string;
  /** Everybody it is about: one, unless the document and its metadata disagree or it was made wrong. Empty when no INS is given. */
  readonly patients: readonly DocumentPatient[];
  /** Codes, each once. */
  readonly confidentiality: readonly string[];
  readonly relations: readonly DocumentRelation[];
  /** INVISIBLE_PATIENT, in METADATA.XML or in the CDA. Requirement 50. */
  readonly isHiddenFromPatient: boolean;
  /** INVISIBLE_REPRESENTANTS_LEGAUX, likewise. Requirement 38. */
  readonly isHiddenFromGuardians: boolean;
};

/**
 * What was read of all the archives of a letter. `hostile`: made to harm its reader, or to be read in two ways. `unreadable`: damaged,
 * encrypted, incomplete. `documents` holds what could be read all the same; after `hostile` it is empty.
 */
export type DocumentsReading = {
  readonly documents: readonly HealthDocument[];
  readonly problem?: 'unreadable' | 'hostile';
  /** Why, for logs and metrics: one of a few words, nothing of the content. */
  readonly because?: string;
};
