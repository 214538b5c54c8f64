// What becomes of each address, of the file or of the registry, when an extraction is applied: the one comparison that the plan counts and
// the application obeys.
import { sql } from 'kysely';
import type { Trx } from '../../src/database/tables.ts';
import { chooseBoxes, choosePeople, chooseStructures, practiceColumns, structureColumns } from './chosen-rows.ts';

/** Domains whose mailboxes are kept here, the citizens' among them: what the extraction says of theirs is compared, never applied. */
export type HostedDomains = readonly string[];

/**
 * `returned`: withdrawn before, in the file again. `withdrawn`: listed, not in the file any more. `conflict`: of another type than the one
 * known, and a type never changes (requirement 18). `kept`: left as it is, for its lines were refused. `ours-…`: kept here, or of a domain
 * that is: compared by type, holder, paperless flag and whether it should be listed at all.
 */
export type Fate =
  | 'added'
  | 'changed'
  | 'returned'
  | 'unchanged'
  | 'withdrawn'
  | 'conflict'
  | 'kept'
  | 'ours-same'
  | 'ours-differs'
  | 'ours-unknown'
  | 'ours-not-listed';

/**
 * Temporary tables, gone with the transaction: those of chosen-rows.ts; `import_fates`: address, fate; `import_wanted_people` and
 * `import_wanted_structures`: those named by what is listed, with `fate` added, changed, unchanged or `ours`, which differ from what a
 * mailbox kept here goes by and stay as they are.
 */
export async function compareBoxes(trx: Trx, importId: number, hosted: HostedDomains): Promise<void> {
  await sql`set local work_mem = '64MB'`.execute(trx);
  await choosePeople(trx, importId);
  await chooseStructures(trx, importId);
  await chooseBoxes(trx, importId);
  await comparePractices(trx);
  await sql`
    create temp table import_fates on commit drop as
    select b.address, case
      when a.hosted or split_part(b.address, '@', 2) = any(${hosted}::text[]) then case
        when a.address is null or not a.hosted then 'ours-unknown'
        when a.type = b.type and a.paperless = b.paperless and a.published and not a.red_list and a.state in ('active', 'reopened')
          and case when a.type in ('PER', 'CAB') then a.rpps = b.rpps else a.structure_id = b.structure_id end then 'ours-same'
        else 'ours-differs' end
      when a.address is null then 'added'
      when a.type <> b.type then 'conflict'
      when not a.published then 'returned'
      when d.address is not null or (a.label, a.rpps, a.structure_id, a.service, a.paperless)
        is distinct from (b.label, b.rpps, b.structure_id, b.service, b.paperless) then 'changed'
      else 'unchanged' end as fate
    from import_boxes b left join addresses a using (address) left join import_differing d using (address)
    union all
    select a.address, case
      when a.address in (select address from import_lines where import_id = ${importId} and refused) then 'kept'
      when a.hosted then 'ours-not-listed'
      else 'withdrawn' end
    from addresses a
    where not exists (select from import_boxes b where b.address = a.address) and a.published
      and case when a.hosted then not a.red_list and a.state in ('active', 'reopened') and a.type <> 'APP'
        else split_part(a.address, '@', 2) <> all(${hosted}::text[]) end`.execute(trx);
  await sql`alter table import_fates add primary key (address)`.execute(trx);
  await sql`analyze import_fates`.execute(trx);
  await comparePeople(trx);
  await compareStructures(trx);
}

/** Temporary table `import_differing`: addresses whose practices are not those of the registry. */
async function comparePractices(trx: Trx): Promise<void> {
  await sql`
    create temp table import_differing on commit drop as
    select distinct address
    from import_practices i full join (select p.* from practices p join import_boxes using (address)) p using (address, position)
    where i.structure_id is distinct from p.structure_id or i.service is distinct from p.service
      or (${practiceColumns('i')}) is distinct from (${practiceColumns('p')})
      or i.position is null or p.position is null`.execute(trx);
  await sql`analyze import_differing`.execute(trx);
}

// Who a mailbox kept here goes by is this registry's to say: such a person or structure is compared, never changed.
async function comparePeople(trx: Trx): Promise<void> {
  await sql`
    create temp table import_wanted_people on commit drop as
    select i.*, case
      when p.rpps is null then 'added'
      when (i.civility, i.family_name, i.given_name, i.profession)
        is not distinct from (p.civility, p.family_name, p.given_name, p.profession) then 'unchanged'
      when exists (select from addresses a where a.rpps = i.rpps and a.hosted) then 'ours'
      else 'changed' end as fate
    from import_people i left join professionals p using (rpps)
    where i.rpps in (
      select b.rpps from import_boxes b join import_fates f using (address)
      where f.fate in ('added', 'changed', 'returned', 'unchanged'))`.execute(trx);
}

async function compareStructures(trx: Trx): Promise<void> {
  await sql`
    create temp table import_wanted_structures on commit drop as
    select i.*, case
      when s.structure_id is null then 'added'
      when (i.name, ${structureColumns('i')}) is not distinct from (s.name, ${structureColumns('s')}) then 'unchanged'
      when exists (select from addresses a where a.structure_id = i.structure_id and a.hosted) then 'ours'
      when exists (select from practices p join addresses a using (address) where p.structure_id = i.structure_id and a.hosted) then 'ours'
      else 'changed' end as fate
    from import_structures i left join structures s using (structure_id)
    where i.structure_id in (
      select unnest(array[b.structure_id, p.structure_id])
      from import_boxes b join import_fates f using (address) left join import_practices p using (address)
      where f.fate in ('added', 'changed', 'returned', 'unchanged'))`.execute(trx);
}
