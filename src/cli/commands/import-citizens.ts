// `passerelle directory import-citizens`: a feed of citizens comes into the registry. Requirements 21, 35 and 38.
import type { Command } from 'commander';
import { runFeed } from '../../../directory/feed/run-feed.ts';
import { moveAccounts } from '../../accounts/move-accounts.ts';
import { authorOf } from '../author.ts';
import { byHelp } from '../decision.ts';
import { feedForms, parseForm } from '../feed-form.ts';
import {
  dryRunHelp,
  feedText,
  goesOnText,
  ignoredText,
  importBusy,
  plannedHead,
  recordText,
  rejectsText,
  rejectsTold,
  showReading,
  sourceHelp,
  tellRejects,
  unreadableFile,
} from '../import-text.ts';
import { operatorCommand } from '../operator-command.ts';
import { progressHelp } from '../progress.ts';
import { type CommandWorld, withDatabase } from '../with-database.ts';

type Options = { readonly form?: string; readonly dryRun?: true; readonly by?: string };

/** A batch a transaction: what was taken before an interruption stays taken, and the same file given again goes on behind it. */
export function importCitizensCommand(): Command {
  const command = operatorCommand(
    'import-citizens',
    'Inscrit et met à jour des citoyens depuis un fichier CSV ou LDIF. Interrompu, l’import reprend où il en était',
  )
    .argument('<fichier>', sourceHelp)
    .option('--dry-run', dryRunHelp)
    .option('--by <nom>', byHelp)
    .option('--progress', progressHelp);
  const form = command.createOption('--form <forme>', 'csv ou ldif ; ce que dit le nom du fichier sans cette option');
  form.argChoices = [...feedForms];
  return command
    .addOption(form)
    .action(withDatabase<[string], Options>((world, [source], options) => importCitizens(world, source, options)));
}

async function importCitizens(world: CommandWorld, source: string, options: Options) {
  const { db, config, signal } = world;
  const outcome = await runFeed({
    db,
    source,
    by: authorOf(options),
    moveAlong: async (trx, moves) => void (await moveAccounts(trx, config.hostedDomains.citizens, moves)),
    ...(options.form !== undefined && { form: parseForm(options.form) }),
    isDryRun: options.dryRun ?? false,
    onProgress: showReading(world),
    signal,
  });
  switch (outcome.result) {
    case 'busy':
      throw importBusy();
    case 'unreadable':
      throw unreadableFile(outcome.trouble, outcome.columns);
    case 'planned': {
      const { counts, rejects, ignoredColumns } = outcome;
      const told = rejectsText(rejects.slice(0, rejectsTold), counts.refused);
      return { json: outcome, text: [plannedHead, feedText(counts), ...ignoredText(ignoredColumns), ...told].join('\n') };
    }
    default: {
      const { record, counts, result } = outcome;
      const { rejects, told } = await tellRejects(db, record);
      const goesOn = result === 'interrupted' ? [goesOnText] : [];
      const ignored = 'ignoredColumns' in outcome ? ignoredText(outcome.ignoredColumns) : [];
      return {
        json: { ...outcome, rejects },
        text: [recordText(record), feedText(counts), ...ignored, ...goesOn, ...told].join('\n'),
        isRefused: result === 'interrupted',
      };
    }
  }
}
