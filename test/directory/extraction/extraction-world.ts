// A registry to import extractions into, and lines to import, written cell by cell.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { columnNames, type ExtractionField, extractionFields } from '../../../directory/extraction/columns.ts';
import { type ImportOutcome, type ImportRequest, runImport } from '../../../directory/extraction/run-import.ts';
import { writeExtraction } from '../../../directory/extraction/write-extraction.ts';
import { directoryMigrations } from '../../../directory/migrations/set.ts';
import type { Db } from '../../../src/database/tables.ts';
import { createTestDatabase } from '../../support/database.ts';

type Cells = Partial<Record<ExtractionField, string>>;

/** A registry of one's own, and a folder for files. */
export type ExtractionWorld = {
  readonly db: Db;
  /** Writes a file; its path. */
  write(name: string, content: string | Buffer): Promise<string>;
  /** Imports a file, for a gateway that hosts `ici.mssante.fr` and the citizens' domain. */
  run(file: string, options?: Partial<ImportRequest>): Promise<ImportOutcome>;
  /** Writes and imports lines. */
  take(lines: readonly string[], options?: Partial<ImportRequest>): Promise<ImportOutcome>;
  /** The registry as an extraction. */
  export(isAll?: boolean): Promise<string>;
  close(): Promise<void>;
};

/** The header as this gateway writes it. */
export const headerLine = extractionFields.map((field) => columnNames[field]).join('|');

/** A line of these cells, the others empty. */
export function lineOf(cells: Cells): string {
  return extractionFields.map((field) => cells[field] ?? '').join('|');
}

/** The cells of a doctor's mailbox, changed as wanted. */
export function person(cells: Cells = {}): Cells {
  const structure = { structureIdKind: '1', structureId: '1990001014', structureName: 'Clinique de test', postalCode: '34000' };
  const work = { categoryCode: 'C', category: 'Civil', professionCode: '10', profession: 'Médecin' };
  const name = { civility: 'Dr', familyName: 'MARTIN', givenName: 'Léa' };
  const id = { personIdKind: '8', personId: '99700101005', personNationalId: '899700101005' };
  return { type: 'PER', address: 'lea.martin@medecin.fictif.mssante.fr', ...id, ...name, ...work, ...structure, paperless: 'O', ...cells };
}

/** The cells of a structure's mailbox, changed as wanted. */
export function organisation(cells: Cells = {}): Cells {
  const structure = { structureIdKind: '1', structureId: '1990001014', structureName: 'Clinique de test', postalCode: '34000' };
  return { type: 'ORG', address: 'accueil@clinique.fictif.mssante.fr', service: 'Accueil', paperless: 'N', ...structure, ...cells };
}

/** Makes one. */
export async function extractionWorld(): Promise<ExtractionWorld> {
  const { db, close } = await createTestDatabase([directoryMigrations]);
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-extraction-'));
  let files = 0;
  const world: ExtractionWorld = {
    db,
    async write(name, content) {
      const file = join(folder, name);
      await writeFile(file, content);
      return file;
    },
    run: (source, options = {}) => runImport({ db, source, hosted: ['ici.mssante.fr', 'patient.mssante.fr'], by: 'test', ...options }),
    async take(lines, options) {
      files += 1;
      return await world.run(await world.write(`${files}.txt`, `${[headerLine, ...lines].join('\n')}\n`), options);
    },
    async export(isAll = true) {
      let text = '';
      for await (const piece of writeExtraction(db, { isAll })) text += piece;
      return text;
    },
    async close() {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return world;
}
