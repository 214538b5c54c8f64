// Strings as IMAP writes them in structures: NIL, quoted, or a literal. RFC 3501 §4.3 and §9.
// Input holds one character per byte; so does the output, which becomes bytes as latin1.

/** NIL for nothing; a quoted string for ASCII; a literal as soon as a byte is above 127. NUL, which IMAP cannot carry, is dropped. */
export function imapString(text: string | undefined): string {
  if (text === undefined) return 'NIL';
  const clean = text.includes('\0') ? text.replace(/\0/g, '') : text;
  if (/[\r\n\x80-\xff]/.test(clean)) return `{${clean.length}}\r\n${clean}`;
  return `"${/["\\]/.test(clean) ? clean.replace(/["\\]/g, '\\$&') : clean}"`;
}
