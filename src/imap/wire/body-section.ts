// The part of a message between the brackets of BODY[…]. RFC 3501 §6.4.5, §9 (section).

import type { Cursor } from './cursor.ts';
import { quote } from './quote.ts';

/** Only these header fields, or with `isExcluding` all but these. Names as the client spelt them. */
export type HeaderFields = { readonly names: readonly string[]; readonly isExcluding: boolean };

/**
 * `path` are part numbers from 1, outermost first; empty for the whole message.
 * `what`: `body` the content of the part (the whole message when the path is empty), `mime` the part's own header,
 * `header` and `text` those of the message, or of the message/rfc822 part that the path names.
 */
export type BodySection = {
  readonly path: readonly number[];
  readonly what: 'body' | 'header' | 'text' | 'mime';
  readonly fields?: HeaderFields;
};

const maxPathLength = 100;
const maxFieldNames = 200;
const fieldNameShape = /^[\x21-\x39\x3b-\x7e]{1,200}$/;
const plainFieldName = /^[A-Za-z0-9_-]+$/;

/** Reads from `[` to `]`. */
export function readSection(cursor: Cursor): BodySection {
  cursor.expect('[');
  const path: number[] = [];
  while (/^\d$/.test(cursor.peek() ?? '')) {
    path.push(cursor.nzNumber());
    if (path.length > maxPathLength) throw cursor.error(`at most ${maxPathLength} part numbers`);
    if (!cursor.accept('.')) return closed(cursor, { path, what: 'body' });
  }
  if (path.length === 0 && cursor.peek() === ']') return closed(cursor, { path, what: 'body' });
  return closed(cursor, readSectionText(cursor, path));
}

/** The section as the answer's label repeats it, keywords in capitals. */
export function formatSection(section: BodySection): string {
  const { path, what, fields } = section;
  const elements = path.map(String);
  if (fields) {
    const names = fields.names.map((name) => (plainFieldName.test(name) ? name : quote(name))).join(' ');
    elements.push(`HEADER.FIELDS${fields.isExcluding ? '.NOT' : ''} (${names})`);
  } else if (what !== 'body') elements.push(what.toUpperCase());
  return elements.join('.');
}

function readSectionText(cursor: Cursor, path: readonly number[]): BodySection {
  const word = cursor.keyword();
  if (word === 'HEADER') return { path, what: 'header' };
  if (word === 'TEXT') return { path, what: 'text' };
  if (word === 'MIME' && path.length > 0) return { path, what: 'mime' };
  if (word !== 'HEADER.FIELDS' && word !== 'HEADER.FIELDS.NOT') throw cursor.error('a section of the message');
  cursor.space();
  const names = cursor.list(() => readFieldName(cursor));
  if (names.length === 0 || names.length > maxFieldNames) throw cursor.error(`1 to ${maxFieldNames} header names`);
  return { path, what: 'header', fields: { names, isExcluding: word === 'HEADER.FIELDS.NOT' } };
}

function readFieldName(cursor: Cursor): string {
  const name = cursor.astring();
  if (!fieldNameShape.test(name)) throw cursor.error('a header name');
  return name;
}

function closed(cursor: Cursor, section: BodySection): BodySection {
  cursor.expect(']');
  return section;
}
