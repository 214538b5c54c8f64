// `passerelle address open|suspend|close|reopen`: a professional mailbox passes from one state to another. Requirement 21.
import type { Command } from 'commander';
import { changeState } from '../../../directory/change-state.ts';
import type { BoxState } from '../../../directory/states.ts';
import { RefusedError } from '../../core/errors.ts';
import { asDecided } from '../author.ts';
import { byHelp } from '../decision.ts';
import { mailboxHelp, nameMailbox } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { boxStates } from '../registry-text.ts';
import { withDatabase } from '../with-database.ts';

/** The verbs, and the state each leads to. */
export const boxMoves = {
  open: { to: 'active', does: 'Ouvre une boîte professionnelle qui était préparée' },
  suspend: { to: 'suspended', does: 'Suspend une boîte professionnelle : elle ne reçoit plus et ne s’ouvre plus, ses courriers restent' },
  close: { to: 'closed', does: 'Ferme une boîte professionnelle : les expéditeurs apprennent qu’elle l’est, ses courriers restent' },
  reopen: { to: 'reopened', does: 'Rouvre une boîte professionnelle suspendue ou fermée, telle qu’elle était' },
} as const satisfies Record<string, { to: BoxState; does: string }>;

/** Heeded by every process at once: no letter enters a shut mailbox, and whoever was signed in is no more. */
export function moveAddressCommands(): Command[] {
  return Object.entries(boxMoves).map(([verb, { to, does }]) =>
    operatorCommand(verb, does)
      .argument('<boîte>', mailboxHelp)
      .option('--by <nom>', byHelp)
      .action(
        withDatabase<[string], { by?: string }>(async (world, [typed], options) => {
          const { address, registryState } = await nameMailbox(world, typed);
          const outcome = await asDecided(world, options, (trx) => changeState(trx, world.config.hostedDomains.citizens, address, to));
          if (outcome === 'impossible') throw impossibleMove(registryState);
          return {
            json: { address, state: to, changed: outcome === 'changed' },
            text: outcome === 'changed' ? `${address} est ${boxStates[to]}.` : `${address} était déjà ${boxStates[to]}.`,
          };
        }),
      ),
  );
}

/** What is told of a step that the life cycle does not know. */
export function impossibleMove(from: BoxState): RefusedError {
  return new RefusedError('state-impossible', `Ce n’est pas possible d’une boîte ${boxStates[from]}`);
}
