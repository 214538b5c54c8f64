// Seven-bit data: what any mail system carries unchanged (RFC 2045 §2.7), and quoted-printable for everything else (RFC 2045 §6.7).
// Automatic letters are always seven-bit, so that no next hop has to refuse or to rewrite one.

const maxLine = 998;
const maxEncodedLine = 76;

/** Bytes as a body carries them, with the Content-Transfer-Encoding that says how. */
export type CarriedBody = { readonly encoding: '7bit' | 'quoted-printable'; readonly bytes: Buffer };

/** True when every character is printable ASCII or a space. */
export function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/** True for lines of at most 998 bytes ended by CR LF, without NUL and without a byte above 127. */
export function isSevenBit(bytes: Buffer): boolean {
  const text = bytes.toString('latin1');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what seven-bit data may not hold
  if (/[\x00\x80-\xff]|\r(?!\n)|(?<!\r)\n/.test(text)) return false;
  return text.split('\r\n').every((line) => line.length <= maxLine);
}

/** Bytes of text, as they are when any mail system can carry them, else in quoted-printable. Lines ended by LF alone get their CR. */
export function carriedText(bytes: Buffer): CarriedBody {
  const text = bytes.toString('latin1').replace(/\r?\n/g, '\r\n');
  const lines = Buffer.from(text, 'latin1');
  return isSevenBit(lines) ? { encoding: '7bit', bytes: lines } : { encoding: 'quoted-printable', bytes: quotedPrintable(text) };
}

/** One character per byte in; lines of at most 76 characters out, hard line breaks kept. */
function quotedPrintable(text: string): Buffer {
  return Buffer.from(text.split('\r\n').map(encodeLine).join('\r\n'), 'latin1');
}

function encodeLine(line: string): string {
  const lines: string[] = [];
  let current = '';
  for (let at = 0; at < line.length; at += 1) {
    const piece = encodeByte(line.charCodeAt(at), at === line.length - 1);
    if (current.length + piece.length >= maxEncodedLine) {
      lines.push(`${current}=`);
      current = '';
    }
    current += piece;
  }
  return [...lines, current].join('\r\n');
}

/** RFC 2045 §6.7 (3): a space or a tab may stand anywhere but at the end of a line. */
function encodeByte(code: number, isLast: boolean): string {
  const isSpace = code === 32 || code === 9;
  const isPlain = (code > 32 && code < 127 && code !== 61) || (isSpace && !isLast);
  return isPlain ? String.fromCharCode(code) : `=${code.toString(16).toUpperCase().padStart(2, '0')}`;
}
