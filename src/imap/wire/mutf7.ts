// Modified UTF-7, the form of mailbox names on the wire. Strict: one name has exactly one accepted spelling,
// so two spellings can never name two folders that look alike. RFC 3501 §5.1.3.

/** Unicode to modified UTF-7. A lone surrogate, which no spelling can carry, becomes U+FFFD. */
export function encodeMutf7(text: string): string {
  return toWellFormed(text).replace(/&|[^\x20-\x7e]+/g, (run) => (run === '&' ? '&-' : `&${encodeRun(run)}-`));
}

/** Modified UTF-7 to Unicode; undefined for 8-bit bytes, controls, bad base64, stray bits, or any spelling but the canonical one. */
export function decodeMutf7(text: string): string | undefined {
  const decoded = text.replace(/&([A-Za-z0-9+,]*)-/g, (_, run: string) => (run === '' ? '&' : decodeRun(run)));
  return encodeMutf7(decoded) === text ? decoded : undefined;
}

function encodeRun(run: string): string {
  const utf16 = Buffer.from(run, 'utf16le').swap16();
  return utf16.toString('base64').replace(/=+$/, '').replaceAll('/', ',');
}

function decodeRun(run: string): string {
  const utf16 = Buffer.from(run.replaceAll(',', '/'), 'base64');
  const evenLength = utf16.length - (utf16.length % 2);
  return Buffer.from(utf16.subarray(0, evenLength)).swap16().toString('utf16le');
}

function toWellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
