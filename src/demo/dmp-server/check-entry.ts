// One document entry or submission set against what the DMP asks: every attribute there as often as it must, well written, with codes of
// the value sets. Cardinalities of domain.md §6; ebRIM of IHE ITI TF-3 §4.2.3.
import type { Classified, Coded, RegistryObject } from './ebrim.ts';
import { entryText } from './entry-text.ts';
import { isPerson, isStructure, isTime, type PatientId, readPatientId } from './hl7-types.ts';
import * as values from './value-sets.ts';

const schemes = {
  author: 'urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d',
  class: 'urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a',
  type: 'urn:uuid:f0306f51-975f-434e-a61c-c59651d33983',
  format: 'urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d',
  confidentiality: 'urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f',
  facility: 'urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1',
  practice: 'urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead',
} as const;
const entryIds = { patient: 'urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427', unique: 'urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab' };
const setSchemes = { author: 'urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d', content: 'urn:uuid:aa543740-bdda-424e-8c96-df4873be8500' };
const setIds = {
  patient: 'urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446',
  unique: 'urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8',
  source: 'urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832',
};
const stableDocument = 'urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1';
const oid = /^[0-2](\.(0|[1-9]\d*))+$/;

/** What an entry says, once it was found well written. */
export type CheckedEntry = {
  readonly id: string;
  readonly uniqueId: string;
  readonly patient: PatientId;
  readonly title: string;
  readonly hash: string;
  readonly sizeBytes: number;
  readonly confidentiality: readonly string[];
  readonly isSignature: boolean;
  /** The entry itself, to be kept. */
  readonly text: string;
};

/** What a submission set says. */
export type CheckedSet = { readonly id: string; readonly uniqueId: string; readonly patient: PatientId };

/** Gathers what is wrong, in words for a developer, never the values themselves: they are health data. */
class Findings {
  readonly wrong: string[] = [];
  readonly #object: RegistryObject;

  constructor(object: RegistryObject) {
    this.#object = object;
  }

  expect(isRight: boolean, otherwise: string): void {
    if (!isRight) this.wrong.push(otherwise);
  }

  /** The only value of a slot; notes its absence, unless it may be absent. */
  slot(name: string, isRight: (value: string) => boolean, isOptional = false): string {
    const found = this.#object.slots.get(name) ?? [];
    const [value = ''] = found;
    if (found.length === 0 && isOptional) return '';
    this.expect(found.length === 1 && isRight(value), `slot ${name}`);
    return value;
  }

  classified(scheme: string): readonly Classified[] {
    return this.#object.classifications.filter((one) => one.scheme === scheme);
  }

  /** The only code of a scheme, with its table and its name. */
  code(name: string, scheme: string, isRight: (coded: Coded) => boolean): Coded {
    const found = this.classified(scheme);
    const [coded = { code: '', system: undefined, display: undefined }] = found;
    this.expect(
      found.length === 1 && coded.code !== '' && coded.system !== undefined && coded.display !== undefined,
      `${name}: exactly one, named`,
    );
    this.expect(isRight(coded), `${name}: not of its value set`);
    return coded;
  }

  identifier(name: string, scheme: string): string {
    const found = this.#object.identifiers.filter((one) => one.scheme === scheme);
    this.expect(found.length === 1 && found[0]?.value !== '', `identifier ${name}`);
    return found[0]?.value ?? '';
  }

  patient(name: string, scheme: string): PatientId {
    const patient = readPatientId(this.identifier(name, scheme));
    this.expect(patient !== undefined, `identifier ${name}: not an INS`);
    return patient ?? { matricule: '', oid: '' };
  }

  authors(scheme: string): void {
    const authors = this.classified(scheme);
    this.expect(authors.length >= 1, 'author: at least one');
    for (const { slots } of authors) {
      const persons = slots.get('authorPerson') ?? [];
      this.expect(persons.length === 1 && persons.every(isPerson), 'authorPerson');
      this.expect((slots.get('authorInstitution') ?? []).every(isStructure), 'authorInstitution');
    }
  }
}

