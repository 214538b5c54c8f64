// Lines of an extraction that wait to be applied, in `import_lines`: written in batches, each with the progress it makes, so that a process
// that dies leaves whole batches and the byte where the next one begins.
import { sql } from 'kysely';
import type { Trx } from '../../src/database/tables.ts';
import { type Progress, recordProgress } from '../imports/import-record.ts';
import { keepRejects, type Reject } from '../imports/rejects.ts';
import type { TextLine } from '../imports/text-lines.ts';
import { columnNames, type ExtractionHeader, plainFields } from './columns.ts';
import { reasonWords } from './line-reasons.ts';
import { type ExtractionLine, type RefusedLine, readLine } from './read-line.ts';

/** Lines that are staged together. */
export type Batch = { readonly staged: readonly string[]; readonly rejects: readonly Reject[]; readonly progress: Progress };

/** Gathers the lines of one batch. */
export class BatchWriter {
  readonly #header: ExtractionHeader;
  #staged: string[] = [];
  #rejects: Reject[] = [];
  #taken = 0;
  #lines = 0;

  constructor(header: ExtractionHeader) {
    this.#header = header;
  }

  /** Lines added since the last take(). */
  get lines(): number {
    return this.#lines;
  }

  add({ line, bytes }: TextLine): void {
    this.#lines += 1;
    const read = readLine(bytes, this.#header);
    if (!read) return;
    if ('refused' in read) this.#refuse(line, read);
    else this.#take(line, read);
  }

  /** The batch until `place`; the next one is empty. */
  take(place: { readonly line: number; readonly endsAt: number }): Batch {
    const progress = { bytesDone: place.endsAt, linesDone: place.line, linesTaken: this.#taken };
    const batch = { staged: this.#staged, rejects: this.#rejects, progress };
    this.#staged = [];
    this.#rejects = [];
    this.#taken = 0;
    this.#lines = 0;
    return batch;
  }

  #refuse(line: number, { refused, field, address }: RefusedLine): void {
    const column = field && columnNames[field];
    this.#rejects.push({ line, ...(column && { column }), reason: refused, sentence: reasonWords[refused], isTaken: false });
    if (address) this.#staged.push(`${line}|t|${address}`);
  }

  #take(line: number, read: ExtractionLine): void {
    this.#taken += 1;
    this.#staged.push(`${line}|f|${stagedCells.map((field) => read[field]).join('|')}|${read.isPaperless ? 't' : 'f'}`);
    for (const { reason, field } of read.remarks) {
      this.#rejects.push({ line, column: columnNames[field], reason, sentence: reasonWords[reason], isTaken: true });
    }
  }
}

/** Cells in the order of `stagedColumns`; `paperless` comes after them. */
const stagedCells = ['address', 'type', 'rpps', 'structureId', ...plainFields] as const;

const stagedColumns = sql.raw(`
  line_no, refused, address, type, rpps, structure_id, service, civility, family_name, given_name, category_code, category,
  profession_code, profession, skill_code, skill, structure_name, sign, location_extra, distribution_extra, street_number,
  street_number_extra, street_type, street_name, place_name, routing_line, postal_code, department, country, paperless`);

const stagedValues = sql.raw(
  ['c[1]::bigint', 'c[2]::boolean', ...stagedCells.map((_, index) => `c[${index + 3}]`), `c[${stagedCells.length + 3}]::boolean`].join(
    ', ',
  ),
);

/**
 * Writes a batch and the progress it makes. Lines travel as one text, for no cell holds a `|` nor an end of line: cheaper than an array a
 * column. An empty cell is null.
 */
export async function stageBatch(trx: Trx, importId: number, { staged, rejects, progress }: Batch): Promise<void> {
  if (staged.length > 0) {
    // Materialized, or each column would part the line anew.
    await sql`
      with lines (c) as materialized (
        select string_to_array(line, '|', '') from string_to_table(${staged.join('\n')}, e'\n') as line)
      insert into import_lines (import_id, ${stagedColumns})
      select ${importId}::bigint, ${stagedValues} from lines`.execute(trx);
  }
  await keepRejects(trx, importId, rejects);
  await recordProgress(trx, importId, progress);
}
