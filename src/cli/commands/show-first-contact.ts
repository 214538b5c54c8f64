// `passerelle first-contact show`: which citizens may write first to a mailbox. Requirement 32.
import type { Command } from 'commander';
import { nameCitizens } from '../../../directory/name-citizens.ts';
import { readFirstContact } from '../../../policies/first-contacts.ts';
import { countText, tableText } from '../answer.ts';
import { firstContactText } from '../first-contact-text.ts';
import { mailboxHelp, nameMailbox } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** The choice and the list. Citizens appear by their name, never by their matricule. */
export function showFirstContactCommand(): Command {
  return operatorCommand('show', 'Dit quels citoyens peuvent écrire les premiers à une boîte, et qui est sur sa liste')
    .argument('<boîte>', mailboxHelp)
    .action(
      withDatabase<[string]>(async (world, [typedMailbox]) => {
        const { address } = await nameMailbox(world, typedMailbox);
        const { guests, ...choice } = await readFirstContact(world.db, address);
        const names = await nameCitizens(world.db, guests);
        const list = guests.map((citizenId) => ({ citizenId, name: names.get(citizenId) ?? null }));
        return {
          json: { mailbox: address, ...choice, guests: list },
          text: [
            firstContactText({ ...choice, guests }),
            `Sur sa liste : ${countText(list.length, 'citoyen', 'citoyens', 'personne')}.`,
            ...(list.length > 0
              ? [
                  '',
                  tableText(
                    ['Citoyen', 'N°'],
                    list.map(({ citizenId, name }) => [name ?? '', String(citizenId)]),
                  ),
                ]
              : []),
          ].join('\n'),
        };
      }),
    );
}
