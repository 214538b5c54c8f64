// `passerelle first-contact invite`: a citizen comes onto the list of a mailbox. Requirement 32.
import type { Command } from 'commander';
import { inviteCitizen, readFirstContact } from '../../../policies/first-contacts.ts';
import { citizenHelp, mailboxHelp, nameCitizen, nameMailbox } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** The list counts while the mailbox chose `listed`: the answer says so when it did not. */
export function inviteCitizenCommand(): Command {
  return operatorCommand('invite', 'Inscrit un citoyen sur la liste de ceux qui peuvent écrire les premiers à une boîte')
    .argument('<boîte>', mailboxHelp)
    .argument('<citoyen>', citizenHelp)
    .action(
      withDatabase<[string, string]>(async (world, [typedMailbox, typedCitizen]) => {
        const { address } = await nameMailbox(world, typedMailbox);
        const citizenId = await nameCitizen(world, typedCitizen);
        const changed = await inviteCitizen(world.db, address, citizenId);
        const { audience } = await readFirstContact(world.db, address);
        const done = changed ? 'Ce citoyen est inscrit sur la liste.' : 'Ce citoyen était déjà sur la liste.';
        const note =
          audience === 'listed' ? '' : `\nLa liste ne compte que si la boîte choisit « listed » ; elle a choisi « ${audience} ».`;
        return { json: { mailbox: address, citizenId, changed, audience }, text: `${done}${note}` };
      }),
    );
}
