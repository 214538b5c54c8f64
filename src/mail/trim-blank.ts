// Trimming for strings of one character per byte, where String.trim() is wrong: it would eat 0xA0, the second byte of a UTF-8 "à".

/** The text without spaces, tabs, CR and LF at either end. */
export function trimBlank(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** True for the code of a space, tab, CR or LF. */
export function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 13 || code === 10;
}
