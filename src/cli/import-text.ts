// Imports in words: what a file would change or has changed, and what was refused in it.
import type { Fate } from '../../directory/extraction/compare-boxes.ts';
import { reasonWords as lineReasons } from '../../directory/extraction/line-reasons.ts';
import type { ImportPlan } from '../../directory/extraction/plan-import.ts';
import { refusalWords, troubleWords } from '../../directory/feed/refusal-words.ts';
import type { FeedCounts } from '../../directory/feed/run-feed.ts';
import type { ImportRecord } from '../../directory/imports/import-record.ts';
import { listRejects, type Reject } from '../../directory/imports/rejects.ts';
import type { ImportState } from '../../directory/imports/schema.ts';
import { RefusedError } from '../core/errors.ts';
import type { Db } from '../database/tables.ts';
import { countText, tableText } from './answer.ts';
import type { CommandWorld } from './with-database.ts';

/** What `--help` says of a file. */
export const sourceHelp = 'fichier texte, ou archive ZIP qui en contient un seul';
/** What `--help` says of a dry run. */
export const dryRunHelp = 'dit ce qui changerait, sans rien changer';

/** What stands above the plan of a dry run. */
export const plannedHead = 'Essai : rien n’est changé. Appliquer ce fichier ferait ceci :';
/** What a person is told of an import that was interrupted. */
export const goesOnText = 'Le même fichier, donné à nouveau, reprend où il en était.';

/** Rejects told to a person after an import; `directory imports` tells the others. */
export const rejectsTold = 20;

/** The states of an import. */
export const importStates = {
  reading: 'lecture non terminée',
  read: 'lu, pas appliqué',
  applied: 'appliqué',
  abandoned: 'abandonné',
} as const satisfies Record<ImportState, string>;

/** How far a file is, drawn as it is read. */
export function showReading({ progress }: CommandWorld): (linesDone: number, bytesDone: number, bytesTotal: number) => void {
  return (done, bytesDone, bytesTotal) => {
    if (bytesDone < bytesTotal) progress.show({ what: 'Lecture', done, unit: 'lignes', fraction: bytesDone / bytesTotal });
    else progress.show({ what: 'Comparaison', done, unit: 'lignes' });
  };
}

/** What a command says of a file that cannot be taken at all. */
export function unreadableFile(trouble: keyof typeof troubleWords, columns: readonly string[]): RefusedError {
  const sentence = troubleWords[trouble].replace(/\.$/, '');
  return new RefusedError(`import-${trouble}`, columns.length === 0 ? sentence : `${sentence} : ${columns.join(', ')}`);
}

/** What a command says while another one imports. */
export function importBusy(): RefusedError {
  return new RefusedError('import-busy', 'Un autre import est en cours : attendez qu’il finisse');
}

const fates: Readonly<Record<Fate, string>> = {
  added: 'ajoutées',
  changed: 'modifiées',
  returned: 'de retour',
  unchanged: 'inchangées',
  withdrawn: 'retirées : plus dans le fichier',
  conflict: 'refusées : leur type a changé',
  kept: 'laissées telles quelles : leurs lignes sont refusées',
  'ours-same': 'd’ici, d’accord avec le fichier',
  'ours-differs': 'd’ici, autrement dans le fichier',
  'ours-unknown': 'd’un domaine d’ici, inconnues ici',
  'ours-not-listed': 'd’ici, pas dans le fichier',
};

/** The plan of an extraction: how many addresses meet each fate, with a few examples. */
export function planText(plan: ImportPlan): string {
  const rows = (Object.entries(plan.addresses) as [Fate, number][])
    .filter(([, count]) => count > 0)
    .map(([fate, count]) => {
      const samples = fate === 'unchanged' || fate === 'ours-same' ? [] : plan.samples[fate];
      const more = samples.length > 3 || samples.length < count ? ', …' : '';
      return [String(count), fates[fate], samples.length === 0 ? '' : `${samples.slice(0, 3).join(', ')}${more}`];
    });
  const { professionals, structures } = plan;
  return [
    tableText(['Adresses', 'Sort', 'Par exemple'], rows),
    `Professionnels : ${professionals.added} ajoutés, ${professionals.changed} modifiés. Structures : ${structures.added} ajoutées, ${structures.changed} modifiées.`,
  ].join('\n');
}

/** The counts of a citizens' feed. */
export function feedText({ read, created, changed, unchanged, stateChanged, refused }: FeedCounts): string {
  return [
    countText(read, 'ligne lue', 'lignes lues', 'Aucune ligne lue'),
    countText(created, 'citoyen inscrit', 'citoyens inscrits', 'aucun citoyen inscrit'),
    countText(changed, 'modifié', 'modifiés', 'aucun modifié'),
    countText(stateChanged, 'boîte ouverte ou fermée', 'boîtes ouvertes ou fermées', 'aucune boîte ouverte ou fermée'),
    countText(unchanged, 'inchangé', 'inchangés', 'aucun inchangé'),
    `${countText(refused, 'ligne refusée', 'lignes refusées', 'aucune ligne refusée')}.`,
  ].join(', ');
}

/** Columns of the file that nobody here knows; nothing when all are known. */
export function ignoredText(columns: readonly string[]): string[] {
  return columns.length === 0 ? [] : [`Colonnes inconnues, laissées de côté : ${columns.join(', ')}.`];
}

/** The first lines that were refused or taken with a remark; nothing when there are none. `count` is how many there are in all. */
export function rejectsText(rejects: readonly Reject[], count: number): string[] {
  if (rejects.length === 0) return [];
  const rows = rejects.map(({ line, column, sentence, isTaken }) => [String(line), column ?? '', isTaken ? 'prise' : 'refusée', sentence]);
  const more = count > rejects.length ? [`… ${rejects.length} sur ${count}.`] : [];
  return [tableText(['Ligne', 'Colonne', '', 'Motif'], rows), ...more];
}

/** The first rejects that an import left in the database, and their words. */
export async function tellRejects(db: Db, { importId, refused, noted }: ImportRecord): Promise<{ rejects: Reject[]; told: string[] }> {
  const rejects = await listRejects(db, importId, rejectsTold);
  return { rejects, told: rejectsText(rejects, refused + noted) };
}

/** One line about an import: what, how far, with what result. */
export function recordText({ importId, source, state, linesDone, linesTaken, refused, noted }: ImportRecord): string {
  const told = [
    `${countText(linesTaken, 'ligne prise', 'lignes prises', 'aucune ligne prise')} sur ${linesDone}`,
    countText(refused, 'refusée', 'refusées', 'aucune refusée'),
    countText(noted, 'avec une remarque', 'avec une remarque', 'aucune avec une remarque'),
  ].join(', ');
  return `Import ${importId} de ${source} : ${importStates[state]} ; ${told}.`;
}

const words: Readonly<Record<string, string>> = { ...lineReasons, ...refusalWords };

/** How often each reason was given; nothing when none was. */
export function reasonsText({ reasons }: ImportRecord): string[] {
  const rows = Object.entries(reasons).map(([reason, count]) => [String(count), words[reason] ?? reason]);
  return rows.length === 0 ? [] : [tableText(['Fois', 'Motif'], rows)];
}
