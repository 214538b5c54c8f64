// `passerelle quarantine release`: a held letter goes to its recipient after all. Requirement 50.
import type { Command } from 'commander';
import { decideHeld, decisionHelp } from '../decide-held.ts';
import type { DecisionOptions } from '../decision.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** The pipeline delivers it, at once when a gateway runs, else when one starts. */
export function releaseHeldLetterCommand(): Command {
  return operatorCommand('release', 'Remet un courrier retenu à son destinataire')
    .argument('<identifiant>', decisionHelp.letter)
    .requiredOption('--reason <texte>', decisionHelp.reason)
    .option('--by <nom>', decisionHelp.by)
    .action(withDatabase<[string], DecisionOptions>((world, [typed], options) => decideHeld(world, typed, options, 'released')));
}