/** The entry, or what is wrong with it. */
export function checkEntry(entry: RegistryObject): CheckedEntry | readonly string[] {
  const findings = new Findings(entry);
  const isSignature = findings.classified(schemes.class).some(({ code }) => code === values.signatureClass);
  findings.expect(entry.isWellKnit, 'something names another object as its owner');
  findings.expect(entry.objectType === stableDocument, 'objectType');
  findings.expect(entry.mimeType === 'text/xml', 'mimeType');
  findings.expect(entry.title !== undefined, 'title');
  findings.slot('creationTime', isTime);
  findings.slot('languageCode', (language) => language === 'fr-FR' || (isSignature && language === 'art'));
  const start = findings.slot('serviceStartTime', isTime);
  const stop = findings.slot('serviceStopTime', isTime, true);
  const shared = Math.min(start.length, stop.length);
  findings.expect(stop.slice(0, shared) >= start.slice(0, shared), 'serviceStopTime before serviceStartTime');
  findings.slot('legalAuthenticator', isPerson);
  const hash = findings.slot('hash', (value) => /^[0-9a-f]{40}$/.test(value));
  const size = findings.slot('size', (value) => /^[1-9]\d{0,11}$/.test(value));
  const patient = findings.patient('patientId', entryIds.patient);
  const source = findings.slot('sourcePatientId', (cx) => readPatientId(cx) !== undefined);
  findings.expect(readPatientId(source)?.matricule === patient.matricule, 'sourcePatientId is another patient');
  checkTraits(findings, entry, isSignature);
  const uniqueId = findings.identifier('uniqueId', entryIds.unique);
  findings.expect(uniqueId.length <= 128 && oid.test(uniqueId.split('^')[0] ?? ''), 'uniqueId: not an OID');
  findings.authors(schemes.author);
  checkCodes(findings, isSignature);
  const confidentiality = checkConfidentiality(findings);
  if (findings.wrong.length > 0) return findings.wrong;
  return {
    id: entry.id,
    uniqueId,
    patient,
    title: entry.title ?? '',
    hash,
    sizeBytes: Number(size),
    confidentiality,
    isSignature,
    text: entryText(entry.element),
  };
}

/** The strict traits that go with an INS: birth name and first given name, birth date, sex. */
function checkTraits(findings: Findings, entry: RegistryObject, isSignature: boolean): void {
  const info = entry.slots.get('sourcePatientInfo') ?? [];
  if (isSignature && info.length === 0) return;
  const traits = new Map(info.map((line) => [line.slice(0, line.indexOf('|')), line.slice(line.indexOf('|') + 1)]));
  const [family = '', given = ''] = (traits.get('PID-5') ?? '').split('^');
  findings.expect(family !== '' && given !== '', 'sourcePatientInfo PID-5');
  findings.expect(isTime(traits.get('PID-7') ?? ''), 'sourcePatientInfo PID-7');
  findings.expect(['M', 'F', 'U'].includes(traits.get('PID-8') ?? ''), 'sourcePatientInfo PID-8');
}

function checkCodes(findings: Findings, isSignature: boolean): void {
  // The codes of a signature are of other tables; only RECALL says which, so that only their presence is asked.
  const any = () => true;
  const classCode = findings.code(
    'classCode',
    schemes.class,
    isSignature ? any : ({ code, system }) => system === values.classSystem && values.classes.has(code),
  );
  findings.code(
    'typeCode',
    schemes.type,
    isSignature ? any : ({ code, system }) => values.typeSystems.has(system ?? '') && values.classOfType.get(code) === classCode.code,
  );
  findings.code(
    'formatCode',
    schemes.format,
    isSignature ? any : ({ code, system }) => values.formats.some((format) => format.system === system && format.code.test(code)),
  );
  findings.code(
    'healthcareFacilityTypeCode',
    schemes.facility,
    ({ code, system }) => system === values.facilitySystem && /^SA\d\d$/.test(code),
  );
  findings.code(
    'practiceSettingCode',
    schemes.practice,
    ({ code, system }) => system === values.practiceSystem && values.practices.has(code),
  );
}

function checkConfidentiality(findings: Findings): readonly string[] {
  const found = findings.classified(schemes.confidentiality);
  const codes = found.map(({ code }) => code);
  findings.expect(
    found.length >= 1 && found.length <= 4 && new Set(codes).size === codes.length,
    'confidentialityCode: one to four, each once',
  );
  for (const { code, system } of found) {
    const isKnown = values.levels.has(code)
      ? system === values.confidentialitySystem
      : system === values.maskSystem && values.masks.has(code);
    findings.expect(isKnown, 'confidentialityCode: not of its value set');
  }
  findings.expect(codes.filter((code) => values.levels.has(code)).length === 1, 'confidentialityCode: exactly one level');
  return codes;
}

/** The submission set, or what is wrong with it. */
export function checkSet(set: RegistryObject): CheckedSet | readonly string[] {
  const findings = new Findings(set);
  findings.expect(set.isWellKnit, 'something names another object as its owner');
  findings.slot('submissionTime', isTime);
  findings.authors(setSchemes.author);
  findings.code('contentTypeCode', setSchemes.content, () => true);
  const patient = findings.patient('patientId', setIds.patient);
  const uniqueId = findings.identifier('uniqueId', setIds.unique);
  findings.expect(oid.test(uniqueId), 'uniqueId: not an OID');
  findings.expect(oid.test(findings.identifier('sourceId', setIds.source)), 'sourceId: not an OID');
  return findings.wrong.length > 0 ? findings.wrong : { id: set.id, uniqueId, patient };
}
