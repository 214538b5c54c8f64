// The types of document that professionals feed into the record, each with its class. Source: ANS, nomenclatures des objets de santé,
// ASS_X16-CorrespondanceType-Classe-DMP of 2024-02-23 (JDV_J66 restricted to JDV_J57), CONFIRMED-P. Left out of it on purpose: what only
// patients deposit (EXPPAT, DOCPAT, 74465-6), what health insurance feeds (REMB), and what is no CDA (E1762, IMG-KOS).
import type { CodedValue } from '../document-entry.ts';

/** TRE_A03: classes of documents. */
const classes = '1.2.250.1.213.1.1.4.1';
const loinc = '2.16.840.1.113883.6.1';
/** TRE_A05: types LOINC does not have. */
const complement = '1.2.250.1.213.1.1.4.12';

const report: CodedValue = { code: '10', system: classes, display: 'Compte rendu' };
const summary: CodedValue = { code: '11', system: classes, display: 'Synthèse' };
const imaging: CodedValue = { code: '31', system: classes, display: 'Imagerie médicale' };
const prescription: CodedValue = { code: '42', system: classes, display: 'Prescription' };
const dispensation: CodedValue = { code: '43', system: classes, display: 'Dispensation' };
const plan: CodedValue = { code: '44', system: classes, display: 'Plan de soins, protocole de soins' };
const treatment: CodedValue = { code: '45', system: classes, display: 'Traitement administré' };
const certificate: CodedValue = { code: '52', system: classes, display: 'Certificat, déclaration' };
const administrative: CodedValue = { code: '95', system: classes, display: 'Document de gestion' };

/** Codes of a table, by class; several in one line, blank between them. */
const types: readonly (readonly [system: string, classCode: CodedValue, codes: string])[] = [
  [loinc, report, '11488-4 11490-0 11502-2 11505-5 11506-3 11526-1 15507-7 15508-5 28653-4 29274-8 34112-3 34749-2 34794-8 34874-8'],
  [loinc, report, '34875-5 47420-5 51969-4 59283-2 60568-3 67851-6 70004-7 75482-0 75492-9 75496-0 77436-4 78513-9 78601-2 83981-1'],
  [loinc, report, '85208-7 93024-8 96349-6'],
  [loinc, summary, '18761-7 34133-9 34842-5 56445-0 57055-6 57057-2 57075-4 60591-5 68599-0 68817-6 74207-2 78489-2 80820-4 83836-7'],
  [loinc, summary, '83901-9 88348-8 89235-6'],
  [loinc, imaging, '18748-4 52040-3'],
  [loinc, prescription, '55115-0 57828-6 57832-8 57833-6 61357-0 75468-9'],
  [loinc, dispensation, '60593-1'],
  [loinc, plan, '18776-5 77604-7 80771-9 80788-3 83869-8'],
  [loinc, treatment, '80565-5'],
  [loinc, certificate, '11369-6 87273-9 89601-9 96173-0 96874-3'],
  [loinc, administrative, '59284-0 86531-1'],
  [complement, report, 'BIL_AUTO'],
  [complement, summary, 'SYNTH'],
  [complement, prescription, 'PRESC-AAT PRESC-BIO PRESC-INF PRESC-KINE PRESC-ORTHOPHO PRESC-ORTHOPTIE PRESC-PEDI'],
  [complement, dispensation, 'DISP_AUT'],
  [complement, plan, 'PROT_ALD'],
  [complement, certificate, 'CERT_DECL'],
  [complement, administrative, 'ATTEST-ASS-COMPL ATTEST-DROITS-AM ATTEST-HEBGT ATTEST-RESID AUTORIS-SOINS'],
];

/** What the record knows of a type. */
export type DocumentType = { readonly system: string; readonly classCode: CodedValue };

/** The types that are copied, by code. */
export const documentTypes: ReadonlyMap<string, DocumentType> = new Map(
  types.flatMap(([system, classCode, codes]) => codes.split(' ').map((code) => [code, { system, classCode }] as const)),
);
