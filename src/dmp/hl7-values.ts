// Identifiers and people as XDS writes them: HL7 v2.5 data types inside a single value. IHE ITI TF-3 §4.2.3.1; which component holds what
// for France is CONFIRMED by public software of the DMP's test bench (CX `NH`, XCN `IDNPS` or `EI`, XON `IDNST`).
import type { DocumentPatient } from '../mail/documents/health-document.ts';
import type { CodedValue, DocumentAuthor } from './document-entry.ts';

/** PS of the national directory. */
const professionalsOid = '1.2.250.1.71.4.2.1';
/** Structures of the national directory: FINESS, SIRET. */
export const structuresOid = '1.2.250.1.71.4.2.2';

/** CX: the INS of a patient, `NH` being the national health identifier. */
export function patientCx({ matricule, oid }: Pick<DocumentPatient, 'matricule' | 'oid'>): string {
  return `${component(matricule)}^^^&${component(oid)}&ISO^NH`;
}

/** XCN: a person who wrote or signed. */
export function personXcn({ id, familyName, givenName }: DocumentAuthor): string {
  const name = `${component(familyName)}^${component(givenName)}`;
  if (!id) return `^${name}^^^^^^^D`;
  const kind = id.root === professionalsOid ? 'IDNPS' : 'EI';
  return `${component(id.extension)}^${name}^^^^^^&${component(id.root)}&ISO^D^^^${kind}`;
}

/** XON: the place they did it for. */
export function institutionXon({ id, name }: NonNullable<DocumentAuthor['institution']>): string {
  if (!id) return component(name);
  return `${component(name)}^^^^^&${component(id.root)}&ISO^IDNST^^^${component(id.extension)}`;
}

/** CE: a code with its words and its table. */
export function codeCe({ code, display, system }: CodedValue): string {
  return `${component(code)}^${component(display)}^${component(system)}`;
}

/** The values of sourcePatientInfo: fields of a PID segment, those that are known. */
export function patientInfo(patient: DocumentPatient): readonly string[] {
  return [
    `PID-3|${patientCx(patient)}`,
    ...(patient.birthName === undefined ? [] : [`PID-5|${component(patient.birthName)}^${component(patient.firstGivenName ?? '')}^^^^^L`]),
    ...(patient.birthDate === undefined ? [] : [`PID-7|${component(patient.birthDate)}`]),
    ...(patient.sex === undefined ? [] : [`PID-8|${component(patient.sex)}`]),
  ];
}

/** DTM in UTC, down to the second. ITI TF-3 table 4.2.3.1.7-2. */
export function dtm(instant: Date): string {
  return instant.toISOString().replace(/\D/g, '').slice(0, 14);
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\E\\', '|': '\\F\\', '^': '\\S\\', '&': '\\T\\', '~': '\\R\\' };

/** A text that may stand between separators. HL7 v2.5 §2.7. */
function component(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\|^&~]/g, (character) => escapes[character] ?? '');
}
