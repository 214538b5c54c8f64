// A header block as it stands: its fields in order, byte for byte, readable by name. RFC 5322 §2.2, tolerant of what really arrives
// (8-bit bytes, lines without a colon, a leading mbox "From " line, folding with empty lines of white space, bare LF).
// Fields are kept as strings of one character per byte ("binary"), so that nothing is lost; text is made of them on demand.
import { decodeBinaryString } from './charset.ts';
import { decodeWords } from './encoded-words.ts';
import { trimBlank } from './trim-blank.ts';

/** One field with its line breaks. `name` is lower case, and empty when the line is no field (no colon, forbidden characters). */
export type HeaderField = { readonly name: string; readonly start: number; readonly colon: number; readonly end: number };

/** The fields of one header block, in the order they were written. */
export class Headers {
  readonly fields: readonly HeaderField[];
  readonly #block: string;
  #byName: Map<string, HeaderField[]> | undefined;

  /** `block` holds one character per byte. Use parseHeaders(). */
  constructor(block: string, fields: readonly HeaderField[]) {
    this.#block = block;
    this.fields = fields;
  }

  /** First value of the field, unfolded, encoded words left as they are; 8-bit bytes read as UTF-8, else windows-1252. */
  get(name: string): string | undefined {
    const binary = this.binary(name);
    return binary === undefined ? undefined : decodeBinaryString(binary);
  }

  /** Every value of the field, in order, as get() gives the first. */
  getAll(name: string): string[] {
    return this.allBinary(name).map(decodeBinaryString);
  }

  /** First value as a person reads it: encoded words decoded, control characters made spaces. */
  decoded(name: string): string | undefined {
    const value = this.get(name);
    return value === undefined ? undefined : readable(value);
  }

  /** Every value as decoded() gives the first, joined by commas: what SEARCH looks into. */
  decodedAll(name: string): string {
    return this.getAll(name).map(readable).join(', ');
  }

  /** First value, unfolded, one character per byte. */
  binary(name: string): string | undefined {
    const field = this.#named(name)[0];
    return field && this.#value(field);
  }

  /** Every value, unfolded, one character per byte. */
  allBinary(name: string): string[] {
    return this.#named(name).map((field) => this.#value(field));
  }

  /** The field's own bytes, name and line breaks included. */
  raw(field: HeaderField): Buffer {
    return Buffer.from(this.#block.slice(field.start, field.end), 'latin1');
  }

  #named(name: string): readonly HeaderField[] {
    this.#byName ??= groupByName(this.fields);
    return this.#byName.get(name.toLowerCase()) ?? [];
  }

  #value(field: HeaderField): string {
    return unfold(this.#block.slice(field.colon + 1, field.end));
  }
}

/** Reads a header block, with or without its closing blank line; stops at the first blank line. Never throws. */
export function parseHeaders(block: Buffer): Headers {
  const text = block.toString('latin1');
  const fields: HeaderField[] = [];
  let start = 0;
  let colon = -1;
  while (start < text.length && !isBlankLine(text, start)) {
    let end = lineEnd(text, start);
    while (end < text.length && isFoldSpace(text, end)) end = lineEnd(text, end);
    // Looked for once: a thousand lines without a colon before the next one would otherwise each read up to it.
    if (colon < start) colon = nextColon(text, start);
    const name = colon >= end ? '' : fieldName(text.slice(start, colon));
    fields.push({ name, start, colon: name === '' ? start - 1 : colon, end });
    start = end;
  }
  return new Headers(text, fields);
}

/**
 * The fields an IMAP client asked for, as they stand in the block, closed by a blank line. `names` in any case; with `not`, all the others.
 * RFC 3501 §6.4.5 HEADER.FIELDS and HEADER.FIELDS.NOT.
 */
export function selectHeaderFields(block: Buffer, names: readonly string[], not: boolean): Buffer {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const headers = parseHeaders(block);
  const kept = headers.fields.filter((field) => wanted.has(field.name) !== not).map((field) => headers.raw(field));
  return Buffer.concat([...kept, Buffer.from('\r\n')]);
}

/** Removes the line breaks of folding (RFC 5322 §2.2.3) and outer space; a stray CR or LF becomes a space. */
function unfold(value: string): string {
  return trimBlank(value.replace(/\r?\n(?=[ \t])/g, '')).replace(/[\r\n]/g, ' ');
}

function readable(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  return decodeWords(value).replace(/[\x00-\x1f\x7f]/g, ' ');
}

function groupByName(fields: readonly HeaderField[]): Map<string, HeaderField[]> {
  const groups = new Map<string, HeaderField[]>();
  for (const field of fields) {
    const group = groups.get(field.name);
    if (field.name === '') continue;
    if (group) group.push(field);
    else groups.set(field.name, [field]);
  }
  return groups;
}

function fieldName(text: string): string {
  const name = text.trimEnd(); // RFC 5322 §4.5 allowed space before the colon
  return /^[\x21-\x39\x3b-\x7e]+$/.test(name) ? name.toLowerCase() : '';
}

function nextColon(text: string, from: number): number {
  const colon = text.indexOf(':', from);
  return colon < 0 ? text.length : colon;
}

function lineEnd(text: string, from: number): number {
  const lf = text.indexOf('\n', from);
  return lf < 0 ? text.length : lf + 1;
}

function isFoldSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 32 || code === 9;
}

function isBlankLine(text: string, at: number): boolean {
  return text[at] === '\n' || (text[at] === '\r' && text[at + 1] === '\n');
}
