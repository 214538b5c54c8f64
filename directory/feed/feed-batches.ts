// A feed's text in batches of lines that were understood, or refused for their form: what is written together.
import type { SourceFile } from '../imports/source-file.ts';
import { type TextPlace, textLines } from '../imports/text-lines.ts';
import type { FeedLine, FeedReader, RefusedLine } from './feed-line.ts';
import { CsvReader, type HeaderTrouble, readCsvHeader } from './read-csv.ts';
import { LdifReader } from './read-ldif.ts';

/** The two forms of a feed. */
export type FeedForm = 'csv' | 'ldif';

/** What is taken together, and where the next batch begins. */
export type FeedBatch = { readonly lines: readonly FeedLine[]; readonly refused: readonly RefusedLine[]; readonly next: TextPlace };

/** A feed whose header was understood, from its first line of people on. */
export type OpenFeed = { readonly reader: FeedReader; readonly from: TextPlace; readonly ignored: readonly string[] };

/** Large enough for the cost of a transaction to vanish, small enough to be done in well under a second. */
const batchLines = 10_000;
const longestLineBytes = 16 * 1024;

/** What a file's name says of its form. */
export function formOf(name: string): FeedForm {
  return /\.ldif(\.zip)?$/i.test(name) ? 'ldif' : 'csv';
}

/** Reads the header, or says why it is none. Throws SourceProblem. */
export async function openFeed(source: SourceFile, form: FeedForm): Promise<OpenFeed | HeaderTrouble> {
  // Births are told within the day, and the day begins in Paris before it does here.
  const today = new Date(Date.now() + 24 * 3_600_000).toISOString().slice(0, 10);
  const start = { byte: 0, line: 0 };
  if (form === 'ldif') return { reader: new LdifReader(today), from: start, ignored: [] };
  for await (const line of textLines(source.read(0), start, longestLineBytes)) {
    const header = readCsvHeader(line);
    if ('trouble' in header) return header;
    return { reader: new CsvReader(header, today), from: { byte: line.endsAt, line: line.line }, ignored: header.ignored };
  }
  return { trouble: 'no-header', columns: [] };
}

/** What the text says from a place on; the last batch ends where the text does. Throws SourceProblem. */
export async function* feedBatches(source: SourceFile, { reader }: OpenFeed, from: TextPlace): AsyncGenerator<FeedBatch> {
  let lines: FeedLine[] = [];
  let refused: RefusedLine[] = [];
  let next = from;
  let end = from;
  const keep = (items: ReturnType<FeedReader['take']>) => {
    for (const item of items) {
      if ('because' in item.says) refused.push(item.says);
      else lines.push(item.says);
      next = item.next;
    }
  };
  for await (const line of textLines(source.read(from.byte), from, longestLineBytes)) {
    keep(reader.take(line));
    end = { byte: line.endsAt, line: line.line };
    if (lines.length + refused.length < batchLines) continue;
    yield { lines, refused, next };
    lines = [];
    refused = [];
  }
  keep(reader.end());
  if (end.byte > from.byte) yield { lines, refused, next: end };
}
