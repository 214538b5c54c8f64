// `passerelle dmp allow`: a citizen takes back their objection to copies in the national record. Requirement 52.
import type { Command } from 'commander';
import { inTransaction } from '../../../mailboxes/in-transaction.ts';
import { allowCopies } from '../../../policies/record-objections.ts';
import { citizenHelp, nameCitizen } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** For what comes from now on. */
export function allowCopiesCommand(): Command {
  return operatorCommand('allow', 'Note qu’un citoyen ne s’oppose plus aux copies ; ce qui n’a pas été copié ne l’est pas pour autant')
    .argument('<citoyen>', citizenHelp)
    .action(
      withDatabase<[string]>(async (world, [typedCitizen]) => {
        const citizenId = await nameCitizen(world, typedCitizen);
        const changed = await inTransaction(world.db, (trx) => allowCopies(trx, citizenId));
        return {
          json: { citizenId, changed },
          text: changed
            ? 'Noté : les documents des prochains courriers de ce citoyen seront copiés.'
            : 'Ce citoyen ne s’y opposait pas : les documents de ses courriers sont copiés.',
        };
      }),
    );
}
