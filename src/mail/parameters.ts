// A structured MIME field: a value, then `; name=value` parameters. RFC 2045 §5.1 and RFC 2183, with the continuations of RFC 2231 §3.
// Text here holds one character per byte. Broken input gives what can be recognised; one pass, linear, bounded number of parameters.
import { trimBlank } from './trim-blank.ts';

/** `['filename*', "utf-8''r%C3%A9sultat.pdf"]`: name in lower case, value without quotes, continuations joined. First of a name wins. */
export type Parameters = readonly (readonly [name: string, value: string])[];

/** The leading value, lower case, and the parameters after it. */
export type ParameterisedValue = { readonly value: string; readonly params: Parameters };

const maxParameters = 100;
/** Repeated names and continuations included. */
const maxRead = 1000;

/** Reads `text/plain; charset=utf-8` or `attachment; filename="x"`. */
export function parseParameterised(text: string): ParameterisedValue {
  const reader = new FieldReader(text);
  const value = reader.token().toLowerCase();
  const found = new Map<string, string>();
  const segments = new Map<string, Map<number, Segment>>();
  for (let read = 0; read < maxRead && found.size + segments.size < maxParameters && reader.skipTo(';'); read += 1) {
    const parameter = reader.parameter();
    if (!parameter) continue;
    const [name, content] = parameter;
    const numbered = /^([^*]+)\*(\d{1,4})(\*?)$/.exec(name);
    if (!numbered) {
      if (!found.has(name)) found.set(name, content);
      continue;
    }
    const base = numbered[1] ?? '';
    const list = segments.get(base) ?? new Map<number, Segment>();
    segments.set(base, list);
    if (!list.has(Number(numbered[2]))) list.set(Number(numbered[2]), { text: content, extended: numbered[3] === '*' });
  }
  for (const [base, list] of segments) joinSegments(base, list, found);
  return { value, params: [...found] };
}

/** The parameter's value, or undefined. `name` in lower case. */
export function parameter(params: Parameters | undefined, name: string): string | undefined {
  return params?.find(([candidate]) => candidate === name)?.[1];
}

type Segment = { text: string; extended: boolean };

/** `a*0=x; a*1*=%20y` becomes `a*` (percent form throughout) as soon as one segment is extended, else `a`. */
function joinSegments(base: string, list: Map<number, Segment>, into: Map<string, string>): void {
  const ordered: Segment[] = [];
  for (let next = list.get(0); next; next = list.get(ordered.length)) ordered.push(next);
  if (ordered.length === 0) return;
  const extended = ordered.some((segment) => segment.extended);
  const name = extended ? `${base}*` : base;
  if (into.has(name)) return;
  const text = ordered.map((segment) => (extended && !segment.extended ? percentEncode(segment.text) : segment.text)).join('');
  into.set(name, extended && !ordered[0]?.extended ? `''${text}` : text);
}

function percentEncode(text: string): string {
  return text.replace(
    /[^A-Za-z0-9!#$&+.^_`{|}~-]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

class FieldReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** A value up to `;`, without comments and outer space. */
  token(): string {
    let token = '';
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] ?? '';
      if (character === ';') break;
      if (character === '(') this.#skipComment();
      else {
        token += character;
        this.#at += 1;
      }
    }
    return trimBlank(token);
  }

  /** Moves past the next separator; false at the end of the text. */
  skipTo(separator: string): boolean {
    const found = this.#text.indexOf(separator, this.#at);
    this.#at = found < 0 ? this.#text.length : found + 1;
    return found >= 0;
  }

  /** `name=value` up to the next `;`; undefined when there is no name or no `=`. */
  parameter(): [string, string] | undefined {
    const start = this.#at;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '=' && this.#text[this.#at] !== ';') this.#at += 1;
    const name = trimBlank(this.#text.slice(start, this.#at)).toLowerCase();
    if (this.#text[this.#at] !== '=' || name === '') return undefined;
    this.#at += 1;
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at += 1;
    return [name, this.#text[this.#at] === '"' ? this.#quoted() : this.#unquoted()];
  }

  #quoted(): string {
    let content = '';
    this.#at += 1;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"') {
      if (this.#text[this.#at] === '\\') this.#at += 1;
      content += this.#text[this.#at] ?? '';
      this.#at += 1;
    }
    this.#at += 1;
    return content;
  }

  /** Up to `;`, so that an unquoted file name with spaces is kept whole; a comment at the end is dropped. */
  #unquoted(): string {
    const semicolon = this.#text.indexOf(';', this.#at);
    const end = semicolon < 0 ? this.#text.length : semicolon;
    const raw = trimBlank(this.#text.slice(this.#at, end));
    this.#at = end;
    const comment = raw.endsWith(')') ? raw.lastIndexOf(' (') : -1;
    return comment > 0 ? trimBlank(raw.slice(0, comment)) : raw;
  }

  #skipComment(): void {
    let depth = 0;
    do {
      const character = this.#text[this.#at];
      if (character === '\\') this.#at += 1;
      else if (character === '(') depth += 1;
      else if (character === ')') depth -= 1;
      this.#at += 1;
    } while (depth > 0 && this.#at < this.#text.length);
  }
}
