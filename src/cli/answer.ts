// How a command answers: facts for a program, the same in French for a person.

/**
 * What a command has to say. `json` holds plain data and dates; `text` may have several lines. `isRefused`: it is told, and yet not all of
 * it was done.
 */
export type Answer = { readonly json: unknown; readonly text: string; readonly isRefused?: boolean };

/** Writes an answer to the standard output. */
export function printAnswer(answer: Answer, asJson: boolean): void {
  process.stdout.write(asJson ? `${JSON.stringify(answer.json, null, 2)}\n` : `${printable(answer.text)}\n`);
}

/** Rows under a heading, in aligned columns. */
export function tableText(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heading, ...rows].map((row) => row.map((cell) => printable(cell).replaceAll('\n', ' ')));
  const widths = heading.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ''))));
  return all
    .map((row) => row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell))).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

/** `22/11/2026 10:05`, the time in Paris. */
export function dateText(date: Date): string {
  return frenchDate.format(date).replace(', ', ' ');
}

/** `3 patients`, `1 patient`, `aucun patient`. */
export function countText(count: number, one: string, many: string, none: string): string {
  return count === 0 ? none : `${count} ${count === 1 ? one : many}`;
}

const frenchDate = new Intl.DateTimeFormat('fr-FR', { dateStyle: 'short', timeStyle: 'short', timeZone: 'Europe/Paris' });

// Message-IDs and names come from strangers: an escape sequence in one must not drive the operator's terminal.
function printable(text: string): string {
  return text.replace(/(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, '\u00b7');
}

function widthOf(text: string): number {
  return [...text.normalize('NFC')].length;
}
