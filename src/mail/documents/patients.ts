// Who a document is about, from the forms METADATA.XML and CDA write it in. domain.md §5: OIDs of the INS.
import { insKey } from '../../core/ins.ts';
import type { DocumentPatient } from './health-document.ts';
import { present } from './present.ts';

/** NIR, NIA, test NIR, demonstration NIR. Local identifiers have other roots and are of no concern here. */
const insOids = new Set(['8', '9', '10', '11'].map((arc) => `1.2.250.1.213.1.4.${arc}`));
const withoutKey = /^[1-478]\d{4}(?:\d{2}|2[AB])\d{6}$/;

/** The traits beside the matricule. */
export type PatientTraits = Pick<DocumentPatient, 'birthName' | 'firstGivenName' | 'birthDate' | 'sex'>;

/** The patient an identifier names; undefined when it is no INS. A matricule without its key gets it. */
export function insPatient(id: string | undefined, oid: string | undefined, traits: PatientTraits): DocumentPatient | undefined {
  const matricule = id?.replace(/\s/g, '').toUpperCase();
  if (!matricule || oid === undefined || !insOids.has(oid)) return undefined;
  return { ...traits, matricule: withoutKey.test(matricule) ? matricule + insKey(matricule) : matricule, oid };
}

/** The patient of an HL7 v2 CX, `279035121518989^^^&1.2.250.1.213.1.4.8&ISO^NH`; undefined when it is no INS. IHE ITI TF-3 §4.2.3.1.7. */
export function patientOfCx(cx: string, traits: PatientTraits): DocumentPatient | undefined {
  const [id, , , authority] = cx.split('^');
  return insPatient(id, authority?.split('&')[1], traits);
}

/** The traits of a sourcePatientInfo slot: PID-5 (birth name), PID-7, PID-8. IHE ITI TF-3 §4.2.3.2.23. */
export function traitsOfPid(values: readonly string[]): PatientTraits {
  const field = (name: string) => values.find((value) => value.startsWith(`${name}|`))?.slice(name.length + 1);
  const names = field('PID-5')
    ?.split('~')
    .map((name) => name.split('^'));
  const birth = names?.find((name) => name[6] === 'L') ?? names?.find((name) => !name[6]);
  return present({ birthName: birth?.[0], firstGivenName: birth?.[1], birthDate: field('PID-7')?.slice(0, 8), sex: field('PID-8') });
}

/** Each person once, by matricule; what one source leaves out the other fills in. */
export function mergePatients(patients: readonly DocumentPatient[]): readonly DocumentPatient[] {
  const merged = new Map<string, DocumentPatient>();
  for (const patient of patients) merged.set(patient.matricule, { ...patient, ...merged.get(patient.matricule) });
  return [...merged.values()];
}
