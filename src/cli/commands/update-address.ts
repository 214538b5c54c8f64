// `passerelle address update`: what may change of a professional mailbox. Its address, type and holder may not. Requirement 18.
import type { Command } from 'commander';
import { type AddressChanges, updateAddress } from '../../../directory/addresses.ts';
import { asDecided } from '../author.ts';
import { byHelp } from '../decision.ts';
import { UsageError } from '../failures.ts';
import { mailboxHelp, nameAddress } from '../name-parties.ts';
import { parseWords, parseYesNo, unknownBox } from '../name-registered.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

type Options = {
  readonly label?: string;
  readonly description?: string;
  readonly service?: string;
  readonly paperless?: string;
  readonly by?: string;
};

/** An empty description or service takes it away. */
export function updateAddressCommand(): Command {
  return operatorCommand('update', 'Modifie une boîte professionnelle ; l’adresse, le type et le titulaire ne changent jamais')
    .argument('<boîte>', mailboxHelp)
    .option('--label <texte>', 'libellé, comme les correspondants le lisent')
    .option('--description <texte>', 'à quoi elle sert ; vide pour l’enlever')
    .option('--service <texte>', 'service de rattachement ; vide pour l’enlever')
    .option('--paperless <oui|non>', 'accepte les documents sans papier')
    .option('--by <nom>', byHelp)
    .action(
      withDatabase<[string], Options>(async (world, [typed], options) => {
        const address = nameAddress(typed);
        const changes = changesOf(options);
        if (Object.keys(changes).length === 0)
          throw new UsageError('Dites ce qui change : --label, --description, --service ou --paperless.');
        const outcome = await asDecided(world, options, (trx) => updateAddress(trx, address, changes));
        if (outcome === 'unknown') throw unknownBox();
        return {
          json: { address, changed: outcome === 'changed' },
          text: outcome === 'changed' ? `${address} est modifiée.` : `${address} était déjà ainsi.`,
        };
      }),
    );
}

function changesOf({ label, description, service, paperless }: Options): AddressChanges {
  return {
    ...(label !== undefined && { label: parseWords('--label', label) }),
    ...(description !== undefined && { description: description === '' ? null : parseWords('--description', description, 1000) }),
    ...(service !== undefined && { service: service === '' ? null : parseWords('--service', service) }),
    ...(paperless !== undefined && { paperless: parseYesNo('--paperless', paperless) }),
  };
}
