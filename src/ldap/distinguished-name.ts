// Distinguished names, from text to parts and back, so that no value can pass for another part of a name. RFC 4514.

/** One part of a name: `mail=lea@…`; several pairs only in the rare `a=1+b=2`. */
export type Rdn = readonly { readonly type: string; readonly value: string }[];

/** A name, the leaf first. The root has none. */
export type Dn = readonly Rdn[];

const typeShape = /^(?:[a-z][a-z0-9-]*|(?:oid\.)?\d+(?:\.\d+)*)$/i;
const special = /[\\"+,;<=>#]/;
const hexPair = /^[0-9a-f]{2}$/i;
/** No name of this tree is longer. */
const maxRdns = 64;

/** Reads a name; undefined when it is none. Blanks around parts, `;` and quoted values are understood, as old clients write them. */
export function parseDn(text: string): Dn | undefined {
  if (text.trim() === '') return [];
  const rdns: Rdn[] = [];
  let pairs: { type: string; value: string }[] = [];
  for (let at = 0; ; ) {
    const equals = text.indexOf('=', at);
    const type = text.slice(at, Math.max(at, equals)).trim();
    const read = equals < 0 || !typeShape.test(type) ? undefined : readValue(text, equals + 1);
    if (!read || rdns.length === maxRdns) return undefined;
    pairs.push({ type: type.toLowerCase().replace(/^oid\./, ''), value: read.value });
    const separator = text[read.end];
    at = read.end + 1;
    if (separator === '+') continue;
    rdns.push(pairs);
    pairs = [];
    if (separator === undefined) return rdns;
  }
}

/** Writes `type=value`, whatever the value is made of. RFC 4514 §2.4. */
export function writeRdn(type: string, value: string): string {
  const escaped = [...value].map((character, at, all) => {
    if (character === '\0') return '\\00';
    const isBlankAtEnd = character === ' ' && (at === 0 || at === all.length - 1);
    // A number sign matters in front only, and hurts nowhere else.
    return isBlankAtEnd || special.test(character) ? `\\${character}` : character;
  });
  return `${type}=${escaped.join('')}`;
}

/** A value as it is compared: case, and blanks around and in a row, do not count. RFC 4518 §2. */
export function sameValue(a: string, b: string): boolean {
  return folded(a) === folded(b);
}

function folded(value: string): string {
  return value.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ');
}

/** The value that begins at `start`, and where its separator stands. */
function readValue(text: string, start: number): { value: string; end: number } | undefined {
  let at = start;
  while (text[at] === ' ') at += 1;
  if (text[at] === '#') return readEncodedValue(text, at + 1);
  const isQuoted = text[at] === '"';
  if (isQuoted) at += 1;
  const bytes: Buffer[] = [];
  // Blanks at the end are no part of the value, unless escaped.
  let keptPieces = 0;
  for (; at < text.length; at += 1) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (isQuoted ? character === '"' : isSeparator(character)) break;
    if (character === '\\') {
      const escaped = readEscape(text, at + 1);
      if (!escaped) return undefined;
      bytes.push(escaped.bytes);
      keptPieces = bytes.length;
      at = escaped.last;
    } else {
      if (!isQuoted && (character === '"' || character === '<' || character === '>')) return undefined;
      bytes.push(Buffer.from(character));
      if (character !== ' ' || isQuoted) keptPieces = bytes.length;
      at += character.length - 1;
    }
  }
  if (isQuoted) {
    if (text[at] !== '"') return undefined;
    for (at += 1; text[at] === ' '; ) at += 1;
    if (at < text.length && !isSeparator(text[at])) return undefined;
  }
  const value = decode(Buffer.concat(bytes.slice(0, keptPieces)));
  return value === undefined ? undefined : { value, end: at };
}

/** `#04024869`: BER in hexadecimal; only a short string of text is understood. RFC 4514 §2.4. */
function readEncodedValue(text: string, start: number): { value: string; end: number } | undefined {
  let end = start;
  while (end < text.length && !isSeparator(text[end])) end += 1;
  const digits = text.slice(start, end).trim();
  if (!/^(?:[0-9a-f]{2})+$/i.test(digits)) return undefined;
  const bytes = Buffer.from(digits, 'hex');
  const value = bytes[1] === bytes.length - 2 && bytes.length < 130 ? decode(bytes.subarray(2)) : undefined;
  return value === undefined ? undefined : { value, end };
}

function readEscape(text: string, at: number): { bytes: Buffer; last: number } | undefined {
  const pair = text.slice(at, at + 2);
  if (hexPair.test(pair)) return { bytes: Buffer.from(pair, 'hex'), last: at + 1 };
  const character = text[at];
  return character !== undefined && (character === ' ' || special.test(character))
    ? { bytes: Buffer.from(character), last: at }
    : undefined;
}

function isSeparator(character: string | undefined): boolean {
  return character === ',' || character === ';' || character === '+';
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
