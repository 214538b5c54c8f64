// What SEARCH is asked, as a tree that whoever searches can walk. RFC 3501 §6.4.4, §9 (search-key).

import type { Cursor } from './cursor.ts';
import type { CalendarDay } from './date-time.ts';
import type { SystemFlagName } from './flags.ts';
import type { SequenceSet } from './sequence-set.ts';

/** The address and subject fields that SEARCH has keys of their own for. */
export type EnvelopeField = 'from' | 'to' | 'cc' | 'bcc' | 'subject';

/**
 * `contains` is a substring, whatever its case; for `header` an empty one asks that the field exist.
 * `internal-date` and `sent-date` compare days as written, disregarding time and zone; `since` includes the day, `before` does not.
 * Sizes are strict: larger than, smaller than.
 */
export type SearchKey =
  | { readonly key: 'all' }
  | { readonly key: 'and'; readonly keys: readonly SearchKey[] }
  | { readonly key: 'or'; readonly left: SearchKey; readonly right: SearchKey }
  | { readonly key: 'not'; readonly negated: SearchKey }
  | { readonly key: 'sequence'; readonly set: SequenceSet }
  | { readonly key: 'uid'; readonly set: SequenceSet }
  | { readonly key: 'flag'; readonly flag: SystemFlagName; readonly isSet: boolean }
  | { readonly key: 'keyword'; readonly keyword: string; readonly isSet: boolean }
  | { readonly key: 'recent'; readonly isSet: boolean }
  | { readonly key: 'envelope'; readonly field: EnvelopeField; readonly contains: string }
  | { readonly key: 'header'; readonly name: string; readonly contains: string }
  | { readonly key: 'body'; readonly contains: string }
  | { readonly key: 'text'; readonly contains: string }
  | { readonly key: 'internal-date'; readonly relation: DateRelation; readonly day: CalendarDay }
  | { readonly key: 'sent-date'; readonly relation: DateRelation; readonly day: CalendarDay }
  | { readonly key: 'size'; readonly relation: 'larger' | 'smaller'; readonly sizeBytes: number };

/** How a message's day stands to the day asked. */
export type DateRelation = 'before' | 'on' | 'since';

/** Most keys in one SEARCH, all levels together. */
const maxKeys = 500;
const charsets = new Set(['US-ASCII', 'UTF-8']);

type Reader = (cursor: Cursor) => SearchKey;

const flagKey =
  (flag: SystemFlagName, isSet: boolean): Reader =>
  () => ({ key: 'flag', flag, isSet });
const envelopeKey =
  (field: EnvelopeField): Reader =>
  (cursor) => ({ key: 'envelope', field, contains: argument(cursor) });
const dateKey =
  (key: 'internal-date' | 'sent-date', relation: DateRelation): Reader =>
  (cursor) => {
    cursor.space();
    return { key, relation, day: cursor.date() };
  };
const sizeKey =
  (relation: 'larger' | 'smaller'): Reader =>
  (cursor) => {
    cursor.space();
    return { key: 'size', relation, sizeBytes: cursor.number64() };
  };
const keywordKey =
  (isSet: boolean): Reader =>
  (cursor) => {
    cursor.space();
    return { key: 'keyword', keyword: cursor.atom(), isSet };
  };

