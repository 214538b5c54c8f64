// `passerelle directory bulk`: many operations on professional mailboxes, from a CSV file. Requirements 18 to 21.
import { open } from 'node:fs/promises';
import type { Command } from 'commander';
import { RefusedError } from '../../core/errors.ts';
import { type Answer, countText } from '../answer.ts';
import { type Applied, applyOperations, type LineOutcome } from '../bulk/apply-operations.ts';
import { actions, columns, type RefusedLine } from '../bulk/operation.ts';
import { readOperations } from '../bulk/read-operations.ts';
import { byHelp } from '../decision.ts';
import { changeText } from '../history-text.ts';
import { operatorCommand } from '../operator-command.ts';
import { progressHelp } from '../progress.ts';
import { withDatabase } from '../with-database.ts';

type Options = { readonly dryRun?: true; readonly keepGoing?: true; readonly by?: string };

const mostBytes = 32 * 1024 * 1024;
/** Lines told to a person; a program is told all of them. */
const mostTold = 200;

/** One transaction, whatever the number of lines. Giving the same file again changes nothing. */
export function bulkAddressesCommand(): Command {
  return operatorCommand(
    'bulk',
    'Applique un fichier d’opérations sur des boîtes professionnelles : tout, ou rien si une ligne est refusée',
  )
    .argument(
      '<fichier.csv>',
      `colonnes ${columns.join(', ')} ; actions ${Object.values(actions).join(', ')} ; une case vide ne change rien, un tiret efface un texte`,
    )
    .option('--dry-run', 'dit ce qui changerait, ligne par ligne, sans rien changer')
    .option('--keep-going', 'applique les autres lignes quand certaines sont refusées')
    .option('--by <nom>', byHelp)
    .option('--progress', progressHelp)
    .action(
      withDatabase<[string], Options>(async (world, [file], options) => {
        const { operations, refused } = readOperations(world, await readFileWhole(file));
        const { dryRun: isDryRun = false, keepGoing = false } = options;
        const applied = await applyOperations(world, operations, refused, { ...options, isDryRun, keepGoing });
        return answer(applied, refused, isDryRun);
      }),
    );
}

async function readFileWhole(path: string): Promise<Buffer> {
  const handle = await open(path, 'r').catch(() => {
    throw new RefusedError('file-unreadable', 'Ce fichier n’existe pas ou ne peut pas être lu');
  });
  try {
    const { size } = await handle.stat();
    if (size > mostBytes) throw new RefusedError('file-too-large', 'Ce fichier est trop grand : faites-en plusieurs');
    return await handle.readFile().catch(() => {
      throw new RefusedError('file-unreadable', 'Ce fichier ne peut pas être lu');
    });
  } finally {
    await handle.close();
  }
}

function answer({ isApplied, outcomes }: Applied, unread: readonly RefusedLine[], isDryRun: boolean): Answer {
  const lines = [...outcomes, ...unread.map((line) => ({ ...line, result: 'refused' as const }))].sort(
    (one, other) => one.line - other.line,
  );
  const count = (...results: readonly string[]) => lines.filter(({ result }) => results.includes(result)).length;
  const counts = { created: count('created'), changed: count('changed'), unchanged: count('unchanged'), refused: count('refused') };
  const told = lines.filter(({ result }) => result !== 'unchanged');
  const more = told.length > mostTold ? [`… et ${told.length - mostTold} autres lignes ; --json les dit toutes.`] : [];
  const head = headText(isApplied, isDryRun, counts.refused);
  const summary = [
    countText(counts.created, 'boîte inscrite', 'boîtes inscrites', 'aucune boîte inscrite'),
    countText(counts.changed, 'modifiée', 'modifiées', 'aucune modifiée'),
    countText(counts.unchanged, 'ligne sans effet', 'lignes sans effet', 'aucune ligne sans effet'),
    countText(counts.refused, 'refusée', 'refusées', 'aucune refusée'),
  ].join(', ');
  return {
    json: { isDryRun, isApplied, counts, lines },
    text: [head, `${summary}.`, ...told.slice(0, mostTold).map(lineText), ...more].join('\n'),
    isRefused: counts.refused > 0,
  };
}

function headText(isApplied: boolean, isDryRun: boolean, refused: number): string {
  if (isDryRun) return 'Essai : rien n’est changé. Le fichier ferait ceci :';
  if (isApplied) return refused === 0 ? 'Fait.' : 'Fait, sauf les lignes refusées.';
  return 'Rien n’est changé : des lignes sont refusées. Corrigez-les, ou --keep-going applique les autres. Le fichier aurait fait ceci :';
}

function lineText(line: LineOutcome | (RefusedLine & { readonly result: 'refused' })): string {
  const head = `ligne ${line.line}`;
  switch (line.result) {
    case 'refused':
      return [head, 'address' in line ? line.address : 'column' in line ? line.column : undefined, 'refusée', line.sentence]
        .filter((word) => word !== undefined)
        .join('  ');
    case 'created':
      return `${head}  ${line.address}  inscrite`;
    case 'changed':
      return `${head}  ${line.address}  ${Object.entries(line.changes)
        .map(([column, [before, after]]) => changeText(column, before, after))
        .join(' ; ')}`;
    case 'unchanged':
      return `${head}  ${line.address}  sans effet`;
  }
}
