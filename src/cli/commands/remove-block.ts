// `passerelle block remove`: a professional takes a citizen's letters again. Requirement 33.
import type { Command } from 'commander';
import { inTransaction } from '../../../mailboxes/in-transaction.ts';
import { blockerOf } from '../../../policies/blocker.ts';
import { unblock } from '../../../policies/blocks.ts';
import { RefusedError } from '../../core/errors.ts';
import { citizenHelp, mailboxHelp, nameCitizen, nameMailbox } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** Lifts a block; what stood between the two before it stands again. */
export function removeBlockCommand(): Command {
  return operatorCommand('remove', 'Lève un blocage : l’échange redevient ce qu’il était')
    .argument('<boîte>', mailboxHelp)
    .argument('<citoyen>', citizenHelp)
    .action(
      withDatabase<[string, string]>(async (world, [typedMailbox, typedCitizen]) => {
        const mailbox = await nameMailbox(world, typedMailbox);
        const citizenId = await nameCitizen(world, typedCitizen);
        const changed = await inTransaction(world.db, (trx) => unblock(trx, { citizenId, blocker: blockerOf(mailbox) }));
        if (!changed) throw new RefusedError('not-blocked', 'Ce citoyen n’était pas bloqué');
        return { json: { mailbox: mailbox.address, citizenId, changed }, text: 'Le blocage est levé.' };
      }),
    );
}
