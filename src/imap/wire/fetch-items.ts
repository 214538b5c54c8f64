// What FETCH is asked for, and under which label each item is answered. RFC 3501 §6.4.5, §9 (fetch-att).

import { type BodySection, formatSection, readSection } from './body-section.ts';
import type { Cursor } from './cursor.ts';

/** Octets of a section from `offset` on, at most `count` of them. */
export type Partial = { readonly offset: number; readonly count: number };

/** Items whose value is one column. `body` is BODYSTRUCTURE without its extension data. */
export type PlainFetchItem = {
  readonly kind: 'flags' | 'uid' | 'internaldate' | 'rfc822-size' | 'envelope' | 'bodystructure' | 'body';
  readonly label: string;
};

/** Octets of the message. `setsSeen`: fetching it without PEEK marks the message read. */
export type SectionFetchItem = {
  readonly kind: 'section';
  readonly label: string;
  readonly section: BodySection;
  readonly setsSeen: boolean;
  readonly partial?: Partial;
};

/** One item, with the name that stands before its value in the answer. */
export type FetchItem = PlainFetchItem | SectionFetchItem;

const maxItems = 200;
const plainKinds = {
  FLAGS: 'flags',
  UID: 'uid',
  INTERNALDATE: 'internaldate',
  'RFC822.SIZE': 'rfc822-size',
  ENVELOPE: 'envelope',
  BODYSTRUCTURE: 'bodystructure',
  BODY: 'body',
} as const satisfies Record<string, PlainFetchItem['kind']>;
const plainItems = new Map<string, PlainFetchItem>(Object.entries(plainKinds).map(([label, kind]) => [label, { kind, label }]));
const oldSections = new Map<string, SectionFetchItem>([
  ['RFC822', { kind: 'section', label: 'RFC822', section: { path: [], what: 'body' }, setsSeen: true }],
  ['RFC822.HEADER', { kind: 'section', label: 'RFC822.HEADER', section: { path: [], what: 'header' }, setsSeen: false }],
  ['RFC822.TEXT', { kind: 'section', label: 'RFC822.TEXT', section: { path: [], what: 'text' }, setsSeen: true }],
]);
const fast: readonly (keyof typeof plainKinds)[] = ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE'];
const macros = new Map<string, readonly (keyof typeof plainKinds)[]>([
  ['FAST', fast],
  ['ALL', [...fast, 'ENVELOPE']],
  ['FULL', [...fast, 'ENVELOPE', 'BODY']],
]);

/** Reads a macro, one item, or a list of items; each label at most once, in the order asked. */
export function parseFetchItems(cursor: Cursor): FetchItem[] {
  const items = cursor.peek() === '(' ? cursor.list(() => readItem(cursor)) : readMacroOrItem(cursor);
  if (items.length === 0 || items.length > maxItems) throw cursor.error(`1 to ${maxItems} items`);
  // By label: the same bytes asked with and without PEEK are one answer, and the one that marks the message read wins.
  const byLabel = new Map<string, FetchItem>();
  for (const item of items) {
    const isPeek = item.kind !== 'section' || !item.setsSeen;
    if (!byLabel.has(item.label) || !isPeek) byLabel.set(item.label, item);
  }
  return [...byLabel.values()];
}

function readMacroOrItem(cursor: Cursor): FetchItem[] {
  const name = cursor.keyword();
  const macro = macros.get(name);
  if (!macro) return [readNamedItem(cursor, name)];
  return macro.map((label) => ({ kind: plainKinds[label], label }));
}

function readItem(cursor: Cursor): FetchItem {
  return readNamedItem(cursor, cursor.keyword());
}

function readNamedItem(cursor: Cursor, name: string): FetchItem {
  if ((name === 'BODY' || name === 'BODY.PEEK') && cursor.peek() === '[') return readSectionItem(cursor, name === 'BODY');
  const item = plainItems.get(name) ?? oldSections.get(name);
  if (!item) throw cursor.error('a FETCH item');
  return item;
}

function readSectionItem(cursor: Cursor, setsSeen: boolean): SectionFetchItem {
  const section = readSection(cursor);
  const label = `BODY[${formatSection(section)}]`;
  if (!cursor.accept('<')) return { kind: 'section', label, section, setsSeen };
  const offset = cursor.number64();
  cursor.expect('.');
  const count = cursor.nzNumber();
  cursor.expect('>');
  return { kind: 'section', label: `${label}<${offset}>`, section, setsSeen, partial: { offset, count } };
}
