// Citizens in LDIF (RFC 2849): folded lines, base64, comments, records to add and records that change. Of changes, what a feed needs:
// `add`, `modify` (whole values of an attribute), and `delete`, by which a mailbox is closed; a citizen is never forgotten.
import { isUtf8 } from 'node:buffer';
import type { TextLine } from '../imports/text-lines.ts';
import type { FeedColumn, FeedItem, FeedReader, FeedRefusal } from './feed-line.ts';
import { feedAttributes } from './ldif-attributes.ts';
import { readValues } from './read-values.ts';

/** Bounds of one record; the lines of one that is larger are read to its end, and kept by nobody. */
const longestRecordBytes = 64 * 1024;

type Attribute = { readonly name: string; readonly value: string };

/** Reads a whole file of records. */
export class LdifReader implements FeedReader {
  readonly #today: string;
  #record: Buffer[] = [];
  #recordBytes = 0;
  #firstLine = 0;
  #isTooLong = false;
  #last: TextLine | undefined;

  constructor(today: string) {
    this.#today = today;
  }

  take(line: TextLine): readonly FeedItem[] {
    this.#last = line;
    if (line.bytes?.length === 0) return this.end();
    if (this.#firstLine === 0) this.#firstLine = line.line;
    this.#recordBytes += line.bytes?.length ?? longestRecordBytes;
    this.#isTooLong ||= this.#recordBytes > longestRecordBytes;
    if (this.#isTooLong) this.#record = [];
    else if (line.bytes) this.#record.push(line.bytes);
    return [];
  }

  end(): readonly FeedItem[] {
    const [line, record, isTooLong, last] = [this.#firstLine, this.#record, this.#isTooLong, this.#last];
    this.#record = [];
    this.#recordBytes = 0;
    this.#firstLine = 0;
    this.#isTooLong = false;
    if (line === 0 || !last) return [];
    const says = isTooLong ? refuse(line, 'too-long') : readRecord(line, record, this.#today);
    return says ? [{ says, next: { byte: last.endsAt, line: last.line } }] : [];
  }
}

function refuse(line: number, because: FeedRefusal): FeedItem['says'] {
  return { line, because };
}

/** One record of a file; undefined when there is nothing in it but comments, or the version. */
function readRecord(line: number, record: readonly Buffer[], today: string): FeedItem['says'] | undefined {
  const bytes = Buffer.concat(record.flatMap((one) => [one, Buffer.from('\n')]));
  if (!isUtf8(bytes)) return refuse(line, 'not-utf8');
  // Unfolded first: a comment may be folded as well.
  const lines = bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .replace(/\n /g, '')
    .split('\n');
  const attributes = lines.filter((text) => text !== '' && !text.startsWith('#')).map(readAttribute);
  if (!attributes.every((attribute) => attribute !== undefined)) return refuse(line, 'ldif-syntax');
  const [first, ...others] = attributes[0]?.name === 'version' ? attributes.slice(1) : attributes;
  if (!first) return undefined;
  const matricule = first.name === 'dn' ? matriculeIn(first.value) : undefined;
  if (first.name !== 'dn' || others.some((attribute) => attribute.name === 'dn')) return refuse(line, 'ldif-syntax');
  const [how, ...rest] = others;
  const kind = how?.name === 'changetype' ? how.value.toLowerCase() : 'add';
  const body = how?.name === 'changetype' ? rest : others;
  if (kind === 'delete' && body.length === 0) return readValues(line, { matricule: matricule ?? '', etat: 'closed' }, false, today);
  const changes = kind === 'add' ? body : kind === 'modify' ? readModify(body) : undefined;
  if (!changes) return refuse(line, 'ldif-change');
  return readAttributes(line, changes, matricule, kind === 'add', today);
}

/** `name: text` or `name:: base64`; options after a semicolon make another attribute. Undefined for anything else, references among it. */
function readAttribute(text: string): Attribute | undefined {
  if (text === '-') return { name: '-', value: '' };
  const match = /^([A-Za-z][A-Za-z0-9-]*(?:;[A-Za-z0-9-]+)*):(:?) *([^<].*)?$/s.exec(text);
  if (!match) return undefined;
  const [, name = '', isBase64, value = ''] = match;
  if (!isBase64) return { name: name.toLowerCase(), value };
  const decoded = Buffer.from(value, 'base64');
  const isWhole = decoded.toString('base64').replace(/=+$/, '') === value.trim().replace(/=+$/, '');
  return isWhole && isUtf8(decoded) ? { name: name.toLowerCase(), value: decoded.toString('utf8') } : undefined;
}

/** The matricule of `mssINS=…,ou=patients,…`; undefined for a name of another kind. */
function matriculeIn(dn: string): string | undefined {
  return /^mssINS\s*=\s*([0-9ABab]+)\s*(?:,|\+|$)/i.exec(dn)?.[1];
}

/**
 * The attributes as they are to be: those replaced or added with their values, those deleted with an empty one. Undefined for a change of
 * single values among several, which needs to know the others.
 */
function readModify(lines: readonly Attribute[]): Attribute[] | undefined {
  const changed: Attribute[] = [];
  let group: Attribute[] = [];
  for (const line of [...lines, { name: '-', value: '' }]) {
    if (line.name !== '-') {
      group.push(line);
      continue;
    }
    const [what, ...values] = group;
    group = [];
    if (!what) continue;
    const attribute = what.value.trim().toLowerCase();
    if (values.some((value) => value.name !== attribute)) return undefined;
    const isOne = feedAttributes.get(attribute) !== 'representants';
    if (what.name === 'replace') changed.push(...(values.length > 0 ? values : [{ name: attribute, value: '' }]));
    else if (what.name === 'add' && isOne) changed.push(...values);
    else if (what.name === 'delete' && values.length === 0) changed.push({ name: attribute, value: '' });
    else return undefined;
  }
  return changed;
}

function readAttributes(
  line: number,
  attributes: readonly Attribute[],
  matricule: string | undefined,
  isWhole: boolean,
  today: string,
): FeedItem['says'] {
  const values: Partial<Record<FeedColumn, string>> = matricule === undefined ? {} : { matricule };
  for (const { name, value } of attributes) {
    const column = feedAttributes.get(name);
    if (!column) continue;
    const before = values[column];
    if (before === undefined || before === value) values[column] = value;
    else if (column === 'matricule_precedent' || column === 'representants') values[column] = `${before} ${value}`;
    else return { line, column, because: 'several-values' };
  }
  return readValues(line, values, isWhole, today);
}
