// The registry in words: states of mailboxes, why one was not made, and the columns of its history.
import type { CreateAnswer } from '../../directory/addresses.ts';
import type { BoxState, CitizenState } from '../../directory/states.ts';

/** The state of a professional's mailbox. */
export const boxStates = {
  pending: 'préparée, pas encore ouverte',
  active: 'ouverte',
  suspended: 'suspendue',
  closed: 'fermée',
  reopened: 'rouverte',
} as const satisfies Record<BoxState, string>;

/** The state of a citizen's mailbox. */
export const citizenStates = {
  created: 'créée, pas encore utilisée',
  activated: 'utilisée par son titulaire',
  opposed: 'refusée par son titulaire',
  closed: 'fermée',
  reopened: 'rouverte',
} as const satisfies Record<CitizenState, string>;

/** Why a mailbox was not made, for a person. */
export const createRefusals = {
  'type-mismatch': 'Cette adresse est inscrite sous un autre type, et le type d’une adresse ne change jamais',
  'holder-mismatch': 'Cette adresse est inscrite pour quelqu’un d’autre, et son titulaire ne change jamais',
  'holder-missing': 'Une boîte PER ou CAB demande le RPPS d’une personne, une boîte ORG ou APP une structure',
  'holder-unknown': 'La personne ou la structure nommée n’est pas inscrite : ses noms l’inscriraient en même temps',
  matricule: 'Cette adresse a la forme d’un matricule : elle serait celle d’un citoyen, et vient avec lui',
} as const satisfies Record<Exclude<CreateAnswer, 'created' | 'exists'>, string>;

const columns: Readonly<Record<string, string>> = {
  type: 'type',
  hosted: 'tenue ici',
  state: 'état',
  suspended_for: 'motif de suspension',
  label: 'libellé',
  description: 'description',
  service: 'service',
  rpps: 'RPPS',
  structure_id: 'structure',
  red_list: 'liste rouge',
  published: 'publiée',
  unpublished_for: 'motif de retrait',
  paperless: 'dématérialisation',
  preferred: 'préférée',
  position: 'rang de l’exercice',
  category_code: 'code de catégorie',
  category: 'catégorie',
  profession_code: 'code de profession',
  profession: 'profession',
  skill_code: 'code de savoir-faire',
  skill: 'savoir-faire',
  ins: 'matricule',
  ins_arc: 'OID du matricule',
  qualified: 'identité qualifiée',
  birth_name: 'nom de naissance',
  first_given_name: 'premier prénom',
  given_names: 'prénoms de naissance',
  used_name: 'nom utilisé',
  used_given_name: 'prénom utilisé',
  birth_date: 'date de naissance',
  birth_place: 'lieu de naissance',
  sex: 'sexe',
  ward_id: 'personne représentée',
  guardian_id: 'représentant',
  kind: 'motif',
  since: 'depuis',
  until: 'jusqu’au',
};

/** A column of the registry; its own name when there are no words for it. */
export function columnText(column: string): string {
  return columns[column] ?? column;
}

const values: Readonly<Record<string, string>> = {
  ...boxStates,
  ...citizenStates,
  idle: 'long silence',
  decision: 'décision',
  minor: 'minorité',
  ward: 'protection',
};

/** A value of the registry. */
export function valueText(column: string, value: unknown): string {
  if (value === null || value === undefined) return '—';
  if (typeof value === 'boolean') return value ? 'oui' : 'non';
  const isCoded = column === 'state' || column === 'kind' || column.endsWith('_for');
  return (isCoded ? values[String(value)] : undefined) ?? String(value);
}
