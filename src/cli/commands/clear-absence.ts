// `passerelle absence clear`: a professional is back.
import type { Command } from 'commander';
import { clearAbsence } from '../../../policies/absences.ts';
import { RefusedError } from '../../core/errors.ts';
import { mailboxHelp, nameMailbox } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** From this moment nobody is told any more. */
export function clearAbsenceCommand(): Command {
  return operatorCommand('clear', 'Met fin à une absence')
    .argument('<boîte>', mailboxHelp)
    .action(
      withDatabase<[string]>(async (world, [typedMailbox]) => {
        const { address } = await nameMailbox(world, typedMailbox);
        if (!(await clearAbsence(world.db, address))) throw new RefusedError('no-absence', 'Aucune absence n’était annoncée');
        return { json: { mailbox: address, changed: true }, text: 'L’absence a pris fin.' };
      }),
    );
}
