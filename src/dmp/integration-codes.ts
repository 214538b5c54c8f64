// The code of an integration error: what the sender's software is told when the record did not take a document. domain.md §3.5.
import type { MissingCode } from './describe-entry.ts';

/** 900 wrong version, 901 author not allowed, 902 unknown patient, 903 no INS, 904 INS mismatch, 905 INS incomplete, 906 other. */
export type IntegrationCode = '900' | '901' | '902' | '903' | '904' | '905' | '906';

const ofMissing: Readonly<Partial<Record<MissingCode, IntegrationCode>>> = {
  'no-qualified-ins': '903',
  'several-patients': '904',
  'incomplete-ins': '905',
  'no-author': '901',
  'no-legal-authenticator': '901',
};

/** What the registry answers (IHE ITI TF-3 table 4.2.4.1-2); and that it does not know the version a document replaces. */
const ofXds: Readonly<Record<string, IntegrationCode>> = {
  XDSUnknownPatientId: '902',
  XDSPatientIdDoesNotMatch: '904',
  XDSReplaceFailed: '900',
  'replaced-unknown': '900',
};

const codes: ReadonlyMap<string, IntegrationCode> = new Map(Object.entries({ ...ofMissing, ...ofXds }));

/** The code for a MissingCode or for a code of the connector's refusals; 906 for every other. */
export function integrationCode(code: string): IntegrationCode {
  return codes.get(code) ?? '906';
}
