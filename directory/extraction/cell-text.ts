// What a cell of the extraction may hold.

/** Characters of one cell at most; none that is published comes near. */
export const longestCell = 255;

/** Commands, and characters that show a text otherwise than it is: none of them belongs in a cell. */
export const hiddenCharacters = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\ufeff]/u;

/** A text as a cell may hold it: what parts cells and lines, and what is hidden, becomes a space. */
export function cellOf(text: string | null): string {
  return text === null ? '' : text.replace(/[|\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\ufeff]+/gu, ' ').trim();
}
