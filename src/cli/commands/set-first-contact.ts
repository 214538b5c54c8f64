// `passerelle first-contact set`: a mailbox agrees to be written to first, or no longer. Requirement 32.
import type { Command } from 'commander';
import { readFirstContact, setFirstContact } from '../../../policies/first-contacts.ts';
import { UsageError } from '../failures.ts';
import { firstContactText, parseAudience } from '../first-contact-text.ts';
import { mailboxHelp, nameMailbox } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

const largestLimit = 1000;

/** Writes the choice; the list stays as it is. */
export function setFirstContactCommand(): Command {
  return operatorCommand('set', 'Choisit quels citoyens peuvent écrire les premiers à une boîte')
    .argument('<boîte>', mailboxHelp)
    .argument('<qui>', 'everyone : tous les citoyens ; listed : ceux de sa liste ; nobody : personne')
    .option('--daily-limit <nombre>', `courriers par jour et par citoyen, de 1 à ${largestLimit} ; inchangé sans cette option`)
    .action(
      withDatabase<[string, string], { dailyLimit?: string }>(async (world, [typedMailbox, typedAudience], options) => {
        const audience = parseAudience(typedAudience);
        const dailyLimit = options.dailyLimit === undefined ? undefined : parseLimit(options.dailyLimit);
        const { address } = await nameMailbox(world, typedMailbox);
        await setFirstContact(world.db, address, { audience, ...(dailyLimit !== undefined && { dailyLimit }) });
        const chosen = await readFirstContact(world.db, address);
        return { json: { mailbox: address, ...chosen }, text: firstContactText(chosen) };
      }),
    );
}

function parseLimit(typed: string): number {
  const limit = /^\d{1,6}$/.test(typed) ? Number(typed) : 0;
  if (limit < 1 || limit > largestLimit) throw new UsageError(`--daily-limit attend un nombre de 1 à ${largestLimit}.`);
  return limit;
}
