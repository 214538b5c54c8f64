// Writes back what a batch changed: those who are new, those who differ, the matricules they had before.
import { sql } from 'kysely';
import type { Ins } from '../../src/core/ins.ts';
import type { Trx } from '../../src/database/tables.ts';
import { together } from '../../src/database/together.ts';
import type { MatriculeMove } from '../matricules.ts';
import { type FeedRow, feedColumns, isChanged, type Person, type RegistryImage } from './registry-image.ts';

const types: Readonly<Record<keyof FeedRow, 'text' | 'smallint' | 'boolean'>> = {
  ins: 'text',
  ins_arc: 'smallint',
  qualified: 'boolean',
  birth_name: 'text',
  first_given_name: 'text',
  given_names: 'text',
  used_name: 'text',
  used_given_name: 'text',
  birth_date: 'text',
  birth_place: 'text',
  sex: 'text',
  state: 'text',
};

/** The rows as arrays, a column each. */
function asArrays(rows: readonly FeedRow[]) {
  return sql.join(feedColumns.map((column) => sql`${rows.map((row) => row[column])}::${sql.raw(types[column])}[]`));
}

const columns = sql.join(feedColumns.map((column) => sql.ref(column)));

/** Those of the image who stood in the registry and are to be written. */
export function changedPeople(image: RegistryImage): (Person & { citizenId: number })[] {
  const isOld = (person: Person): person is Person & { citizenId: number } => person.citizenId !== undefined;
  return [...new Set(image.values())].filter(isOld).filter((person) => isChanged(person) || person.newFormers.size > 0);
}

/** Those of the image whose matricule gives way to another one. */
export function movesIn(image: RegistryImage): MatriculeMove[] {
  return changedPeople(image).flatMap(({ citizenId, before, row }) =>
    before === undefined || before.ins === row.ins ? [] : [{ citizenId, from: before.ins, to: row.ins }],
  );
}

/**
 * Keeps these citizens as they are until the transaction ends, in the order of their numbers. Unless matricules are `moving`, mailboxes are
 * made for them meanwhile.
 */
export async function lockCitizens(trx: Trx, citizenIds: readonly number[], moving: boolean): Promise<void> {
  await sql`
    select from citizens where citizen_id = any(${citizenIds}::bigint[]) order by citizen_id
    ${moving ? sql`for update` : sql`for no key update`}`.execute(trx);
}

/**
 * Writes the image back, and returns everybody's number by the matricule they have now. A matricule that somebody else has written
 * meanwhile fails the statement (23505): the batch is then done again.
 */
export async function writeImage(trx: Trx, image: RegistryImage): Promise<Map<Ins, number>> {
  const people = [...new Set(image.values())];
  const changed = changedPeople(image).filter(isChanged);
  const created = people.filter((person) => person.citizenId === undefined).map((person) => person.row);
  // Matricules change hands only through former ones, so that new rows never wait for an update to free theirs.
  const [ids] = await together([insertCitizens(trx, created), updateCitizens(trx, changed)]);
  for (const { citizenId, row } of people) if (citizenId !== undefined) ids.set(row.ins, citizenId);
  const formers = people.flatMap(({ row, newFormers }) => [...newFormers].map((ins) => ({ ins, id: ids.get(row.ins) ?? 0 })));
  if (formers.length > 0) {
    await sql`
      insert into former_matricules (ins, citizen_id)
      select ins, id from unnest(${formers.map(({ ins }) => ins)}::text[], ${formers.map(({ id }) => id)}::bigint[]) as former (ins, id)
      on conflict (ins) do nothing`.execute(trx);
  }
  const current = changed.filter(({ before, row }) => before?.ins !== row.ins).map(({ row }) => row.ins);
  if (current.length > 0) await sql`delete from former_matricules where ins = any(${current}::text[])`.execute(trx);
  return ids;
}

async function insertCitizens(trx: Trx, rows: readonly FeedRow[]): Promise<Map<Ins, number>> {
  if (rows.length === 0) return new Map();
  const inserted = await sql<{ ins: Ins; citizen_id: number }>`
    insert into citizens (${columns}) select * from unnest(${asArrays(rows)}) returning ins, citizen_id`.execute(trx);
  return new Map(inserted.rows.map((row) => [row.ins, row.citizen_id]));
}

async function updateCitizens(trx: Trx, people: readonly (Person & { citizenId: number })[]): Promise<void> {
  if (people.length === 0) return;
  const rows = people.map((person) => person.row);
  await sql`
    update citizens c set
      ${sql.join(feedColumns.map((column) => sql`${sql.ref(column)} = n.${sql.ref(column)}`))},
      state_since = case when c.state = n.state then c.state_since else now() end
    from unnest(${people.map((person) => person.citizenId)}::bigint[], ${asArrays(rows)}) as n (citizen_id, ${columns})
    where c.citizen_id = n.citizen_id`.execute(trx);
}
