// `passerelle dmp object`: a citizen wants no copies of their documents in the national record. Requirement 52.
import type { Command } from 'commander';
import { inTransaction } from '../../../mailboxes/in-transaction.ts';
import { objectToCopies } from '../../../policies/record-objections.ts';
import { citizenHelp, nameCitizen, whoDecides } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** From now on, copies that wait included; what the record holds already is the record's affair. */
export function objectToCopiesCommand(): Command {
  return operatorCommand(
    'object',
    'Note qu’un citoyen s’oppose aux copies : ses courriers arrivent, leurs documents ne sont plus copiés dans son dossier',
  )
    .argument('<citoyen>', citizenHelp)
    .option('--by <nom>', 'qui le note ; par défaut votre compte sur cette machine')
    .action(
      withDatabase<[string], { by?: string }>(async (world, [typedCitizen], options) => {
        const by = whoDecides(options.by);
        const citizenId = await nameCitizen(world, typedCitizen);
        const changed = await inTransaction(world.db, (trx) => objectToCopies(trx, { citizenId, by }, world.now));
        return {
          json: { citizenId, changed },
          text: changed
            ? 'Noté : les documents des courriers de ce citoyen ne sont plus copiés.'
            : 'Ce citoyen s’y opposait déjà : rien n’est copié.',
        };
      }),
    );
}
