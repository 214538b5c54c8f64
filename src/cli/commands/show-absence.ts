// `passerelle absence show`: the absence a professional has announced.
import type { Command } from 'commander';
import { readAbsence } from '../../../policies/absences.ts';
import { absenceText } from '../absence-text.ts';
import { mailboxHelp, nameMailbox } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** Planned, under way or past. None is an answer too. */
export function showAbsenceCommand(): Command {
  return operatorCommand('show', 'Affiche l’absence annoncée par une boîte')
    .argument('<boîte>', mailboxHelp)
    .action(
      withDatabase<[string]>(async (world, [typedMailbox]) => {
        const { address } = await nameMailbox(world, typedMailbox);
        const absence = await readAbsence(world.db, address);
        return { json: absence ?? null, text: absence ? absenceText(absence) : 'Aucune absence annoncée.' };
      }),
    );
}
