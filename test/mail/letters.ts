// Letters for the tests of src/mail: composed from lines, indexed whole or in pieces, and a small reader of IMAP's parenthesised form.
import { type MimeIndex, MimeIndexer, type MimePart } from '../../src/mail/mime-index.ts';

/** Lines with CRLF between them, as bytes of latin1. */
export function letter(...lines: string[]): Buffer {
  return Buffer.from(lines.join('\r\n'), 'latin1');
}

/** The index of a letter written in one piece, or in pieces of the given sizes (repeated). */
export function indexOf(bytes: Buffer, ...sizes: number[]): MimeIndex {
  const indexer = new MimeIndexer();
  feed(indexer, bytes, ...sizes);
  return indexer.end();
}

/** Writes the bytes in one piece, or in pieces of the given sizes (repeated). */
export function feed(indexer: MimeIndexer, bytes: Buffer, ...sizes: number[]): void {
  let turn = 0;
  for (let at = 0; at < bytes.length; ) {
    const size = sizes.length === 0 ? bytes.length : Math.max(1, sizes[turn++ % sizes.length] ?? 1);
    indexer.write(bytes.subarray(at, at + size));
    at += size;
  }
}

/** The decoded size of a letter's attachments. */
export function attachmentBytesOf(bytes: Buffer): number {
  const indexer = new MimeIndexer();
  indexer.write(bytes);
  return indexer.attachmentBytes;
}

/** Every part with its parent, root first. */
export function allParts(part: MimePart, parent?: MimePart): { part: MimePart; parent: MimePart | undefined }[] {
  const inside = [...(part.children ?? []), ...(part.message ? [part.message] : [])];
  return [{ part, parent }, ...inside.flatMap((child) => allParts(child, part))];
}

/** What a parenthesised form holds: text, number, null for NIL, or a list. */
export type Form = string | number | null | Form[];

/** Reads one IMAP form strictly (RFC 3501 §4); throws when anything is wrong or left over. */
export function readForm(bytes: Buffer): Form {
  const text = bytes.toString('latin1');
  let at = 0;
  const fail = (): never => {
    throw new SyntaxError(`Unreadable form at ${at}: ${text.slice(at, at + 40)}`);
  };
  const read = (): Form => {
    if (text[at] === '(') {
      const list: Form[] = [];
      at += 1;
      while (text[at] !== ')') {
        if (at >= text.length) fail();
        list.push(read());
        if (text[at] === ' ') at += 1;
      }
      at += 1;
      return list;
    }
    if (text[at] === '"') {
      let content = '';
      for (at += 1; text[at] !== '"'; at += 1) {
        if (at >= text.length || text[at] === '\r' || text[at] === '\n' || text.charCodeAt(at) > 127) fail();
        if (text[at] === '\\') at += 1;
        content += text[at];
      }
      at += 1;
      return content;
    }
    const token = /^(NIL|\d+|\{(\d+)\}\r\n)/.exec(text.slice(at, at + 20)) ?? fail();
    at += token[0].length;
    if (token[0] === 'NIL') return null;
    if (token[2] === undefined) return Number(token[0]);
    const content = text.slice(at, at + Number(token[2]));
    at += content.length;
    return content.includes('\0') ? fail() : content;
  };
  const form = read();
  return at === text.length ? form : fail();
}
