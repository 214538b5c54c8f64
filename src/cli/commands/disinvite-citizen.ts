// `passerelle first-contact disinvite`: a citizen leaves the list of a mailbox. Requirement 32.
import type { Command } from 'commander';
import { disinviteCitizen } from '../../../policies/first-contacts.ts';
import { RefusedError } from '../../core/errors.ts';
import { citizenHelp, mailboxHelp, nameCitizen, nameMailbox } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** Exchanges that are open stay open. */
export function disinviteCitizenCommand(): Command {
  return operatorCommand('disinvite', 'Retire un citoyen de la liste d’une boîte ; les échanges ouverts le restent')
    .argument('<boîte>', mailboxHelp)
    .argument('<citoyen>', citizenHelp)
    .action(
      withDatabase<[string, string]>(async (world, [typedMailbox, typedCitizen]) => {
        const { address } = await nameMailbox(world, typedMailbox);
        const citizenId = await nameCitizen(world, typedCitizen);
        const changed = await disinviteCitizen(world.db, address, citizenId);
        if (!changed) throw new RefusedError('not-listed', 'Ce citoyen n’était pas sur la liste');
        return { json: { mailbox: address, citizenId, changed }, text: 'Ce citoyen n’est plus sur la liste.' };
      }),
    );
}
