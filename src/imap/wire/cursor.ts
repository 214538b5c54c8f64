// Reads the arguments of a command from left to right, one grammar element at a time. RFC 3501 §9.
// Synchronous: the reader has already collected the small literals. Throws ImapSyntaxError and nothing else.

import * as runs from './character-runs.ts';
import { type CalendarDay, parseDate, parseDateTime } from './date-time.ts';
import { type FlagList, maxFlagsInList, maxKeywordLength, sortFlags } from './flags.ts';
import { ImapSyntaxError } from './imap-syntax-error.ts';
import { decodeMailboxName } from './mailbox-name.ts';
import { parseSequenceSet, type SequenceSet } from './sequence-set.ts';

/** Arguments as received: text (one character per byte) and collected literals, in turn. */
export type Fragment = string | Buffer;

const maxListDepth = 20;
const maxNumber = 0xffff_ffff;
const maxPatternLength = 1000;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** One pass over one command's arguments. Every method consumes what it returns, or throws. */
export class Cursor {
  readonly #fragments: readonly Fragment[];
  #fragment = 0;
  #offset = 0;
  #before = 0;
  #depth = 0;

  constructor(fragments: readonly Fragment[]) {
    this.#fragments = fragments.filter((fragment) => typeof fragment !== 'string' || fragment.length > 0);
  }

  /** Characters and literal octets read so far. */
  get position(): number {
    return this.#before + this.#offset;
  }

  get isAtEnd(): boolean {
    return this.#fragment >= this.#fragments.length;
  }

