// `passerelle receipts set`: what a professional's mailbox answers to those who ask for a receipt. Requirements 43, 45.
import type { Command } from 'commander';
import { setReceipts } from '../../../mailboxes/mailbox.ts';
import type { ReceiptChoice } from '../../../mailboxes/schema.ts';
import { RefusedError } from '../../core/errors.ts';
import { UsageError } from '../failures.ts';
import { mailboxHelp, nameMailbox } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

const choices = {
  always: 'Un accusé part à la première lecture, sans rien demander.',
  ask: 'Le logiciel de messagerie demande à chaque fois.',
  never: 'Aucun accusé ne part.',
} as const satisfies Record<ReceiptChoice, string>;

/** Professionals choose; a citizen's receipts cannot be set. */
export function setReceiptsCommand(): Command {
  return operatorCommand(
    'set',
    'Choisit si une boîte professionnelle répond aux demandes d’accusé de lecture ; celles des citoyens répondent toujours',
  )
    .argument('<boîte>', mailboxHelp)
    .argument('<choix>', 'always : toujours ; ask : le logiciel demande ; never : jamais')
    .action(
      withDatabase<[string, string]>(async (world, [typedMailbox, typedChoice]) => {
        if (!(typedChoice in choices)) throw new UsageError('Le choix est always, ask ou never.');
        const choice = typedChoice as ReceiptChoice;
        const { address } = await nameMailbox(world, typedMailbox);
        if (!(await setReceipts(world.db, address, choice))) {
          throw new RefusedError('mailbox-unknown', 'Cette adresse n’a pas encore de boîte');
        }
        return { json: { mailbox: address, receipts: choice }, text: choices[choice] };
      }),
    );
}
