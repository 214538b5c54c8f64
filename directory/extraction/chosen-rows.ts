// One row for each person, structure and address of an extraction, out of the lines that tell of them: of several, that of the first
// address, then of the first line, so that the order of a file decides nothing when each is told of once. Temporary tables, gone with
// the transaction.
import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../../src/database/tables.ts';

const structureNames = [
  'sign',
  'location_extra',
  'distribution_extra',
  'street_number',
  'street_number_extra',
  'street_type',
  'street_name',
  'place_name',
  'routing_line',
  'postal_code',
  'department',
  'country',
];

const practiceNames = ['category_code', 'category', 'profession_code', 'profession', 'skill_code', 'skill'];

/** What the extraction says of a structure but its name, of the table named so. */
export function structureColumns(table: string): RawBuilder<unknown> {
  return qualified(table, structureNames);
}

/** What the extraction says of a practice but its place, of the table named so. */
export function practiceColumns(table: string): RawBuilder<unknown> {
  return qualified(table, practiceNames);
}

function qualified(table: string, columns: readonly string[]): RawBuilder<unknown> {
  return sql.raw(columns.map((column) => `${table}.${column}`).join(', '));
}

/** Temporary table `import_people`: rpps, civility, family_name, given_name, profession. */
export async function choosePeople(trx: Trx, importId: number): Promise<void> {
  await sql`
    create temp table import_people on commit drop as
    select f.rpps, coalesce(f.civility, '') as civility, coalesce(f.family_name, '') as family_name,
      coalesce(f.given_name, '') as given_name, coalesce(p.profession, '') as profession
    from (
      select distinct on (rpps) rpps, civility, family_name, given_name from import_lines
      where import_id = ${importId} and not refused and rpps is not null order by rpps, address collate "C", line_no) f
    left join (
      select distinct on (rpps) rpps, profession from import_lines
      where import_id = ${importId} and not refused and rpps is not null and profession is not null
      order by rpps, address collate "C", line_no) p using (rpps)`.execute(trx);
  await sql`analyze import_people`.execute(trx);
}

/** Temporary table `import_structures`: structure_id, name, and the columns of structureColumns(). */
export async function chooseStructures(trx: Trx, importId: number): Promise<void> {
  await sql`
    create temp table import_structures on commit drop as
    select distinct on (l.structure_id) l.structure_id, coalesce(l.structure_name, '') as name, ${structureColumns('l')}
    from import_lines l where l.import_id = ${importId} and not l.refused and l.structure_id is not null
    order by l.structure_id, l.address collate "C", l.line_no`.execute(trx);
  await sql`analyze import_structures`.execute(trx);
}

/**
 * Temporary tables `import_boxes`: address, type, rpps, structure_id, service, paperless, label; and `import_practices`: address, position
 * and the columns of practices. An address with one line that tells of no practice has none. Needs the two above.
 */
export async function chooseBoxes(trx: Trx, importId: number): Promise<void> {
  await sql`
    create temp table import_boxes on commit drop as
    select b.address, b.type, b.rpps, b.structure_id, b.service, b.paperless,
      coalesce(nullif(
        case when b.type in ('PER', 'CAB')
          then concat_ws(' ', nullif(p.civility, ''), nullif(p.given_name, ''), nullif(p.family_name, ''))
          else concat_ws(', ', coalesce(s.sign, nullif(s.name, '')), b.service) end, ''),
        split_part(b.address, '@', 1)) as label
    from (
      select distinct on (address) address, type, rpps, structure_id, service, paperless from import_lines
      where import_id = ${importId} and not refused order by address, line_no) b
    left join import_people p using (rpps)
    left join import_structures s using (structure_id)`.execute(trx);
  await sql`alter table import_boxes add primary key (address)`.execute(trx);
  await sql`
    create temp table import_practices on commit drop as
    select address, position, ${practiceColumns('n')}, structure_id, service from (
      select l.address, l.structure_id, l.service, ${practiceColumns('l')},
        row_number() over (partition by l.address order by l.line_no) as position,
        count(*) over (partition by l.address) as lines
      from import_lines l where l.import_id = ${importId} and not l.refused) n
    where lines > 1 or num_nonnulls(${practiceColumns('n')}) > 0`.execute(trx);
  await sql`alter table import_practices add primary key (address, position)`.execute(trx);
  await sql`analyze import_boxes`.execute(trx);
  await sql`analyze import_practices`.execute(trx);
}
