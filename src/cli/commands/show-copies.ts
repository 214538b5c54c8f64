// `passerelle dmp show`: what became of each document of a letter on its way into the national record, and what was tried. Requirement 54.
import type { Command } from 'commander';
import { RefusedError } from '../../core/errors.ts';
import { courseOfCopies } from '../../dmp/record-documents.ts';
import { copyHistoryText } from '../copy-text.ts';
import { letterHelp, nameLetter } from '../name-letter.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** By the letter's names, as `trace`. */
export function showCopiesCommand(): Command {
  return operatorCommand('show', 'Dit ce qu’il est advenu de la copie de chaque document d’un courrier, essai par essai')
    .argument('<courrier>', letterHelp)
    .action(
      withDatabase<[string]>(async ({ db }, [typed]) => {
        const lines = await nameLetter(db, typed);
        const copies = await courseOfCopies(db, [...new Set(lines.map(({ letterId }) => letterId))]);
        if (copies.length === 0) throw new RefusedError('no-copies', 'Aucun document de ce courrier n’était à copier');
        return { json: copies, text: copies.map(copyHistoryText).join('\n\n') };
      }),
    );
}
