// `passerelle address history`: who changed what of a professional mailbox, and when. Requirement 59.
import type { Command } from 'commander';
import { readHistory } from '../../../directory/history.ts';
import { historyText, limitHelp, parseLimit } from '../history-text.ts';
import { mailboxHelp } from '../name-parties.ts';
import { nameRegistered } from '../name-registered.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** The latest first; its registration itself is in `address show`. */
export function showAddressHistoryCommand(): Command {
  return operatorCommand('history', 'Retrace les changements d’une boîte professionnelle : quoi, quand, par qui')
    .argument('<boîte>', mailboxHelp)
    .option('--limit <nombre>', limitHelp, '100')
    .action(
      withDatabase<[string], { limit: string }>(async ({ db }, [typed], options) => {
        const limit = parseLimit(options.limit);
        const { address } = await nameRegistered(db, typed);
        const lines = await readHistory(db, { kind: 'address', id: address }, limit);
        return { json: lines, text: historyText(lines) };
      }),
    );
}
