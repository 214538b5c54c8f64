// Deciding about a letter in quarantine: which one, who decides and why. Requirement 50.

import { RefusedError } from '../core/errors.ts';
import { dropHeld, releaseHeld } from '../delivery/quarantine.ts';
import type { Answer } from './answer.ts';
import { byHelp, type DecisionOptions, decisionOf } from './decision.ts';
import { UsageError } from './failures.ts';
import { identifierIn } from './name-row.ts';
import type { CommandWorld } from './with-database.ts';

/** What `--help` says of them. */
export const decisionHelp = {
  letter: 'son identifiant dans passerelle quarantine list',
  reason: 'pourquoi, en quelques mots : gardé, jamais dit à l’expéditeur',
  by: byHelp,
} as const;

const ways = { released: releaseHeld, dropped: dropHeld } as const;

/** Writes the decision, once. Throws RefusedError when the letter is unknown or somebody has decided already. */
export async function decideHeld(
  { db, now }: CommandWorld,
  typed: string,
  options: DecisionOptions,
  way: keyof typeof ways,
): Promise<Answer> {
  const heldId = identifierIn(typed);
  if (heldId === undefined) throw new UsageError('Un courrier retenu se nomme par l’identifiant que donne passerelle quarantine list.');
  const decision = decisionOf(options);
  const changed = await ways[way](db, heldId, decision, now);
  if (!changed)
    throw new RefusedError(
      'letter-unknown',
      'Aucun courrier n’est retenu sous cet identifiant : il est inconnu, ou quelqu’un a déjà décidé',
    );
  return {
    json: { heldId, decision: way, by: decision.by },
    text:
      way === 'released'
        ? 'Le courrier part vers son destinataire ; l’expéditeur en sera informé.'
        : 'Le courrier est écarté ; l’expéditeur en est informé, sans le motif.',
  };
}
