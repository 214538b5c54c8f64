// What the record is told of a document, or why it cannot be told: cardinalities of domain.md §6, value sets of the DMP. Pure.
// Requirements 49, 50, 53.
import { parseIns } from '../core/ins.ts';
import type { DocumentPatient } from '../mail/documents/health-document.ts';
import type { DescribedDocument, WrittenCode } from '../mail/documents/written-metadata.ts';
import { describePeople } from './describe-people.ts';
import type { CodedValue, DocumentEntry } from './document-entry.ts';
import { dtmOf } from './dtm.ts';
import { confidentialities, confidentialityAliases, confidentialityLevels } from './value-sets/confidentiality.ts';
import { documentTypes } from './value-sets/document-types.ts';
import { formats } from './value-sets/formats.ts';
import { facilityTypes, practiceSettings } from './value-sets/settings-of-care.ts';
import type { ValueSet } from './value-sets/table.ts';

/** Why a document cannot be copied into the record, whatever is tried. */
export type MissingCode =
  | 'no-unique-id'
  | 'unique-ids-differ'
  | 'no-qualified-ins'
  | 'incomplete-ins'
  | 'several-patients'
  | 'not-a-type-of-the-record'
  | 'no-title'
  | 'language'
  | 'no-creation-time'
  | 'no-service-start'
  | 'no-author'
  | 'no-legal-authenticator'
  | 'format'
  | 'facility-type'
  | 'practice-setting'
  | 'confidentiality';

/** For good: what is written in the document does not change. */
export type NotForTheRecord = { readonly do: 'refused'; readonly code: MissingCode };

/** The entry, or the first thing that is missing or wrong, whom the document is about before anything else. */
export function describeEntry(document: DescribedDocument): DocumentEntry | NotForTheRecord {
  const { written } = document;
  const patient = thePatient(document.patients);
  if (typeof patient === 'string') return refused(patient);
  const { uniqueId } = document;
  if (uniqueId === undefined || !isUniqueId(uniqueId)) return refused('no-unique-id');
  if (document.uniqueIdOfCda !== undefined && document.uniqueIdOfCda !== uniqueId) return refused('unique-ids-differ');
  const type = typeOf(written.typeCode);
  if (!type) return refused('not-a-type-of-the-record');
  const { title } = document;
  if (title === undefined) return refused('no-title');
  if (!/^fr(-FR)?$/i.test(written.languageCode ?? '')) return refused('language');
  const creationTime = dtmOf(written.creationTime);
  if (creationTime === undefined) return refused('no-creation-time');
  const serviceStartTime = dtmOf(written.serviceStartTime);
  if (serviceStartTime === undefined) return refused('no-service-start');
  const serviceStopTime = dtmOf(written.serviceStopTime);
  const people = describePeople(written);
  if (typeof people === 'string') return refused(people);
  const formatCode = valueIn(formats, written.formatCode);
  if (!formatCode) return refused('format');
  const facilityType = valueIn(facilityTypes, written.facilityType);
  if (!facilityType) return refused('facility-type');
  const practiceSetting = valueIn(practiceSettings, written.practiceSetting);
  if (!practiceSetting) return refused('practice-setting');
  const confidentiality = confidentialityOf(document.confidentiality);
  if (!confidentiality) return refused('confidentiality');
  return {
    uniqueId,
    patient,
    title,
    mimeType: 'text/xml',
    languageCode: 'fr-FR',
    creationTime,
    serviceStartTime,
    ...(serviceStopTime === undefined ? {} : { serviceStopTime }),
    ...type,
    formatCode,
    facilityType,
    practiceSetting,
    confidentiality,
    ...people,
    eventCodes: written.eventCodes.filter(isCoded).map(asCoded),
    relations: relationsOf(document),
  };
}

function refused(code: MissingCode): NotForTheRecord {
  return { do: 'refused', code };
}

/** One person, with a matricule whose key is right and the four strict traits. domain.md §5. */
function thePatient(patients: readonly DocumentPatient[]): DocumentPatient | MissingCode {
  const [patient] = patients;
  if (!patient) return 'no-qualified-ins';
  if (patients.length > 1) return 'several-patients';
  if (parseIns(patient.matricule) === undefined) return 'no-qualified-ins';
  const { birthName, firstGivenName, birthDate, sex } = patient;
  const hasTraits = birthName !== undefined && firstGivenName !== undefined && /^\d{8}$/.test(birthDate ?? '') && /^[FM]$/.test(sex ?? '');
  return hasTraits ? patient : 'incomplete-ins';
}

/** An OID, or an OID and an extension, within the 128 characters of XDS. IHE ITI TF-3 §4.2.3.2.26. */
function isUniqueId(id: string): boolean {
  return id.length <= 128 && /^[0-2](\.(0|[1-9]\d*))+(\^[^\s^&|]+)?$/.test(id);
}

/** The type as the CDA or its metadata writes it, and the class that goes with it: the class that is written is not asked. */
function typeOf(written: WrittenCode | undefined): Pick<DocumentEntry, 'typeCode' | 'classCode'> | undefined {
  const type = written && documentTypes.get(written.code);
  if (!type || (written.system !== undefined && written.system !== type.system)) return undefined;
  return { typeCode: { code: written.code, system: type.system, display: written.display ?? written.code }, classCode: type.classCode };
}

function valueIn(set: ValueSet, written: WrittenCode | undefined): CodedValue | undefined {
  const value = written && set.get(written.code);
  return value && (written.system === undefined || written.system === value.system) ? value : undefined;
}

/** The strictest level, N when none is written, then every mask; undefined when one is not the record's, for it would be lost. */
function confidentialityOf(codes: readonly string[]): readonly CodedValue[] | undefined {
  const known = codes.map((code) => confidentialities.get(confidentialityAliases.get(code) ?? code));
  if (known.includes(undefined)) return undefined;
  const written = new Set(known.map((value) => value?.code));
  const level = confidentialityLevels.findLast(({ code }) => written.has(code)) ?? confidentialityLevels[0];
  const masks = [...confidentialities.values()].filter((value) => written.has(value.code) && !confidentialityLevels.includes(value));
  return level && [level, ...masks];
}

function isCoded(code: WrittenCode): boolean {
  return code.system !== undefined;
}

function asCoded({ code, system = '', display = code }: WrittenCode): CodedValue {
  return { code, system, display };
}

/** Each once. Of what is replaced, the id both roads share counts before a name in somebody's registry. */
function relationsOf({ relations }: DescribedDocument): DocumentEntry['relations'] {
  const byText = new Map(relations.map((relation) => [JSON.stringify(relation), relation]));
  const named = new Set(relations.flatMap(({ kind, target }) => ('uniqueId' in target ? [kind] : [])));
  return [...byText.values()].filter(({ kind, target }) => 'uniqueId' in target || !named.has(kind));
}
