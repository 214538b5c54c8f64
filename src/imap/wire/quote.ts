// Strings as answers carry them: quoted when they can be, else a literal. RFC 3501 §4.3.

const maxQuotedLength = 1024;
const quotable = /^[\x20-\x7e]*$/;

/** A quoted string, or a literal (its octets counted in UTF-8) for what quotes cannot carry. NUL, which neither can, is left out. */
export function quote(text: string): string {
  if (text.length <= maxQuotedLength && quotable.test(text)) return `"${text.replace(/["\\]/g, '\\$&')}"`;
  const carried = text.replaceAll('\0', '');
  return `{${Buffer.byteLength(carried)}}\r\n${carried}`;
}

/** As quote(), with NIL for nothing. */
export function nstring(text: string | null): string {
  return text === null ? 'NIL' : quote(text);
}
