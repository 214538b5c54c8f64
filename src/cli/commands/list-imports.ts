// `passerelle directory imports`: what files fed the registry, and line by line what was refused in one. Requirement 24.
import type { Command } from 'commander';
import { type ImportRecord, listImports, readImport } from '../../../directory/imports/import-record.ts';
import { listRejects } from '../../../directory/imports/rejects.ts';
import { RefusedError } from '../../core/errors.ts';
import { type Answer, dateText, tableText } from '../answer.ts';
import { UsageError } from '../failures.ts';
import { limitHelp, parseLimit } from '../history-text.ts';
import { importStates, reasonsText, recordText, rejectsText } from '../import-text.ts';
import { operatorCommand } from '../operator-command.ts';
import { type CommandWorld, withDatabase } from '../with-database.ts';

const kinds = { extraction: 'extraction nationale', citizens: 'citoyens' } as const satisfies Record<ImportRecord['kind'], string>;

/** The latest first; with a number, that one and its rejects, of which the first ones are kept. */
export function listImportsCommand(): Command {
  return operatorCommand('imports', 'Liste les imports, du plus récent au plus ancien ; avec un numéro, les lignes refusées de celui-là')
    .argument('[numéro]', 'numéro d’un import de cette liste')
    .option('--limit <nombre>', limitHelp, '50')
    .action(
      withDatabase<[string | undefined], { limit: string }>(async (world, [typed], options) => {
        const limit = parseLimit(options.limit);
        return typed === undefined ? list(world, limit) : show(world, typed, limit);
      }),
    );
}

async function list({ db }: CommandWorld, limit: number): Promise<Answer> {
  const records = await listImports(db, { limit });
  const rows = records.map((record) => [
    String(record.importId),
    kinds[record.kind],
    record.source,
    importStates[record.state],
    String(record.linesTaken),
    String(record.refused),
    dateText(record.startedAt),
    record.by,
  ]);
  const table = tableText(['Numéro', 'Quoi', 'Fichier', 'État', 'Prises', 'Refusées', 'Commencé', 'Par'], rows);
  return { json: records, text: records.length === 0 ? 'Aucun import.' : table };
}

async function show({ db }: CommandWorld, typed: string, limit: number): Promise<Answer> {
  if (!/^\d{1,15}$/.test(typed)) throw new UsageError('Un import se nomme par le numéro que donne passerelle directory imports.');
  const record = await readImport(db, Number(typed));
  if (!record) throw new RefusedError('import-unknown', 'Aucun import n’a ce numéro');
  const rejects = await listRejects(db, record.importId, limit);
  const text = [recordText(record), ...reasonsText(record), ...rejectsText(rejects, record.refused + record.noted)].join('\n');
  return { json: { ...record, rejects }, text };
}
