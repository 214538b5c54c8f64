// Deciding about a letter in quarantine: which one, who decides and why. Requirement 50.

import { RefusedError } from '../core/errors.ts';
import { dropHeld, releaseHeld } from '../delivery/quarantine.ts';
import type { Answer } from './answer.ts';
import { UsageError } from './failures.ts';
import { whoDecides } from './name-parties.ts';
import type { CommandWorld } from './with-database.ts';

/** The options of both commands. */
export type DecisionOptions = { readonly reason: string; readonly by?: string };

/** What `--help` says of them. */
export const decisionHelp = {
  letter: 'son identifiant dans passerelle quarantine list',
  reason: 'pourquoi, en quelques mots : gardé, jamais dit à l’expéditeur',
  by: 'qui le décide ; par défaut votre compte sur cette machine',
} as const;

const ways = { released: releaseHeld, dropped: dropHeld } as const;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Writes the decision, once. Throws RefusedError when the letter is unknown or somebody has decided already. */
export async function decideHeld(
  { db, now }: CommandWorld,
  typed: string,
  options: DecisionOptions,
  way: keyof typeof ways,
): Promise<Answer> {
  const heldId = typed.trim().toLowerCase();
  if (!uuid.test(heldId)) throw new UsageError('Un courrier retenu se nomme par l’identifiant que donne passerelle quarantine list.');
  const reason = options.reason.trim();
  if (!/^[^\p{Cc}]{3,500}$/u.test(reason)) throw new UsageError('--reason attend quelques mots, de 3 à 500 caractères.');
  const by = whoDecides(options.by);
  const changed = await ways[way](db, heldId, { by, reason }, now);
  if (!changed)
    throw new RefusedError(
      'letter-unknown',
      'Aucun courrier n’est retenu sous cet identifiant : il est inconnu, ou quelqu’un a déjà décidé',
    );
  return {
    json: { heldId, decision: way, by },
    text:
      way === 'released'
        ? 'Le courrier part vers son destinataire ; l’expéditeur en sera informé.'
        : 'Le courrier est écarté ; l’expéditeur en est informé, sans le motif.',
  };
}
