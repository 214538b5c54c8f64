// A registry, a folder, and feeds given to it.
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect } from 'vitest';
import { type ExportedForm, exportCitizens } from '../../../directory/feed/export-citizens.ts';
import { type FeedOutcome, type FeedRequest, runFeed } from '../../../directory/feed/run-feed.ts';
import { listRejects } from '../../../directory/imports/rejects.ts';
import { directoryMigrations } from '../../../directory/migrations/set.ts';
import { type Ins, insKey, parseIns } from '../../../src/core/ins.ts';
import type { Db } from '../../../src/database/tables.ts';
import { createTestDatabase } from '../../support/database.ts';
import { nothingToMove } from './nothing-to-move.ts';

/** The columns of most tests, in an order of their own. */
export const header = 'matricule;nom_naissance;premier_prenom;date_naissance;sexe;etat;matricule_precedent;representants';

/** A matricule from its 13 characters. */
export function ins(body: string): Ins {
  return parseIns(`${body}${insKey(body)}`) ?? expect.fail('not a matricule');
}

/** A line for somebody, the columns after the traits as given. */
export function line(
  matricule: string,
  { state = '', former = '', guardians = '', name = 'MARTIN', birthDate = '1979-03-28' } = {},
): string {
  return `${matricule};${name};LÉA;${birthDate};F;${state};${former};${guardians}`;
}

/** Opens one; `close` drops everything. */
export async function openFeedTown() {
  const database = await createTestDatabase([directoryMigrations], 8);
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-feed-'));
  const { db } = database;
  let files = 0;
  /** Writes a file; the name says its form. */
  const write = async (content: string | Buffer, extension = 'csv') => {
    files += 1;
    const file = join(folder, `feed-${files}.${extension}`);
    await writeFile(file, content);
    return file;
  };
  const take = (source: string, options: Partial<FeedRequest> = {}) =>
    runFeed({ db, source, by: 'test', moveAlong: nothingToMove, ...options });
  return {
    db,
    folder,
    connection: database.connection,
    write,
    take,
    /** Takes lines of CSV under the usual header. */
    takeLines: async (lines: readonly string[], options: Partial<FeedRequest> = {}) =>
      take(await write([header, ...lines, ''].join('\n')), options),
    /** Reasons and lines of what an import refused. */
    refusals: async (outcome: FeedOutcome) => {
      const rejects =
        'record' in outcome ? await listRejects(db, outcome.record.importId, 1000) : 'rejects' in outcome ? outcome.rejects : [];
      return rejects.map(({ line: at, column, reason }) => [at, column, reason]);
    },
    exportTo: (to: ExportedForm) => exported(db, to),
    addTo: (file: string, content: string) => appendFile(file, content),
    citizens: () => citizensOf(db),
    async close() {
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What openFeedTown opens. */
export type FeedTown = Awaited<ReturnType<typeof openFeedTown>>;

/** A whole export in one text. */
export async function exported(db: Db, to: ExportedForm): Promise<string> {
  let text = '';
  for await (const piece of exportCitizens(db, to)) text += piece;
  return text;
}

/** Everything the feed writes, by matricule: equal registries have equal tables. */
async function citizensOf(db: Db): Promise<unknown[]> {
  const { rows } = await sql`
    select c.ins, c.ins_arc, c.qualified, c.birth_name, c.first_given_name, c.given_names, c.used_name, c.used_given_name, c.birth_date,
      c.birth_place, c.sex, c.state,
      (select array_agg(f.ins order by f.ins) from former_matricules f where f.citizen_id = c.citizen_id) as formers,
      (select array_agg(g.ins || ' ' || p.kind order by g.ins) from attached_profiles p join citizens g on g.citizen_id = p.guardian_id
        where p.ward_id = c.citizen_id) as guardians,
      (select array_agg(a.guardian_ins order by a.guardian_ins) from awaited_guardians a where a.ward_id = c.citizen_id) as awaited
    from citizens c order by c.ins`.execute(db);
  return rows;
}
