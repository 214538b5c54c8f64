// A citizen and a correspondent as an operator names them, and how things stand between them, in words.

import { blockerOf } from '../../policies/blocker.ts';
import type { Standing } from '../../policies/facts.ts';
import type { Pair } from '../../policies/register.ts';
import { nameCitizen, nameCorrespondent } from './name-parties.ts';
import type { CommandWorld } from './with-database.ts';

/** What `--help` says of a correspondent's argument. */
export const correspondentHelp = 'adresse du professionnel à qui le citoyen écrit, ici ou chez un autre opérateur';

/** The pair. Throws UsageError or RefusedError. */
export async function namePair(world: CommandWorld, typedCorrespondent: string, typedCitizen: string): Promise<Pair> {
  const { address, holder } = await nameCorrespondent(world, typedCorrespondent);
  const citizenId = await nameCitizen(world, typedCitizen);
  return { citizenId, correspondent: address, ...(holder && { blocker: blockerOf(holder) }) };
}

const exchangeTexts = {
  'never-opened': 'jamais ouvert : le professionnel ne lui a pas encore écrit',
  open: 'ouvert : le citoyen peut écrire',
  ended: 'terminé : le prochain courrier du professionnel le rouvrira',
} as const satisfies Record<Standing['exchange'], string>;

const firstTexts = {
  no: 'non',
  yes: 'oui, la boîte l’accepte',
  'not-today': 'oui, mais le nombre du jour est atteint',
} as const satisfies Record<Standing['mayWriteFirst'], string>;

/** A few lines. */
export function standingText({ exchange, isBlocked, mayWriteFirst }: Standing): string {
  return [
    `Échange          ${exchangeTexts[exchange]}`,
    `Blocage          ${isBlocked ? 'oui : rien n’arrive tant qu’il n’est pas levé' : 'non'}`,
    `Écrire d’abord   ${firstTexts[mayWriteFirst]}`,
  ].join('\n');
}
