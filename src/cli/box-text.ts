// A professional mailbox as directory admins see it.
import type { Practice } from '../../directory/practices.ts';
import type { RegisteredAddress } from '../../directory/read-addresses.ts';
import { dateText } from './answer.ts';
import { boxStates, valueText } from './registry-text.ts';

/** A few lines: what it is, whose, how it stands. */
export function boxText(box: RegisteredAddress): string {
  const { professional, structure, suspendedFor } = box;
  const person =
    professional && [professional.civility, professional.givenName, professional.familyName].filter((word) => word !== '').join(' ');
  const why = suspendedFor === undefined ? '' : ` (${valueText('suspended_for', suspendedFor)})`;
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['Type', box.type],
    ['Libellé', box.label],
    ['Description', box.description],
    ['Personne', professional && `${person}, ${professional.profession} (RPPS ${professional.rpps})`],
    ['Structure', structure && `${structure.name} (${structure.structureId})`],
    ['Service', box.service],
    ...box.practices.map((practice) => ['Exercice', practiceText(practice)] as const),
    ['État', box.isHosted ? `${boxStates[box.state]}${why} depuis le ${dateText(box.stateSince)}` : 'tenue par un autre opérateur'],
    ['Annuaire', appearance(box)],
    ['Sans papier', box.isPaperless ? 'oui' : 'non'],
    ['Préférée', box.isPreferred ? 'oui' : 'non'],
    ['Inscrite', `le ${dateText(box.createdAt)}${box.createdBy === undefined ? '' : ` par ${box.createdBy}`}`],
    ['Ouverte', box.isHosted ? (box.lastSignInAt ? `la dernière fois le ${dateText(box.lastSignInAt)}` : 'jamais') : undefined],
  ];
  return [box.address, ...lines.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(12)} ${value}`]))].join('\n');
}

function appearance({ isRedListed, isPublished, type }: RegisteredAddress): string {
  if (isRedListed) return 'liste rouge : joignable, jamais montrée';
  if (!isPublished) return 'retirée : joignable, pas montrée';
  return type === 'APP' ? 'montrée, hors de l’extraction' : 'montrée';
}

function practiceText({ profession, skill, service, structureId }: Practice): string {
  const place = structureId === undefined ? undefined : `structure ${structureId}`;
  return [profession, skill, service, place].filter((word) => word !== undefined).join(', ');
}
