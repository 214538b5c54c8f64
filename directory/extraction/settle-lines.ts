// What can be said of a line only beside the others: an address with two types or two holders, a line said twice, a person or a structure
// told of in two ways. Done once, when the last line is read. Requirement 18.
import { sql } from 'kysely';
import type { Trx } from '../../src/database/tables.ts';
import { finishReading } from '../imports/import-record.ts';
import { keepRejects, type Reject } from '../imports/rejects.ts';
import { choosePeople, chooseStructures, practiceColumns, structureColumns } from './chosen-rows.ts';
import { columnNames, type ExtractionField } from './columns.ts';
import { type LineRefusal, type LineRemark, reasonWords } from './line-reasons.ts';

/** Judges the lines of a file that was read to its end, which is then `read`. The first line of an address decides. */
export async function settleLines(trx: Trx, importId: number): Promise<void> {
  await sql`analyze import_lines`.execute(trx);
  await refuseContradictions(trx, importId);
  await remarkDifferences(trx, importId);
  await finishReading(trx, importId);
}

async function refuseContradictions(trx: Trx, importId: number): Promise<void> {
  await sql`
    create temp table settled on commit drop as
    with several as (
      select address from import_lines where import_id = ${importId} and not refused group by address having count(*) > 1),
    lines as (
      select l.line_no, l.type, l.rpps, l.structure_id,
        first_value(l.type) over (partition by l.address order by l.line_no) as first_type,
        first_value(l.rpps) over (partition by l.address order by l.line_no) as first_rpps,
        first_value(l.structure_id) over (partition by l.address order by l.line_no) as first_structure,
        row_number() over (
          partition by l.address, l.type, l.rpps, l.structure_id, l.service, ${practiceColumns('l')} order by l.line_no) as said,
        row_number() over (partition by l.address order by l.line_no) as nth
      from import_lines l join several using (address) where l.import_id = ${importId} and not l.refused)
    select line_no, reason from (
      select line_no, case
        when type <> first_type then 'type-differs'
        when type in ('PER', 'CAB') and rpps <> first_rpps then 'holder-differs'
        when type in ('ORG', 'APP') and structure_id <> first_structure then 'holder-differs'
        when said > 1 then 'repeated'
        when nth > 1000 then 'too-many-practices' end as reason
      from lines) judged
    where reason is not null`.execute(trx);
  const { numAffectedRows } = await sql`
    update import_lines l set refused = true from settled s
    where l.import_id = ${importId} and l.line_no = s.line_no`.execute(trx);
  await sql`update imports set lines_taken = lines_taken - ${numAffectedRows ?? 0n} where import_id = ${importId}`.execute(trx);
  await tell(trx, importId, 'settled', false);
}

async function remarkDifferences(trx: Trx, importId: number): Promise<void> {
  await choosePeople(trx, importId);
  await chooseStructures(trx, importId);
  await sql`
    create temp table remarked on commit drop as
    select l.line_no, 'name-differs' as reason
    from import_lines l join import_people p using (rpps)
    where l.import_id = ${importId} and not l.refused
      and (coalesce(l.civility, ''), coalesce(l.family_name, ''), coalesce(l.given_name, ''))
        is distinct from (p.civility, p.family_name, p.given_name)
    union all
    select l.line_no, 'structure-differs'
    from import_lines l join import_structures s using (structure_id)
    where l.import_id = ${importId} and not l.refused
      and (coalesce(l.structure_name, ''), ${structureColumns('l')}) is distinct from (s.name, ${structureColumns('s')})`.execute(trx);
  await tell(trx, importId, 'remarked', true);
}

const columnsToldOf: Readonly<Partial<Record<LineRefusal | LineRemark, ExtractionField>>> = {
  'type-differs': 'type',
  'holder-differs': 'address',
  'name-differs': 'familyName',
  'structure-differs': 'structureName',
};

/** Writes down what a temporary table says of lines, page by page: there may be as many as lines. */
async function tell(trx: Trx, importId: number, table: 'settled' | 'remarked', isTaken: boolean): Promise<void> {
  const page = 10_000;
  for (let after = 0; ; ) {
    const { rows } = await sql<{ line_no: number; reason: LineRefusal | LineRemark }>`
      select line_no, reason from ${sql.table(table)} where line_no > ${after} order by line_no limit ${page}`.execute(trx);
    const rejects = rows.map(({ line_no, reason }): Reject => {
      const field = columnsToldOf[reason];
      return { line: line_no, ...(field && { column: columnNames[field] }), reason, sentence: reasonWords[reason], isTaken };
    });
    await keepRejects(trx, importId, rejects);
    const last = rows.at(-1);
    if (!last || rows.length < page) return;
    after = last.line_no;
  }
}
