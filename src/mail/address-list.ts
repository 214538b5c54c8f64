// Lists of addresses as From, To and Cc carry them. RFC 5322 §3.4 with groups, comments, quoted strings and obsolete routes (§4.4);
// broken input gives the addresses that can be recognised, never an error. One pass, linear in the length of the text.
import { decodeWords } from './encoded-words.ts';
import { isBlank, trimBlank } from './trim-blank.ts';

/** One mailbox. `name` still holds its encoded words; `domain` is empty when the letter gave none; `route` is `@a,@b` (obsolete). */
export type ListedMailbox = {
  readonly name: string | undefined;
  readonly route: string | undefined;
  readonly local: string;
  readonly domain: string;
};

/** A mailbox, or a named group of them (`undisclosed-recipients:;`). */
export type ListedAddress = ListedMailbox | { readonly group: string; readonly members: readonly ListedMailbox[] };

/** Reads an address list; the text may hold one character per byte or real characters, which are returned alike. */
export function parseAddressList(text: string): ListedAddress[] {
  return new AddressListReader(text).read();
}

/** Every mailbox of a list, groups opened, names decoded for people to read. */
export function mailboxesOf(text: string): { name: string; address: string }[] {
  return parseAddressList(text)
    .flatMap((entry) => ('group' in entry ? entry.members : [entry]))
    .map(({ name, local, domain }) => ({ name: decodeWords(name ?? ''), address: domain === '' ? local : `${local}@${domain}` }));
}

class AddressListReader {
  readonly #text: string;
  readonly #lastClose: number;
  readonly #entries: ListedAddress[] = [];
  #at = 0;
  #words: string[] = [];
  #sawAt = false;
  #angle: string | undefined;
  #comment: string | undefined;
  #sawSpace = false;
  #group: { group: string; members: ListedMailbox[] } | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#lastClose = text.lastIndexOf('>');
  }

  read(): ListedAddress[] {
    while (this.#at < this.#text.length) this.#step(this.#text[this.#at] ?? '');
    this.#endMailbox();
    this.#endGroup();
    return this.#entries;
  }

  #step(character: string): void {
    if (character === '(') this.#comment = this.#readComment();
    else if (character === '"') this.#addWord(this.#readQuoted());
    else if (character === '<') this.#angle = this.#readAngle();
    else if (character === ':' && !this.#group && this.#angle === undefined && !this.#sawAt) this.#startGroup();
    else if (character === ',' || character === ';') {
      this.#endMailbox();
      if (character === ';') this.#endGroup();
      this.#at += 1;
    } else if (isBlank(character.charCodeAt(0))) {
      this.#sawSpace = true;
      this.#at += 1;
    } else this.#addWord(this.#readAtom());
  }

  #addWord(text: string): void {
    const previous = this.#words.at(-1);
    if (previous !== undefined && !this.#sawSpace) this.#words[this.#words.length - 1] = previous + text;
    else this.#words.push(text);
    this.#sawSpace = false;
  }

  #readAtom(): string {
    const start = this.#at;
    this.#at += 1;
    while (this.#at < this.#text.length && !' \t\r\n(",:;<'.includes(this.#text[this.#at] ?? '')) this.#at += 1;
    const atom = this.#text.slice(start, this.#at);
    this.#sawAt ||= atom.includes('@');
    return atom;
  }

  /** The content of a quoted string, quoted pairs resolved; a missing closing quote ends it with the text. */
  #readQuoted(): string {
    let content = '';
    this.#at += 1;
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] ?? '';
      this.#at += 1;
      if (character === '"') break;
      if (character === '\\' && this.#at < this.#text.length) {
        content += this.#text[this.#at] ?? '';
        this.#at += 1;
      } else content += character;
    }
    return content;
  }

  #readComment(): string {
    let depth = 0;
    let content = '';
    do {
      const character = this.#text[this.#at] ?? '';
      this.#at += 1;
      if (character === '\\' && this.#at < this.#text.length) {
        content += this.#text[this.#at] ?? '';
        this.#at += 1;
        continue;
      }
      if (character === '(') depth += 1;
      if (character === ')') depth -= 1;
      if (depth > 0 && (depth > 1 || character !== '(')) content += character;
    } while (depth > 0 && this.#at < this.#text.length);
    this.#sawSpace = true;
    return trimBlank(content);
  }

  /** What stands between < and >; without a closing bracket further on, up to the next comma. */
  #readAngle(): string {
    const start = this.#at + 1;
    const closed = this.#lastClose >= start;
    let quoted = false;
    this.#at = start;
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at];
      if (character === '\\') this.#at += 1;
      else if (character === '"') quoted = !quoted;
      else if (!quoted && (closed ? character === '>' : character === ',' || character === ';')) break;
      this.#at += 1;
    }
    const content = this.#text.slice(start, this.#at);
    if (closed) this.#at += 1;
    return content;
  }

  #startGroup(): void {
    this.#group = { group: this.#words.join(' '), members: [] };
    this.#words = [];
    this.#at += 1;
    this.#sawSpace = false;
  }

  #endGroup(): void {
    if (this.#group) this.#entries.push(this.#group);
    this.#group = undefined;
  }

  #endMailbox(): void {
    const mailbox =
      this.#angle === undefined ? bareMailbox(this.#words, this.#comment) : angleMailbox(this.#angle, this.#words, this.#comment);
    if (mailbox) (this.#group?.members ?? this.#entries).push(mailbox);
    this.#words = [];
    this.#angle = undefined;
    this.#comment = undefined;
    this.#sawAt = false;
    this.#sawSpace = false;
  }
}

function angleMailbox(angle: string, words: readonly string[], comment: string | undefined): ListedMailbox | undefined {
  const phrase = trimBlank(words.join(' '));
  const name = phrase || comment || undefined;
  const routed = /^\s*(@[^:"]*):(.*)$/s.exec(angle);
  const spec = splitSpec(trimBlank(routed?.[2] ?? angle));
  if (spec.local === '' && spec.domain === '' && name === undefined) return undefined;
  return { name, route: routed?.[1] && trimBlank(routed[1]), ...spec };
}

/** `user@host (Name)`, `user @ host`, `Name user@host` (broken but clear) and a lone word, which has no domain. */
function bareMailbox(words: readonly string[], comment: string | undefined): ListedMailbox | undefined {
  const joined: string[] = [];
  let open = false;
  for (const text of words) {
    const previous = joined.at(-1);
    if (previous !== undefined && (open || text.startsWith('.') || text.startsWith('@'))) joined[joined.length - 1] = previous + text;
    else joined.push(text);
    open = text.endsWith('.') || text.endsWith('@');
  }
  const last = joined.at(-1);
  if (last === undefined) return undefined;
  const named = joined.length > 1 && last.includes('@');
  const name = (named ? joined.slice(0, -1).join(' ') : '') || comment || undefined;
  return { name, route: undefined, ...splitSpec(named ? last : joined.join(' ')) };
}

/** Local part without its quotes (RFC 3501 §7.4.2) and domain. */
function splitSpec(spec: string): { local: string; domain: string } {
  const at = spec.lastIndexOf('@');
  const local = trimBlank(at < 0 ? spec : spec.slice(0, at));
  const unquoted = local.length > 1 && local.startsWith('"') && local.endsWith('"') ? local.slice(1, -1).replace(/\\(.)/gs, '$1') : local;
  return { local: unquoted, domain: at < 0 ? '' : trimBlank(spec.slice(at + 1)) };
}
