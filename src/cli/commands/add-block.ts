// `passerelle block add`: a professional wants no more letters from a citizen. Requirement 33.
import type { Command } from 'commander';
import { inTransaction } from '../../../mailboxes/in-transaction.ts';
import { blockerOf } from '../../../policies/blocker.ts';
import { block } from '../../../policies/blocks.ts';
import { citizenHelp, mailboxHelp, nameCitizen, nameMailbox, whoDecides } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** Blocks a citizen over all the mailboxes of the person who holds the one given; a structure's, for that mailbox alone. */
export function addBlockCommand(): Command {
  return operatorCommand(
    'add',
    'Bloque un citoyen : plus aucun de ses courriers n’arrive à ce professionnel, quelle que soit sa boîte ici (ou à cette seule boîte, si elle est celle d’une structure)',
  )
    .argument('<boîte>', mailboxHelp)
    .argument('<citoyen>', citizenHelp)
    .option('--by <nom>', 'qui le décide ; par défaut votre compte sur cette machine')
    .action(
      withDatabase<[string, string], { by?: string }>(async (world, [typedMailbox, typedCitizen], options) => {
        const by = whoDecides(options.by);
        const mailbox = await nameMailbox(world, typedMailbox);
        const citizenId = await nameCitizen(world, typedCitizen);
        const changed = await inTransaction(world.db, (trx) => block(trx, { citizenId, blocker: blockerOf(mailbox), by }, world.now));
        const reach = mailbox.rpps === undefined ? `à ${mailbox.address}` : `à ${mailbox.displayName}, sur toutes ses boîtes ici`;
        return {
          json: { mailbox: mailbox.address, citizenId, changed },
          text: changed
            ? `Bloqué : ce citoyen ne peut plus écrire ${reach}.`
            : `Ce citoyen était déjà bloqué : il ne peut pas écrire ${reach}.`,
        };
      }),
    );
}
