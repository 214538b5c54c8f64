// The content of the demo's lettre de liaison, before it takes a form (CDA, PDF, mail): who, about whom, when, and what is said.
import { createHash } from 'node:crypto';
import type { Patient, Practitioner } from '../cast.ts';

/** One letter about one patient. ECO.2.1.1: never two patients in a message. */
export type LiaisonLetter = {
  readonly patient: Patient;
  readonly author: Practitioner;
  /** When the letter was written and signed. */
  readonly writtenAt: Date;
  readonly stay: { readonly from: Date; readonly to: Date };
  readonly sections: readonly Section[];
  /** Not to be seen by the patient before a person has announced it to them: INVISIBLE_PATIENT in the metadata. Requirement 50. */
  readonly isHiddenFromPatient: boolean;
  /** The letter that this one corrects, and takes the place of. Requirement 53. */
  readonly replaces?: LiaisonLetter;
};

/** How a letter differs from the usual one. */
export type LetterChoices = Partial<Pick<LiaisonLetter, 'isHiddenFromPatient' | 'replaces'>>;

/** A titled part of the letter: paragraphs of plain French, and the LOINC code that names the part. */
export type Section = {
  readonly title: string;
  readonly code: string;
  readonly paragraphs: readonly string[];
};

/** What the document is, in its code system (LOINC): a letter written when the patient leaves. */
export const liaisonLetterType = { code: '11490-0', label: 'Lettre de liaison' } as const;

/** A code with its table and its French name. */
export type Code = { readonly code: string; readonly system: string; readonly label: string };

/** Where the care was given: sector of activity (TRE_R02) and setting (TRE_A01) of a private clinic. */
export const facility: Code = { code: 'SA04', system: '1.2.250.1.71.4.2.4', label: 'Etablissement privé non PSPH' };
export const practiceSetting: Code = { code: 'ETABLISSEMENT', system: '1.2.250.1.213.1.1.4.9', label: 'Etablissement de santé' };

/** Qualifications of doctors in the story, TRE_R01. */
const qualifications: Readonly<Record<string, string>> = { 'Médecine générale': 'SM26', Cardiologie: 'SM04' };

/** The doctor's profession and qualification in one code, TRE_A02. */
export function specialityOf({ speciality }: Practitioner): Code {
  const qualification = qualifications[speciality];
  const code = qualification === undefined ? 'G15_10' : `G15_10/${qualification}`;
  return { code, system: '1.2.250.1.213.1.1.4.5', label: `Médecin - ${speciality}` };
}

const dayMs = 24 * 3_600_000;

/** The story's letter: two days in the clinic, nothing grave. The same date gives the same letter. */
export function writeLiaisonLetter(
  patient: Patient,
  author: Practitioner,
  writtenAt: Date,
  { isHiddenFromPatient = false, replaces }: LetterChoices = {},
): LiaisonLetter {
  return {
    patient,
    author,
    writtenAt,
    isHiddenFromPatient,
    ...(replaces && { replaces }),
    stay: { from: new Date(writtenAt.getTime() - 2 * dayMs), to: writtenAt },
    sections: [
      {
        title: "Motif de l'hospitalisation",
        code: '46241-6',
        paragraphs: ["Douleur thoracique survenue à l'effort, sans fièvre ni essoufflement au repos."],
      },
      {
        title: 'Synthèse du séjour',
        code: '8648-8',
        paragraphs: [
          "L'électrocardiogramme et les dosages répétés de troponine sont restés normaux (< 5 ng/L).",
          "L'épreuve d'effort, menée jusqu'à 130 W, n'a pas reproduit la douleur. L'origine musculaire est la plus probable.",
        ],
      },
      {
        title: 'Traitement à la sortie',
        code: '10183-2',
        paragraphs: ['Paracétamol 1 g, jusqu’à trois fois par jour pendant cinq jours, si besoin. Aucun autre changement.'],
      },
      {
        title: 'Suites à donner',
        code: '18776-5',
        paragraphs: [
          'Consultation chez le médecin traitant dans les quinze jours ; reprise progressive de la marche.',
          'En cas de douleur nouvelle ou prolongée, appeler le 15 ou le 112.',
        ],
      },
    ],
  };
}

/** The letter and those it takes the place of, the latest first. */
export function versionsOf(letter: LiaisonLetter): readonly [LiaisonLetter, ...LiaisonLetter[]] {
  return letter.replaces ? [letter, ...versionsOf(letter.replaces)] : [letter];
}

/** A UUID that follows from the letter's facts and `purpose`: running the demo twice on one date gives the same documents. */
export function letterUuid(letter: LiaisonLetter, purpose: string): string {
  const facts = [purpose, letter.patient.ins, letter.author.nationalId, letter.writtenAt.toISOString()].join('\n');
  const bytes = createHash('sha256').update(facts).digest().subarray(0, 16);
  bytes[6] = 0x80 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The same as an OID, under the arc of UUIDs. ITU-T X.667 §6.3. */
export function letterOid(letter: LiaisonLetter, purpose: string): string {
  return `2.25.${BigInt(`0x${letterUuid(letter, purpose).replaceAll('-', '')}`)}`;
}

/** `YYYYMMDD`, in UTC: the day as HL7 writes it. */
export function hl7Day(date: Date): string {
  return date.toISOString().slice(0, 10).replaceAll('-', '');
}

/** `YYYYMMDDhhmmss`, in UTC: the moment as XDS writes it. */
export function hl7Moment(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '');
}

/** `DD/MM/YYYY` from `YYYY-MM-DD`: the day as people read it in French. */
export function frenchDay(isoDay: string): string {
  return isoDay.slice(0, 10).split('-').reverse().join('/');
}