const simpleReaders: Record<string, Reader> = {
  ALL: () => ({ key: 'all' }),
  ANSWERED: flagKey('\\Answered', true),
  UNANSWERED: flagKey('\\Answered', false),
  DELETED: flagKey('\\Deleted', true),
  UNDELETED: flagKey('\\Deleted', false),
  DRAFT: flagKey('\\Draft', true),
  UNDRAFT: flagKey('\\Draft', false),
  FLAGGED: flagKey('\\Flagged', true),
  UNFLAGGED: flagKey('\\Flagged', false),
  SEEN: flagKey('\\Seen', true),
  UNSEEN: flagKey('\\Seen', false),
  RECENT: () => ({ key: 'recent', isSet: true }),
  OLD: () => ({ key: 'recent', isSet: false }),
  NEW: () => ({
    key: 'and',
    keys: [
      { key: 'recent', isSet: true },
      { key: 'flag', flag: '\\Seen', isSet: false },
    ],
  }),
  KEYWORD: keywordKey(true),
  UNKEYWORD: keywordKey(false),
  FROM: envelopeKey('from'),
  TO: envelopeKey('to'),
  CC: envelopeKey('cc'),
  BCC: envelopeKey('bcc'),
  SUBJECT: envelopeKey('subject'),
  HEADER: (cursor) => ({ key: 'header', name: argument(cursor), contains: argument(cursor) }),
  BODY: (cursor) => ({ key: 'body', contains: argument(cursor) }),
  TEXT: (cursor) => ({ key: 'text', contains: argument(cursor) }),
  BEFORE: dateKey('internal-date', 'before'),
  ON: dateKey('internal-date', 'on'),
  SINCE: dateKey('internal-date', 'since'),
  SENTBEFORE: dateKey('sent-date', 'before'),
  SENTON: dateKey('sent-date', 'on'),
  SENTSINCE: dateKey('sent-date', 'since'),
  LARGER: sizeKey('larger'),
  SMALLER: sizeKey('smaller'),
  UID: (cursor) => {
    cursor.space();
    return { key: 'uid', set: cursor.sequenceSet() };
  },
};
const readers = new Map(Object.entries(simpleReaders));

/**
 * Reads from the optional CHARSET to the end of the command. `'bad-charset'`: a charset other than US-ASCII and UTF-8,
 * to be answered NO with BADCHARSET. Keys side by side become one `and`.
 */
export function parseSearch(cursor: Cursor): { readonly key: SearchKey } | 'bad-charset' {
  const tree = new TreeReader(cursor);
  let first: string | undefined = /^[A-Za-z]$/.test(cursor.peek() ?? '') ? cursor.keyword() : undefined;
  if (first === 'CHARSET') {
    cursor.space();
    if (!charsets.has(cursor.astring().toUpperCase())) return 'bad-charset';
    cursor.space();
    first = undefined;
  }
  const keys = [first === undefined ? tree.readKey() : tree.readNamedKey(first)];
  while (cursor.accept(' ')) keys.push(tree.readKey());
  cursor.end();
  return { key: allOf(keys) };
}

class TreeReader {
  readonly #cursor: Cursor;
  #count = 0;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  readKey(): SearchKey {
    const next = this.#cursor.peek() ?? '';
    if (/^[A-Za-z]$/.test(next)) return this.readNamedKey(this.#cursor.keyword());
    this.#countKey();
    if (/^[\d*]$/.test(next)) return { key: 'sequence', set: this.#cursor.sequenceSet() };
    if (next !== '(') throw this.#cursor.error('a SEARCH key');
    const keys = this.#cursor.list(() => this.readKey());
    if (keys.length === 0) throw this.#cursor.error('a SEARCH key between the parentheses');
    return allOf(keys);
  }

  readNamedKey(name: string): SearchKey {
    this.#countKey();
    if (name === 'NOT') return this.#cursor.nest(() => ({ key: 'not', negated: this.#operand() }));
    if (name === 'OR') return this.#cursor.nest(() => ({ key: 'or', left: this.#operand(), right: this.#operand() }));
    const read = readers.get(name);
    if (!read) throw this.#cursor.error('a SEARCH key');
    return read(this.#cursor);
  }

  #operand(): SearchKey {
    this.#cursor.space();
    return this.readKey();
  }

  #countKey(): void {
    this.#count += 1;
    if (this.#count > maxKeys) throw this.#cursor.error(`at most ${maxKeys} SEARCH keys`);
  }
}

function argument(cursor: Cursor): string {
  cursor.space();
  return cursor.astring();
}

function allOf(keys: readonly SearchKey[]): SearchKey {
  const [only] = keys;
  return keys.length === 1 && only ? only : { key: 'and', keys };
}
