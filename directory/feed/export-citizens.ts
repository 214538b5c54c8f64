// Every citizen of the registry as a feed: what another gateway, or this one, can take again. Read in pages by the primary key, so that
// memory is bounded whatever their number, and nobody waits for the export.
import { sql } from 'kysely';
import { type Ins, type InsArc, insOid } from '../../src/core/ins.ts';
import type { Db } from '../../src/database/tables.ts';
import type { CitizenState } from '../states.ts';
import { joinCells } from './csv-cells.ts';
import { type FeedColumn, feedColumnNames } from './feed-line.ts';
import { ldifHeader, ldifRecord } from './write-ldif.ts';

const pageRows = 2000;

/** CSV speaks French, as its columns; LDIF has the words of the LDAP door, as its attributes. */
const frenchStates: Readonly<Record<CitizenState, string>> = {
  created: 'cree',
  activated: 'active',
  opposed: 'oppose',
  closed: 'ferme',
  reopened: 'rouvert',
};

/** The form, and for LDIF the root of the tree its names end with (the setting `ldap.baseDn`). */
export type ExportedForm = { readonly form: 'csv' } | { readonly form: 'ldif'; readonly baseDn: string };

/**
 * The citizens in the order they became known, as pieces of text to write one after another. Guardians whose time is over are left out,
 * those awaited are told. Somebody who changes meanwhile is told as they were, or as they are.
 */
export async function* exportCitizens(db: Db, to: ExportedForm): AsyncGenerator<string, void, undefined> {
  yield to.form === 'csv' ? joinCells(feedColumnNames) : ldifHeader;
  for (let after = 0; ; ) {
    const page = await readPage(db, after);
    const last = page.at(-1);
    if (!last) return;
    after = last.citizen_id;
    yield page.map((row) => (to.form === 'csv' ? csvLine(row) : ldifRecord(valuesOf(row, row.state), to.baseDn))).join('');
  }
}

function csvLine(row: Row): string {
  const values = valuesOf(row, frenchStates[row.state]);
  return joinCells(feedColumnNames.map((name) => values[name]));
}

type Row = {
  citizen_id: number;
  ins: Ins;
  ins_arc: InsArc;
  qualified: boolean;
  birth_name: string;
  first_given_name: string;
  given_names: string | null;
  used_name: string | null;
  used_given_name: string | null;
  birth_date: string;
  birth_place: string | null;
  sex: 'F' | 'M';
  state: CitizenState;
  formers: readonly Ins[] | null;
  guardians: readonly Ins[] | null;
};

async function readPage(db: Db, after: number): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select c.citizen_id, c.ins, c.ins_arc, c.qualified, c.birth_name, c.first_given_name, c.given_names, c.used_name, c.used_given_name,
      c.birth_date, c.birth_place, c.sex, c.state,
      (select array_agg(f.ins order by f.ins) from former_matricules f where f.citizen_id = c.citizen_id) as formers,
      (select array_agg(ins order by ins) from (
        select g.ins from attached_profiles p join citizens g on g.citizen_id = p.guardian_id
        where p.ward_id = c.citizen_id and (p.until is null or p.until > now())
        union all
        select a.guardian_ins from awaited_guardians a where a.ward_id = c.citizen_id) acting) as guardians
    from citizens c where c.citizen_id > ${after} order by c.citizen_id limit ${pageRows}`.execute(db);
  return rows;
}

function valuesOf(row: Row, state: string): Record<FeedColumn, string> {
  return {
    matricule: row.ins,
    oid: insOid(row.ins_arc),
    nom_naissance: row.birth_name,
    premier_prenom: row.first_given_name,
    prenoms: row.given_names ?? '',
    nom_utilise: row.used_name ?? '',
    prenom_utilise: row.used_given_name ?? '',
    date_naissance: row.birth_date,
    lieu_naissance: row.birth_place ?? '',
    sexe: row.sex,
    qualifiee: row.qualified ? 'oui' : 'non',
    etat: state,
    matricule_precedent: (row.formers ?? []).join(' '),
    representants: (row.guardians ?? []).join(' '),
  };
}
