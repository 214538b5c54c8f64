// What a directory admin is told of the history of the registry. A matricule that changed is told, never shown.
import type { HistoryLine } from '../../directory/history.ts';
import { dateText } from './answer.ts';
import { UsageError } from './failures.ts';
import { columnText, valueText } from './registry-text.ts';

/** What `--help` says of the option. */
export const limitHelp = 'combien au plus';
const longestHistory = 10_000;

/** Throws UsageError for what is no such number. */
export function parseLimit(typed: string): number {
  const limit = /^\d{1,5}$/.test(typed) ? Number(typed) : 0;
  if (limit < 1 || limit > longestHistory) throw new UsageError(`--limit attend un nombre de 1 à ${longestHistory}.`);
  return limit;
}

/** The same lines without a matricule in them. */
export function withoutMatricules(lines: readonly HistoryLine[]): HistoryLine[] {
  return lines.map((line) => ({
    ...line,
    change: Object.fromEntries(
      Object.entries(line.change).map(([column, [before, after]]) => [column, column === 'ins' ? [null, null] : [before, after]]),
    ),
  }));
}

/** A few lines for each change, the latest first. */
export function historyText(lines: readonly HistoryLine[]): string {
  if (lines.length === 0) return 'Aucun changement depuis l’inscription.';
  return lines
    .map(({ at, by, change }) => {
      const changes = Object.entries(change).map(([column, [before, after]]) => `  ${changeText(column, before, after)}`);
      return [`${dateText(at)}  ${by ?? 'auteur inconnu'}`, ...changes].join('\n');
    })
    .join('\n');
}

/** `état : ouverte → fermée` */
export function changeText(column: string, before: unknown, after: unknown): string {
  if (column === 'ins') return 'matricule remplacé';
  return `${columnText(column)} : ${valueText(column, before)} → ${valueText(column, after)}`;
}
