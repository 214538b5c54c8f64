// `passerelle dmp list`: the documents whose copy into the national record waits, or was refused. Requirement 54.
import type { Command } from 'commander';
import { listCopies } from '../../dmp/record-documents.ts';
import type { CopyState } from '../../dmp/schema.ts';
import { countText, dateText, tableText } from '../answer.ts';
import { UsageError } from '../failures.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

const states = {
  waiting: 'en attente',
  fed: 'déposé',
  refused: 'refusé',
  'not-fed': 'sans copie',
} as const satisfies Record<CopyState, string>;

const mostCopies = 200;

/** The latest first. No name of a patient and nothing of a document but its id. */
export function listCopiesCommand(): Command {
  return operatorCommand('list', `Liste les documents dont la copie attend ou a été refusée, les ${mostCopies} plus récents`)
    .option('--state <état>', 'seulement ceux-ci : waiting en attente, fed déposés, refused refusés, not-fed sans copie')
    .action(
      withDatabase<[], { state?: string }>(async ({ db }, _words, { state }) => {
        if (state !== undefined && !Object.hasOwn(states, state)) throw new UsageError('--state attend waiting, fed, refused ou not-fed.');
        const copies = await listCopies(db, state === undefined ? ['waiting', 'refused'] : [state as CopyState], mostCopies);
        const rows = copies.map((copy) => [
          copy.uniqueId,
          copy.letterId,
          dateText(copy.knownAt),
          states[copy.state],
          copy.code ?? copy.answers.at(-1)?.code ?? '',
        ]);
        return {
          json: copies,
          text: [
            `${countText(copies.length, 'document', 'documents', 'Aucun document')}.`,
            ...(rows.length > 0 ? ['', tableText(['Document', 'Courrier', 'Connu', 'Copie', 'Code'], rows)] : []),
          ].join('\n'),
        };
      }),
    );
}
