// `passerelle address show`: a professional mailbox as the registry has it, red-listed or shut ones too. Requirements 18 to 21.
import type { Command } from 'commander';
import { boxText } from '../box-text.ts';
import { mailboxHelp } from '../name-parties.ts';
import { nameRegistered } from '../name-registered.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** Those of other operators that are listed here as well. */
export function showAddressCommand(): Command {
  return operatorCommand('show', 'Dit tout d’une boîte professionnelle : son titulaire, son état, ce que l’annuaire en montre')
    .argument('<boîte>', mailboxHelp)
    .action(
      withDatabase<[string]>(async ({ db }, [typed]) => {
        const box = await nameRegistered(db, typed);
        return { json: box, text: boxText(box) };
      }),
    );
}
