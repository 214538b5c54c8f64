// Why documents are not read. Thrown from the depths of an archive and caught once, by readDocuments. Requirement 47.

/**
 * Hostile: made to exhaust or leave its reader (bomb, traversal, DTD), or saying two things to two readers (overlaps, two names,
 * hidden bytes). Refused.
 */
export type HostileCode =
  | 'too-many-archives'
  | 'too-many-entries'
  | 'bomb'
  | 'unsafe-name'
  | 'link'
  | 'same-name-twice'
  | 'headers-disagree'
  | 'overlapping-entries'
  | 'hidden-bytes'
  | 'sizes-disagree'
  | 'doctype'
  | 'xml-too-deep'
  | 'xml-too-many-attributes'
  | 'xml-giant-token';

/** Unreadable: damaged, encrypted, incomplete, or more than is read here. Held towards citizens, who could be shown what nobody saw. */
export type UnreadableCode =
  | 'broken-encoding'
  | 'damaged-archive'
  | 'encrypted'
  | 'unknown-compression'
  | 'damaged-content'
  | 'no-metadata'
  | 'no-document'
  | 'document-missing'
  | 'not-metadata'
  | 'wrong-charset'
  | 'malformed-xml'
  | 'too-much-xml';

const hostileCodes: Readonly<Record<HostileCode, true> & Partial<Record<UnreadableCode, never>>> = {
  'too-many-archives': true,
  'too-many-entries': true,
  bomb: true,
  'unsafe-name': true,
  link: true,
  'same-name-twice': true,
  'headers-disagree': true,
  'overlapping-entries': true,
  'hidden-bytes': true,
  'sizes-disagree': true,
  doctype: true,
  'xml-too-deep': true,
  'xml-too-many-attributes': true,
  'xml-giant-token': true,
};

/** Ends the reading of one archive. */
export class DocumentsProblem extends Error {
  override readonly name = 'DocumentsProblem';
  readonly code: HostileCode | UnreadableCode;

  constructor(code: HostileCode | UnreadableCode) {
    super(`Documents not read: ${code}`);
    this.code = code;
  }

  get isHostile(): boolean {
    return hostileCodes[this.code] === true;
  }
}