  /** The next character, `'literal'`, or undefined at the end. */
  peek(): string | undefined {
    const fragment = this.#fragments[this.#fragment];
    return typeof fragment === 'string' ? fragment[this.#offset] : fragment && 'literal';
  }

  /** Consumes the character if it comes next. */
  accept(character: string): boolean {
    if (this.peek() !== character) return false;
    this.#advance(1);
    return true;
  }

  /** Consumes a character that must come next. */
  expect(character: string): void {
    if (!this.accept(character)) throw this.error(character === ' ' ? 'a space' : `"${character}"`);
  }

  /** Consumes exactly one space. */
  space(): void {
    this.expect(' ');
  }

  /** Nothing may follow. */
  end(): void {
    if (!this.isAtEnd) throw this.error('the end of the command');
  }

  /** A bare word of letters, digits, dots and hyphens, in upper case: the name of an item, a key, a macro. */
  keyword(): string {
    return this.#run(runs.keyword, 'a word').toUpperCase();
  }

  atom(): string {
    return this.#run(runs.atom, 'an atom');
  }

  /** Atom, quoted string or literal, as text. */
  astring(): string {
    return this.#startsString() ? this.string() : this.#run(runs.astring, 'a string');
  }

  /** Quoted string or literal, as text: UTF-8 without NUL. */
  string(): string {
    const start = this.position;
    const fragment = this.#fragments[this.#fragment];
    if (typeof fragment === 'object') {
      this.#advance(fragment.length);
      return this.#decode(fragment, start);
    }
    const quoted = this.#run(runs.quoted, 'a string');
    return this.#decode(Buffer.from(quoted.slice(1, -1).replace(/\\(["\\])/g, '$1'), 'latin1'), start);
  }

  /** String, or null for NIL. */
  nstring(): string | null {
    if (this.#startsString()) return this.string();
    const start = this.position;
    if (this.#tryRun(runs.atom)?.toUpperCase() !== 'NIL') throw new ImapSyntaxError('a string or NIL', start);
    return null;
  }

  /** 0 to 4294967295. */
  number(): number {
    const start = this.position;
    const value = this.number64();
    if (value > maxNumber) throw new ImapSyntaxError('a number of 32 bits', start);
    return value;
  }

  /** 0 to 999999999999999. RFC 9051 §9 (number64), as far as JavaScript counts exactly. */
  number64(): number {
    const digits = this.#run(runs.digits, 'a number');
    if (/^\d$/.test(this.peek() ?? '')) throw this.error('a smaller number');
    return Number(digits);
  }

  /** 1 to 4294967295. */
  nzNumber(): number {
    const start = this.position;
    const value = this.number();
    if (value === 0) throw new ImapSyntaxError('a number above zero', start);
    return value;
  }

  sequenceSet(): SequenceSet {
    const start = this.position;
    const set = parseSequenceSet(this.#run(runs.sequenceSet, 'a sequence set'));
    if (!set) throw new ImapSyntaxError('a sequence set', start);
    return set;
  }

  /** `(` elements separated by one space `)`, possibly none. Lists in lists stop at a fixed depth. */
  list<Element>(readOne: () => Element): Element[] {
    this.expect('(');
    const elements: Element[] = [];
    this.nest(() => {
      if (this.accept(')')) return;
      do elements.push(readOne());
      while (this.accept(' '));
      this.expect(')');
    });
    return elements;
  }

  /** Runs a recursive reader one level deeper; too deep is a syntax error, so that no command can exhaust the stack. */
  nest<Result>(read: () => Result): Result {
    if (this.#depth >= maxListDepth) throw this.error(`at most ${maxListDepth} levels`);
    this.#depth += 1;
    const result = read();
    this.#depth -= 1;
    return result;
  }

  /** A flag as it is spelt, with its backslash if it has one. */
  flag(): string {
    const start = this.position;
    const prefix = this.accept('\\') ? '\\' : '';
    const name = prefix + this.#run(runs.atom, 'a flag');
    if (name.length > maxKeywordLength) throw new ImapSyntaxError(`a flag of at most ${maxKeywordLength} characters`, start);
    return name;
  }

  /** Flags between parentheses. */
  flagList(): FlagList {
    const start = this.position;
    return this.sortedFlags(
      this.list(() => this.flag()),
      start,
    );
  }

  /** Sorts flags already read, refusing too many of them. `start` is where they began. */
  sortedFlags(names: readonly string[], start: number): FlagList {
    if (names.length > maxFlagsInList) throw new ImapSyntaxError(`at most ${maxFlagsInList} flags`, start);
    return sortFlags(names);
  }

  /** The Unicode name of a mailbox, INBOX folded to capitals. */
  mailboxName(): string {
    const start = this.position;
    const name = decodeMailboxName(this.astring());
    if (name === undefined) throw new ImapSyntaxError('a mailbox name in modified UTF-7', start);
    return name;
  }

  /** The pattern of LIST and LSUB in Unicode, `*` and `%` as they are. */
  listPattern(): string {
    const start = this.position;
    const wire = this.#startsString() ? this.string() : this.#run(runs.listPattern, 'a mailbox pattern');
    const pattern = decodeMailboxName(wire);
    if (pattern === undefined || pattern.length > maxPatternLength) throw new ImapSyntaxError('a mailbox pattern in modified UTF-7', start);
    return pattern;
  }

  /** A quoted date and time: the internal date of APPEND. */
  dateTime(): Date {
    const start = this.position;
    const quoted = this.#tryRun(runs.quoted);
    const date = quoted && parseDateTime(quoted.slice(1, -1));
    if (!date) throw new ImapSyntaxError('a date and time', start);
    return date;
  }

  /** A day, quoted or not: the date of a SEARCH key. */
  date(): CalendarDay {
    const start = this.position;
    const isQuoted = this.accept('"');
    const day = parseDate(this.#run(runs.date, 'a date'));
    if (isQuoted) this.expect('"');
    if (!day) throw new ImapSyntaxError('a date', start);
    return day;
  }

  /** The error to throw when something else was expected here. */
  error(expected: string): ImapSyntaxError {
    return new ImapSyntaxError(expected, this.position);
  }

  #startsString(): boolean {
    const next = this.peek();
    return next === '"' || next === 'literal';
  }

  #decode(bytes: Buffer, start: number): string {
    if (bytes.includes(0)) throw new ImapSyntaxError('a string without NUL', start);
    try {
      return utf8.decode(bytes);
    } catch {
      throw new ImapSyntaxError('a string in UTF-8', start);
    }
  }

  #run(shape: RegExp, expected: string): string {
    const text = this.#tryRun(shape);
    if (text === undefined) throw this.error(expected);
    return text;
  }

  #tryRun(shape: RegExp): string | undefined {
    const fragment = this.#fragments[this.#fragment];
    if (typeof fragment !== 'string') return undefined;
    shape.lastIndex = this.#offset;
    const text = shape.exec(fragment)?.[0];
    if (text !== undefined) this.#advance(text.length);
    return text;
  }

  #advance(length: number): void {
    this.#offset += length;
    const fragment = this.#fragments[this.#fragment];
    if (fragment === undefined || this.#offset < fragment.length) return;
    this.#before += fragment.length;
    this.#fragment += 1;
    this.#offset = 0;
  }
}
