// `passerelle dead drop`: work that was given up will never be done.
import type { Command } from 'commander';
import { inTransaction } from '../../../mailboxes/in-transaction.ts';
import { dropDead } from '../../delivery/dead-letters.ts';
import { nameWork, noSuchWork, workHelp } from '../dead-work.ts';
import { byHelp, type DecisionOptions, decisionOf } from '../decision.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** Its bytes are let go; who decided why is kept as long as its line. Nobody is told more than they were when it was given up. */
export function dropDeadCommand(): Command {
  return operatorCommand('drop', 'Écarte pour de bon un travail abandonné')
    .argument('<identifiant>', workHelp.id)
    .requiredOption('--reason <texte>', 'pourquoi, en quelques mots : gardé avec le travail')
    .option('--by <nom>', byHelp)
    .action(
      withDatabase<[string], DecisionOptions>(async ({ db, now }, [typed], options) => {
        const id = nameWork(typed);
        const decision = decisionOf(options);
        if (!(await inTransaction(db, (trx) => dropDead(trx, id, decision, now)))) throw noSuchWork();
        return {
          json: { id, decision: 'dropped', by: decision.by },
          text: 'Le travail est écarté ; ce qu’il gardait d’un courrier n’est plus tenu. Personne n’en reçoit d’autre nouvelle.',
        };
      }),
    );
}
