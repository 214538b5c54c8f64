// `passerelle quarantine drop`: a held letter will never be delivered. Requirement 50.
import type { Command } from 'commander';
import { decideHeld, decisionHelp } from '../decide-held.ts';
import type { DecisionOptions } from '../decision.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** Its bytes are let go; its sender gets the final report. */
export function dropHeldLetterCommand(): Command {
  return operatorCommand('drop', 'Écarte pour de bon un courrier retenu')
    .argument('<identifiant>', decisionHelp.letter)
    .requiredOption('--reason <texte>', decisionHelp.reason)
    .option('--by <nom>', decisionHelp.by)
    .action(withDatabase<[string], DecisionOptions>((world, [typed], options) => decideHeld(world, typed, options, 'dropped')));
}
