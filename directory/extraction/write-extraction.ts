// The registry as a national extraction: 31 columns parted by `|`, a line per practice. What is imported from it makes the same registry
// again. Requirements 19 and 24.
import { sql } from 'kysely';
import type { Db } from '../../src/database/tables.ts';
import { cellOf } from './cell-text.ts';
import { columnNames, extractionFields } from './columns.ts';

const pageAddresses = 2000;

/**
 * The text, piece by piece, in the order of addresses; bounded memory whatever their number. Red-listed, unpublished, shut and APP
 * mailboxes are not in it. `isAll` adds those listed elsewhere. Each address is as it stands when its piece is read.
 */
export async function* writeExtraction(
  db: Db,
  { isAll = false }: { readonly isAll?: boolean } = {},
): AsyncGenerator<string, void, undefined> {
  yield `${extractionFields.map((field) => columnNames[field]).join('|')}\n`;
  for (let after = ''; ; ) {
    const { rows } = await readPage(db, after, isAll);
    const last = rows.at(-1);
    if (!last) return;
    yield rows.map(({ cells }) => `${cells.map(cellOf).join('|')}\n`).join('');
    after = last.address;
  }
}

// A practice without structure or service is in those of its address when no other practice of it says better. The one who answers for a
// structure's mailbox is no public matter. What a professional is, in words, stands for the practices that a mailbox kept here lacks.
async function readPage(db: Db, after: string, isAll: boolean) {
  return await sql<{ address: string; cells: (string | null)[] }>`
    with page as (
      select * from addresses
      where address > ${after} and published and not red_list and type <> 'APP' and state in ('active', 'reopened') and (hosted or ${isAll})
      order by address limit ${pageAddresses}),
    lines as (
      select page.address, page.type, page.hosted, page.paperless, page.rpps, p.position,
        p.category_code, p.category, p.profession_code, p.profession, p.skill_code, p.skill,
        coalesce(p.structure_id, case
          when page.type = 'ORG' or bool_and(p.structure_id is null) over (partition by page.address) then page.structure_id end) as structure_id,
        coalesce(p.service, case
          when bool_and(p.service is null) over (partition by page.address) then page.service end) as service
      from page left join practices p using (address))
    select l.address, array[
      l.type, l.address, case when h.rpps is not null then '8' end, h.rpps, '8' || h.rpps,
      left(l.structure_id, 1), l.structure_id, l.service, h.civility, h.family_name, h.given_name,
      l.category_code, l.category, l.profession_code,
      coalesce(l.profession, case when l.hosted and l.position is null then h.profession end), l.skill_code, l.skill,
      case when l.paperless then 'O' else 'N' end,
      s.name, s.sign, s.location_extra, s.distribution_extra, s.street_number, s.street_number_extra, s.street_type, s.street_name,
      s.place_name, s.routing_line, s.postal_code, s.department, s.country] as cells
    from lines l
    left join professionals h on l.type in ('PER', 'CAB') and h.rpps = l.rpps
    left join structures s using (structure_id)
    order by l.address, l.position`.execute(db);
}
