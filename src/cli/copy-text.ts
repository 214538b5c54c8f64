// Copies in the national record as commands show them.
import { copyWords } from '../dmp/copy-words.ts';
import type { Copy } from '../dmp/record-documents.ts';
import { dateText } from './answer.ts';

/** One line a document, in the order of the letter; empty for a letter without copies. */
export function copiesText(copies: readonly Copy[]): string {
  return copies.map((copy) => `Document ${copy.place} : ${copyWords(copy)}`).join('\n');
}

/** The same with the document's id and what was tried, for whoever looks for the cause. */
export function copyHistoryText(copy: Copy): string {
  return [
    `Document ${copy.place} (${copy.uniqueId})`,
    copyWords(copy),
    ...copy.answers.map(({ at, code }) => `  ${dateText(new Date(at))}  ${code}`),
  ].join('\n');
}
