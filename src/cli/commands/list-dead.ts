// `passerelle dead list`: the work that was given up and waits for somebody to look at it.
import type { Command } from 'commander';
import { listDead } from '../../delivery/dead-letters.ts';
import { countText, dateText, tableText } from '../answer.ts';
import { workHelp, workText } from '../dead-work.ts';
import { UsageError } from '../failures.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

const longestList = 10_000;

/** What, when and why, by codes; about whom is for `dead show`. */
export function listDeadCommand(): Command {
  return operatorCommand('list', 'Liste le travail abandonné, du plus ancien au plus récent')
    .option('--kind <sorte>', workHelp.kind)
    .option('--limit <nombre>', 'combien au plus', '200')
    .action(
      withDatabase<[], { kind?: string; limit: string }>(async ({ db }, _words, { kind, limit: typed }) => {
        const limit = /^\d{1,5}$/.test(typed) ? Number(typed) : 0;
        if (limit < 1 || limit > longestList) throw new UsageError(`--limit attend un nombre de 1 à ${longestList}.`);
        const { rows, count } = await listDead(db, { kind, limit });
        const cells = rows.map((row) => [
          row.id,
          workText(row.kind),
          dateText(row.createdAt),
          dateText(row.finishedAt),
          String(row.attempts),
          row.because ?? '',
        ]);
        const counted = `${countText(count, 'travail abandonné', 'travaux abandonnés', 'Aucun travail abandonné')}.`;
        const table = tableText(['Identifiant', 'Travail', 'Dû depuis', 'Abandonné', 'Essais', 'Motif'], cells);
        const shown = count > rows.length ? ['', `${rows.length} sur ${count} ; --limit en montre davantage.`] : [];
        return { json: { count, rows }, text: [counted, ...(rows.length > 0 ? ['', table, ...shown] : [])].join('\n') };
      }),
    );
}
