// An extraction that was read becomes the registry's: one transaction, set-based, all or nothing. Mailboxes kept here are never touched.
import { sql } from 'kysely';
import type { Address } from '../../src/core/address.ts';
import type { Trx } from '../../src/database/tables.ts';
import { asAuthor } from '../history.ts';
import { endImport, recordCounts } from '../imports/import-record.ts';
import { practiceColumns, structureColumns } from './chosen-rows.ts';
import { compareBoxes, type HostedDomains } from './compare-boxes.ts';
import { countPlan, holdRead, type ImportPlan } from './plan-import.ts';

/** How it ended. `too-many-withdrawn`: more than a fifth of what is listed would go, as a damaged file would have it; nothing was changed. */
export type Applied = { readonly result: 'applied' | 'too-many-withdrawn'; readonly plan: ImportPlan } | { readonly result: 'not-read' };

/** The share of what is listed that may be withdrawn without being forced. */
const withdrawnAtMost = 0.2;

/** Applies it. `isForced` accepts any number of withdrawals. Twice is harmless: the second finds it applied, and is `not-read`. */
export async function applyImport(
  trx: Trx,
  importId: number,
  { hosted, isForced = false }: { readonly hosted: HostedDomains; readonly isForced?: boolean },
): Promise<Applied> {
  if (!(await holdRead(trx, importId))) return { result: 'not-read' };
  await asAuthor(trx, `import ${importId}`);
  // The address book is brought up to date once, at the end, instead of after each statement.
  await sql`select set_config('passerelle.bulk', 'on', true)`.execute(trx);
  await compareBoxes(trx, importId, hosted);
  const plan = await countPlan(trx);
  await recordCounts(trx, importId, countsOf(plan));
  if (!isForced && plan.addresses.withdrawn > plan.listed * withdrawnAtMost) return { result: 'too-many-withdrawn', plan };
  await writePeople(trx);
  await writeStructures(trx);
  await writeBoxes(trx);
  await writePractices(trx);
  await endImport(trx, importId, 'applied');
  // What the planner knows of these tables is from before: the first import would be joined row by row.
  await sql`analyze professionals, structures, addresses, practices`.execute(trx);
  await refreshBook(trx);
  return { result: 'applied', plan };
}

/** A plan as the books of imports keep it. */
export function countsOf(plan: ImportPlan): Record<string, number> {
  return {
    ...plan.addresses,
    listed: plan.listed,
    'professionals-added': plan.professionals.added,
    'professionals-changed': plan.professionals.changed,
    'professionals-ours': plan.professionals.ours,
    'structures-added': plan.structures.added,
    'structures-changed': plan.structures.changed,
    'structures-ours': plan.structures.ours,
  };
}

async function writePeople(trx: Trx): Promise<void> {
  await sql`
    insert into professionals (rpps, civility, family_name, given_name, profession)
    select rpps, civility, family_name, given_name, profession from import_wanted_people where fate = 'added' order by rpps
    on conflict do nothing`.execute(trx);
  await sql`
    update professionals p set civility = i.civility, family_name = i.family_name, given_name = i.given_name, profession = i.profession
    from import_wanted_people i where i.fate = 'changed' and p.rpps = i.rpps`.execute(trx);
}

async function writeStructures(trx: Trx): Promise<void> {
  await sql`
    insert into structures (structure_id, name, sign, location_extra, distribution_extra, street_number, street_number_extra, street_type,
      street_name, place_name, routing_line, postal_code, department, country)
    select i.structure_id, i.name, ${structureColumns('i')} from import_wanted_structures i where i.fate = 'added' order by i.structure_id
    on conflict do nothing`.execute(trx);
  await sql`
    update structures s set name = i.name, (sign, location_extra, distribution_extra, street_number, street_number_extra, street_type,
      street_name, place_name, routing_line, postal_code, department, country) = row (${structureColumns('i')})
    from import_wanted_structures i where i.fate = 'changed' and s.structure_id = i.structure_id`.execute(trx);
}

// An address that became one of ours since it was compared is left alone: each statement asks again.
async function writeBoxes(trx: Trx): Promise<void> {
  await sql`
    insert into addresses (address, type, hosted, label, rpps, structure_id, service, paperless)
    select b.address, b.type, false, b.label, b.rpps, b.structure_id, b.service, b.paperless
    from import_boxes b join import_fates f using (address) where f.fate = 'added' order by b.address
    on conflict do nothing`.execute(trx);
  await sql`
    update addresses a set label = b.label, rpps = b.rpps, structure_id = b.structure_id, service = b.service, paperless = b.paperless,
      published = true, preferred = a.preferred and (a.rpps, a.structure_id) is not distinct from (b.rpps, b.structure_id)
    from import_boxes b join import_fates f using (address)
    where f.fate in ('changed', 'returned') and a.address = b.address and not a.hosted`.execute(trx);
  // Never deleted: an address keeps its type should it come back. Requirement 18.
  await sql`
    update addresses a set published = false from import_fates f
    where f.fate = 'withdrawn' and a.address = f.address and not a.hosted`.execute(trx);
}

async function writePractices(trx: Trx): Promise<void> {
  await sql`
    delete from practices p using import_fates f, addresses a
    where f.fate in ('changed', 'returned') and p.address = f.address and a.address = f.address and not a.hosted
      and not exists (select from import_practices i where i.address = p.address and i.position = p.position)`.execute(trx);
  await sql`
    insert into practices as p
      (address, position, category_code, category, profession_code, profession, skill_code, skill, structure_id, service)
    select i.address, i.position, ${practiceColumns('i')}, i.structure_id, i.service
    from import_practices i join import_fates f using (address) join addresses a using (address)
    where f.fate in ('added', 'changed', 'returned') and not a.hosted
    order by i.address, i.position
    on conflict (address, position) do update set
      category_code = excluded.category_code, category = excluded.category, profession_code = excluded.profession_code,
      profession = excluded.profession, skill_code = excluded.skill_code, skill = excluded.skill,
      structure_id = excluded.structure_id, service = excluded.service
    where (p.structure_id, p.service, ${practiceColumns('p')})
      is distinct from (excluded.structure_id, excluded.service, ${practiceColumns('excluded')})`.execute(trx);
}

/** More changed addresses than this, and the whole book is compared instead. */
const refreshedByName = 10_000;

// Of an ordinary day few have changed, and they are known; comparing the whole book takes a while.
async function refreshBook(trx: Trx): Promise<void> {
  const { rows } = await sql<{ touched: Address[] }>`
    select coalesce(array_agg(address), '{}') as touched from (
      select address from import_fates where fate in ('added', 'changed', 'returned', 'withdrawn')
      union
      select a.address from import_wanted_people i join addresses a using (rpps) where i.fate = 'changed'
      union
      select a.address from import_wanted_structures i join addresses a using (structure_id) where i.fate = 'changed'
      union
      select p.address from import_wanted_structures i join practices p using (structure_id) where i.fate = 'changed'
      limit ${refreshedByName + 1}) touched`.execute(trx);
  const touched = rows[0]?.touched ?? [];
  if (touched.length === 0) return;
  await sql`select refresh_address_book(${touched.length > refreshedByName ? null : touched}::text[])`.execute(trx);
}
