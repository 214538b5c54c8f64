// One line of the national extraction: its bytes checked, its cells read, its identifiers put in our form. Nothing is compared with the
// registry here. Requirements 18, 20 and 24.
import { isUtf8 } from 'node:buffer';
import { type Address, localPart, parseAddress } from '../../src/core/address.ts';
import { parseIns } from '../../src/core/ins.ts';
import { hiddenCharacters, longestCell } from './cell-text.ts';
import { type ExtractionField, type ExtractionHeader, plainFields, structureFields } from './columns.ts';
import { readPersonId, readStructureId } from './identifiers.ts';
import type { LineRefusal, LineRemark } from './line-reasons.ts';

/** A line longer than this is refused without being read: 16 KiB. */
export const longestLineBytes = 16 * 1024;

type PlainField = (typeof plainFields)[number];

const personFields: readonly PlainField[] = ['civility', 'familyName', 'givenName'];

/** A line that is taken; an empty cell is ''. */
export type ExtractionLine = { readonly [Field in PlainField]: string } & {
  readonly address: Address;
  readonly type: 'PER' | 'ORG' | 'CAB' | 'APP';
  /** 11 digits, for PER and CAB; else ''. */
  readonly rpps: string;
  /** `1` + FINESS or `3` + SIRET, or ''. */
  readonly structureId: string;
  readonly isPaperless: boolean;
  readonly remarks: readonly { readonly reason: LineRemark; readonly field: ExtractionField }[];
};

/** A line that is refused; `address` when it could be read nonetheless: whoever has it is not gone. */
export type RefusedLine = { readonly refused: LineRefusal; readonly field?: ExtractionField; readonly address?: Address };

/** Reads a line; undefined when it is blank. Bytes undefined: longer than longestLineBytes. */
export function readLine(bytes: Buffer | undefined, header: ExtractionHeader): ExtractionLine | RefusedLine | undefined {
  if (!bytes) return { refused: 'line-too-long' };
  if (bytes.length === 0) return undefined;
  if (bytes.includes(0)) return { refused: 'nul' };
  if (!isUtf8(bytes)) return { refused: 'not-utf8' };
  // NOTE: a tab is no command here: people copy it from tables.
  const text = bytes.toString('utf8').replaceAll('\t', ' ').normalize('NFC');
  if (hiddenCharacters.test(text)) return { refused: 'hidden-character' };
  if (text.trim() === '') return undefined;
  const cells = text.split('|');
  if (cells.length < header.cells) return { refused: 'cells-missing' };
  if (cells.length > header.cells) return { refused: 'cells-extra' };
  return readCells((field) => cells[header.at[field] ?? -1]?.trim() ?? '');
}

function readCells(cell: (field: ExtractionField) => string): ExtractionLine | RefusedLine {
  const address = parseAddress(cell('address'));
  const refuse = (refused: LineRefusal, field: ExtractionField): RefusedLine => ({ refused, field, ...(address && { address }) });
  if (!address) return refuse(cell('address') === '' ? 'address-missing' : 'address-shape', 'address');
  // A matricule must not enter the registry of professionals, nor anything that shows it.
  if (parseIns(localPart(address))) return { refused: 'address-citizen', field: 'address' };
  const type = typeOf(cell('type'));
  if (!type) return refuse(cell('type') === '' ? 'type-missing' : 'type-unknown', 'type');
  const isPersons = type === 'PER' || type === 'CAB';

  const person = readPersonId(cell('personIdKind'), cell('personId'), cell('personNationalId'));
  if (isPersons && person.found !== 'rpps') return refuse(person.found === 'none' ? 'person-missing' : person.found, 'personId');
  if (isPersons && cell('familyName') === '') return refuse('name-missing', 'familyName');

  const structure = readStructureId(cell('structureIdKind'), cell('structureId'));
  if (structure.found === 'structure-shape') return refuse('structure-shape', 'structureId');
  if (!isPersons && structure.found !== 'structure') {
    return refuse(structure.found === 'none' ? 'structure-missing' : 'structure-kind', 'structureId');
  }
  const isPaperless = readPaperless(cell('paperless'));
  if (isPaperless === undefined) return refuse('paperless-word', 'paperless');

  const isLeftOut = structure.found !== 'structure' && (structure.found !== 'none' || structureFields.some((field) => cell(field) !== ''));
  const isPersonLeftOut = !isPersons && (person.found !== 'none' || personFields.some((field) => cell(field) !== ''));
  const leftOut: readonly PlainField[] = [...(isLeftOut ? structureFields : []), ...(isPersonLeftOut ? personFields : [])];
  const plain: Partial<Record<PlainField, string>> = {};
  for (const field of plainFields) {
    const text = cell(field);
    if (text.length > longestCell) return refuse('cell-too-long', field);
    plain[field] = leftOut.includes(field) ? '' : text;
  }
  return {
    ...(plain as Record<PlainField, string>),
    address,
    type,
    rpps: isPersons && person.found === 'rpps' ? person.rpps : '',
    structureId: structure.found === 'structure' ? structure.structureId : '',
    isPaperless,
    remarks: [
      ...(isLeftOut ? [{ reason: 'structure-left-out', field: 'structureId' } as const] : []),
      ...(isPersonLeftOut ? [{ reason: 'person-left-out', field: 'personId' } as const] : []),
    ],
  };
}

function typeOf(text: string): ExtractionLine['type'] | undefined {
  const type = text.toUpperCase();
  return type === 'PER' || type === 'ORG' || type === 'CAB' || type === 'APP' ? type : undefined;
}

function readPaperless(text: string): boolean | undefined {
  const word = text.toUpperCase();
  if (word === 'O' || word === 'OUI') return true;
  return word === '' || word === 'N' || word === 'NON' ? false : undefined;
}
