// Citizens in CSV: `;`, `,` or a tab between cells, a header in French, quotes as RFC 4180 has them.
//
// A quote that is never closed would swallow the citizens of the lines after it: a record over several lines that turns out to be none is
// refused for its first line alone, and the others are read again.
import { isUtf8 } from 'node:buffer';
import type { TextLine } from '../imports/text-lines.ts';
import { isQuoteOpen, splitCells } from './csv-cells.ts';
import { type FeedColumn, type FeedItem, type FeedReader, type FeedRefusal, feedColumnNames } from './feed-line.ts';
import { readValues } from './read-values.ts';

/** Columns without which nobody can be made known. */
const needed: readonly FeedColumn[] = ['matricule', 'nom_naissance', 'premier_prenom', 'date_naissance', 'sexe'];

/** Lines of one record at most: names have one, but software wraps what it likes. */
const mostLines = 8;

/** A header line that was understood: which of our columns stands where. */
export type CsvHeader = {
  readonly separator: string;
  readonly columns: readonly (FeedColumn | undefined)[];
  /** Those that are none of ours, as they are written. */
  readonly ignored: readonly string[];
};

/** Why a header is none: no words of ours, columns that are missing, or there twice. */
export type HeaderTrouble = { readonly trouble: 'no-header' | 'columns-missing' | 'columns-repeated'; readonly columns: readonly string[] };

/** Reads the first line of a file. Case, accents, and the marks between words do not matter. */
export function readCsvHeader(line: TextLine): CsvHeader | HeaderTrouble {
  const text = line.bytes && isUtf8(line.bytes) ? line.bytes.toString('utf8').replace(/^\ufeff/, '') : '';
  const count = (mark: string) => text.split(mark).length;
  const separator = [';', ',', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
  const names = splitCells(text, separator) ?? [];
  const columns = names.map((name) => feedColumnNames.find((column) => column === foldName(name)));
  const repeated = feedColumnNames.filter((column) => columns.indexOf(column) !== columns.lastIndexOf(column));
  const missing = needed.filter((column) => !columns.includes(column));
  if (missing.length === needed.length) return { trouble: 'no-header', columns: missing };
  if (missing.length > 0) return { trouble: 'columns-missing', columns: missing };
  if (repeated.length > 0) return { trouble: 'columns-repeated', columns: repeated };
  return { separator, columns, ignored: names.filter((_, at) => columns[at] === undefined) };
}

/** `Prénom utilisé` is `prenom_utilise`. */
function foldName(name: string): string {
  const letters = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return letters.replace(/[^a-z]+/g, '_').replace(/^_|_$/g, '');
}

/** Reads what follows the header. */
export class CsvReader implements FeedReader {
  readonly #header: CsvHeader;
  readonly #today: string;
  /** Lines of a record whose quotes are not closed yet. */
  #open: readonly TextLine[] = [];

  constructor(header: CsvHeader, today: string) {
    this.#header = header;
    this.#today = today;
  }

  take(line: TextLine): readonly FeedItem[] {
    this.#open = [...this.#open, line];
    return this.#readOpen(false);
  }

  end(): readonly FeedItem[] {
    return this.#readOpen(true);
  }

  #readOpen(isEnd: boolean): FeedItem[] {
    const items: FeedItem[] = [];
    while (this.#open.length > 0) {
      const taken = this.#readRecord(isEnd);
      if (!taken) break;
      this.#open = this.#open.slice(taken.lines);
      if (taken.item) items.push(taken.item);
    }
    return items;
  }

  /** The first record of the open lines, and how many of them it is; undefined while it may go on. */
  #readRecord(isEnd: boolean): { readonly lines: number; readonly item?: FeedItem } | undefined {
    const [first] = this.#open as readonly [TextLine];
    const refused = (because: FeedRefusal) => ({
      lines: 1,
      item: { says: { line: first.line, because }, next: { byte: first.endsAt, line: first.line } },
    });
    if (!first.bytes) return refused('too-long');
    if (!isUtf8(first.bytes)) return refused('not-utf8');
    let text = '';
    for (const [at, { bytes, endsAt, line }] of this.#open.slice(0, mostLines).entries()) {
      if (!bytes || !isUtf8(bytes)) return refused('quotes');
      text += (at === 0 ? '' : '\n') + bytes.toString('utf8');
      if (isQuoteOpen(text)) continue;
      if (text.trim() === '') return { lines: 1 };
      const cells = splitCells(text, this.#header.separator);
      const isRecord = cells?.length === this.#header.columns.length;
      if (!isRecord) return refused(cells && at === 0 ? 'cell-count' : 'quotes');
      return { lines: at + 1, item: { says: this.#readCells(first.line, cells), next: { byte: endsAt, line } } };
    }
    return isEnd || this.#open.length >= mostLines ? refused('quotes') : undefined;
  }

  #readCells(line: number, cells: readonly string[]): FeedItem['says'] {
    const values: Partial<Record<FeedColumn, string>> = {};
    for (const [at, column] of this.#header.columns.entries()) if (column) values[column] = cells[at] ?? '';
    return readValues(line, values, true, this.#today);
  }
}
