// `passerelle citizen oppose|close|reopen`: a citizen's mailbox passes from one state to another. Requirement 21.
import type { Command } from 'commander';
import { changeState } from '../../../directory/change-state.ts';
import { RefusedError } from '../../core/errors.ts';
import { asDecided } from '../author.ts';
import { byHelp } from '../decision.ts';
import { nameMatricule } from '../name-identity.ts';
import { citizenHelp } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { citizenStates } from '../registry-text.ts';
import { withDatabase } from '../with-database.ts';

const moves = {
  oppose: {
    to: 'opposed',
    does: 'Note qu’un citoyen refuse la boîte qu’il n’a pas encore utilisée',
    not: 'Un refus se note d’une boîte que personne n’a encore ouverte ; après, elle se ferme (citizen close)',
  },
  close: {
    to: 'closed',
    does: 'Ferme la boîte d’un citoyen : les expéditeurs apprennent qu’elle l’est, ses courriers restent',
    not: 'Cette boîte a été refusée avant d’être créée : il n’y a rien à fermer',
  },
  reopen: {
    to: 'reopened',
    does: 'Rouvre la boîte d’un citoyen, à sa demande',
    not: 'Cette boîte est ouverte : il n’y a rien à rouvrir',
  },
} as const;

/** Heeded by every process at once, whichever of the citizen's addresses a letter names. */
export function moveCitizenCommands(): Command[] {
  return Object.entries(moves).map(([verb, { to, does, not }]) =>
    operatorCommand(verb, does)
      .argument('<citoyen>', citizenHelp)
      .option('--by <nom>', byHelp)
      .action(
        withDatabase<[string], { by?: string }>(async (world, [typed], options) => {
          const { address } = nameMatricule(world, typed);
          const outcome = await asDecided(world, options, (trx) => changeState(trx, world.config.hostedDomains.citizens, address, to));
          if (outcome === 'unknown')
            throw new RefusedError('citizen-unknown', 'Aucun citoyen inscrit ici n’a ce matricule ou cette adresse');
          if (outcome === 'impossible') throw new RefusedError('state-impossible', not);
          return {
            json: { state: to, changed: outcome === 'changed' },
            text: `La boîte de ce citoyen ${outcome === 'changed' ? 'est' : 'était déjà'} ${citizenStates[to]}.`,
          };
        }),
      ),
  );
}
