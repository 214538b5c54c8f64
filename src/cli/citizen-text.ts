// A citizen as directory admins see them: everything but the matricule, by which they were named.
import type { Profile } from '../../directory/attached-profiles.ts';
import { citizenDisplayName } from '../../directory/display-name.ts';
import type { RegisteredCitizen } from '../../directory/read-citizen.ts';
import { insOid, isTestArc } from '../core/ins.ts';
import { dateText } from './answer.ts';
import { citizenStates, valueText } from './registry-text.ts';

/** A few lines: identity, mailbox, and who acts for whom. */
export function citizenText(
  citizen: RegisteredCitizen,
  { wards, guardians }: { wards: readonly Profile[]; guardians: readonly Profile[] },
): string {
  const used = [citizen.usedGivenName, citizen.usedName].filter((word) => word !== undefined).join(' ');
  const oid = `${insOid(citizen.arc)}${isTestArc(citizen.arc) ? ' (identité de test ou de démonstration)' : ''}`;
  const lines: readonly (readonly [string, string])[] = [
    ['Numéro', String(citizen.citizenId)],
    ['Prénoms', citizen.givenNames ?? citizen.firstGivenName],
    ...(used === '' ? [] : [['Nom utilisé', used] as const]),
    ['Naissance', `${citizen.birthDate}${citizen.birthPlace === undefined ? '' : `, commune ou pays ${citizen.birthPlace}`}`],
    ['Sexe', citizen.sex],
    ['Identité', `${citizen.isQualified ? 'qualifiée' : 'non qualifiée'}, OID ${oid}`],
    ['Boîte', `${citizenStates[citizen.state]} depuis le ${dateText(citizen.stateSince)}`],
    ...(citizen.formerMatricules === 0
      ? []
      : [['Matricules', `${citizen.formerMatricules} avant l’actuel : leurs adresses restent les siennes`] as const]),
    ...guardians.map((one) => ['Représentant', profileText(one)] as const),
    ...wards.map((one) => ['Représente', profileText(one)] as const),
    ['Inscrit', `le ${dateText(citizen.createdAt)}${citizen.createdBy === undefined ? '' : ` par ${citizen.createdBy}`}`],
  ];
  return [citizenDisplayName(citizen), ...lines.map(([name, value]) => `  ${name.padEnd(12)} ${value}`)].join('\n');
}

function profileText({ citizenId, birthName, firstGivenName, kind, since, until }: Profile): string {
  const end = until === undefined ? '' : ` jusqu’au ${dateText(until)}`;
  return `${citizenDisplayName({ birthName, firstGivenName })} (numéro ${citizenId}), ${valueText('kind', kind)}, depuis le ${dateText(since)}${end}`;
}
