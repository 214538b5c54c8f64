// Whether the X-MSS-* fields of a letter say what its health documents say. Counted and passed through, never a reason to refuse.
// Requirements 41, 42; domain.md §3.3 (ECO.2.4.1 to .3).
import type { Headers } from '../headers.ts';
import type { DocumentPatient, DocumentsReading, HealthDocument } from './health-document.ts';

/** What does not fit, as a label for metrics. */
export type MssMismatch =
  | 'codecda-missing'
  | 'codecda-unexpected'
  | 'codecda-differs'
  | 'ins-missing'
  | 'ins-unexpected'
  | 'ins-differs'
  | 'ins-malformed'
  | 'nil-missing';

/**
 * Compares the fields with the documents of the letter. X-MSS-CODECDA lists the codes of the CDA documents and X-MSS-INS says whether
 * each carries a qualified INS; both are there exactly when a CDA is. A letter without an archive is `{ documents: [] }`; of documents
 * that could not be read, only what the fields say by themselves is judged.
 */
export function compareMssHeaders(headers: Headers, reading: DocumentsReading): readonly MssMismatch[] {
  const ins = headers.get('x-mss-ins');
  const mismatches: MssMismatch[] = headers.get('x-mss-nil') ? [] : ['nil-missing'];
  const isMalformed = ins !== undefined && ins !== 'O' && ins !== 'N';
  if (isMalformed) mismatches.push('ins-malformed');
  if (reading.problem) return mismatches;
  const cdas = reading.documents.filter((document) => document.codeOfCda !== undefined);
  mismatches.push(...compareCodes(headers.getAll('x-mss-codecda'), cdas));
  if (cdas.length > 0 && ins === undefined) mismatches.push('ins-missing');
  if (cdas.length === 0 && ins !== undefined) mismatches.push('ins-unexpected');
  if (cdas.length > 0 && ins !== undefined && !isMalformed && ins !== (cdas.every(hasQualifiedIns) ? 'O' : 'N')) {
    mismatches.push('ins-differs');
  }
  return mismatches;
}

/** A CDA may be announced by its own code or by the typeCode of its metadata: they should be one, and which is right is not judged here. */
function compareCodes(fields: readonly string[], cdas: readonly HealthDocument[]): readonly MssMismatch[] {
  const announced = fields.flatMap((field) => field.split(',')).flatMap((code) => (code.trim() === '' ? [] : [code.trim()]));
  if (cdas.length === 0) return fields.length > 0 ? ['codecda-unexpected'] : [];
  if (announced.length === 0) return ['codecda-missing'];
  const isAnnounced = (document: HealthDocument) => codesOf(document).some((code) => announced.includes(code));
  const isKnown = (code: string) => cdas.some((document) => codesOf(document).includes(code));
  return cdas.every(isAnnounced) && announced.every(isKnown) ? [] : ['codecda-differs'];
}

function codesOf(document: HealthDocument): readonly string[] {
  return [document.codeOfCda, document.typeCode].filter((code) => code !== undefined);
}

/** Qualified: the matricule with its system and the traits, for everybody the document is about. domain.md §3.3. */
export function hasQualifiedIns(document: HealthDocument): boolean {
  return document.patients.length > 0 && document.patients.every(hasTraits);
}

function hasTraits(patient: DocumentPatient): boolean {
  return [patient.birthName, patient.firstGivenName, patient.birthDate, patient.sex].every((trait) => trait !== undefined);
}
