// A CSV file of operations, from bytes to what each line asks for: `;`, `,` or a tab between cells, a header in French, quotes as RFC 4180
// has them, one line a record. Everything is read and checked before anything is done.
import { isUtf8 } from 'node:buffer';
import { splitCells } from '../../../directory/feed/csv-cells.ts';
import { RefusedError } from '../../core/errors.ts';
import { UsageError } from '../failures.ts';
import type { CommandWorld } from '../with-database.ts';
import { type Column, columns, type Operation, type RefusedLine } from './operation.ts';
import { type Cells, readOperation } from './read-operation.ts';

/** Lines of one file at most: they are one transaction. */
export const mostLines = 50_000;

/** What a file asks for, in the order of its lines, and the lines that were not understood. */
export type ReadOperations = { readonly operations: readonly Operation[]; readonly refused: readonly RefusedLine[] };

/** Reads a file's bytes. Throws RefusedError for what is no such file. */
export function readOperations(world: CommandWorld, bytes: Buffer): ReadOperations {
  if (!isUtf8(bytes)) throw new RefusedError('bulk-not-utf8', 'Ce fichier n’est pas en UTF-8 : enregistrez-le ainsi');
  const lines = bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split(/\r?\n/);
  const { separator, header } = readHeader(lines[0] ?? '');
  if (lines.length - 1 > mostLines) throw new RefusedError('bulk-too-long', `Un fichier a ${mostLines} lignes au plus : partagez-le`);
  const operations: Operation[] = [];
  const refused: RefusedLine[] = [];
  for (const [at, text] of lines.entries()) {
    if (at === 0 || text.trim() === '') continue;
    const read = readLine(world, at + 1, splitCells(text, separator), header);
    if ('sentence' in read) refused.push(read);
    else operations.push(read);
  }
  return { operations, refused };
}

type Header = readonly Column[];

function readHeader(line: string): { readonly separator: string; readonly header: Header } {
  const count = (mark: string) => line.split(mark).length;
  const separator = [';', ',', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
  const names = (splitCells(line, separator) ?? []).map(fold);
  const header = names.map((name) => columns.find((column) => column === name));
  const known = header.filter((column) => column !== undefined);
  if (!known.includes('action') || !known.includes('adresse')) {
    throw new RefusedError('bulk-header', 'La première ligne doit nommer les colonnes, dont « action » et « adresse »');
  }
  const stranger = header.indexOf(undefined);
  if (stranger !== -1) {
    throw new RefusedError('bulk-header', `La colonne ${stranger + 1} n’est pas connue ; les colonnes sont ${columns.join(', ')}`);
  }
  if (new Set(known).size < known.length) throw new RefusedError('bulk-header', 'Une colonne est là deux fois');
  return { separator, header: known };
}

/** `Sans papier` is `sans_papier`. */
function fold(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z]+/g, '_')
    .replace(/^_|_$/g, '');
}

function readLine(world: CommandWorld, line: number, values: readonly string[] | undefined, header: Header): Operation | RefusedLine {
  if (values === undefined) return { line, sentence: 'Guillemets mal placés ou jamais refermés.' };
  if (values.length !== header.length) {
    return { line, sentence: `${values.length} cases au lieu de ${header.length}.` };
  }
  const cells: Cells = new Map(
    header.map((column, at) => [column, (values[at] ?? '').trim()] as const).filter(([, value]) => value !== ''),
  );
  let column: Column | undefined;
  const at = (name: Column) => {
    column = name;
    return cells.get(name);
  };
  try {
    return readOperation(world, line, cells, at);
  } catch (error) {
    if (error instanceof UsageError) return { line, ...(column && { column }), sentence: error.message };
    if (error instanceof RefusedError) return { line, ...(column && { column }), sentence: `${error.publicText}.` };
    throw error;
  }
}
