// `passerelle directory import-extraction`: the national extraction of professional mailboxes comes into the address book. Requirement 24.
import type { Command } from 'commander';
import { runImport } from '../../../directory/extraction/run-import.ts';
import { authorOf } from '../author.ts';
import { byHelp } from '../decision.ts';
import {
  dryRunHelp,
  goesOnText,
  ignoredText,
  importBusy,
  plannedHead,
  planText,
  recordText,
  showReading,
  sourceHelp,
  tellRejects,
  unreadableFile,
} from '../import-text.ts';
import { operatorCommand } from '../operator-command.ts';
import { progressHelp } from '../progress.ts';
import { type CommandWorld, withDatabase } from '../with-database.ts';

type Options = { readonly dryRun?: true; readonly force?: true; readonly by?: string };

const heads = {
  planned: plannedHead,
  applied: 'Le fichier est appliqué :',
  'too-many-withdrawn':
    'Rien n’est changé : ce fichier retirerait plus d’une adresse sur cinq. S’il est bon, --force l’applique. Il ferait ceci :',
} as const;

/** Interrupted at any instant, the same file given again goes on where it was. */
export function importExtractionCommand(): Command {
  return operatorCommand(
    'import-extraction',
    'Met l’annuaire à jour de l’extraction nationale ; les boîtes d’ici sont comparées, jamais changées. Interrompu, l’import reprend où il en était',
  )
    .argument('<fichier>', sourceHelp)
    .option('--dry-run', dryRunHelp)
    .option('--force', 'accepte que plus d’une adresse sur cinq soit retirée')
    .option('--by <nom>', byHelp)
    .option('--progress', progressHelp)
    .action(withDatabase<[string], Options>((world, [source], options) => importExtraction(world, source, options)));
}

async function importExtraction(world: CommandWorld, source: string, options: Options) {
  const { db, config, signal } = world;
  const outcome = await runImport({
    db,
    source,
    hosted: [config.hostedDomains.citizens, ...config.hostedDomains.professionals],
    by: authorOf(options),
    isDryRun: options.dryRun ?? false,
    isForced: options.force ?? false,
    onProgress: showReading(world),
    signal,
  });
  switch (outcome.result) {
    case 'busy':
      throw importBusy();
    case 'unreadable':
      throw unreadableFile(outcome.trouble, outcome.columns);
    case 'already-applied':
      return { json: outcome, text: recordText(outcome.record) };
    case 'interrupted':
      return { json: outcome, text: `${recordText(outcome.record)}\n${goesOnText}`, isRefused: true };
    default: {
      const { record, plan, ignoredColumns, result } = outcome;
      const { rejects, told } = await tellRejects(db, record);
      const text = [heads[result], planText(plan), recordText(record), ...ignoredText(ignoredColumns), ...told].join('\n');
      return { json: { ...outcome, rejects }, text, isRefused: result === 'too-many-withdrawn' };
    }
  }
}
