// What is practised under an address, and where: the national extraction repeats an address for each of its practices.
import { sql } from 'kysely';
import type { Address } from '../src/core/address.ts';
import type { Trx } from '../src/database/tables.ts';

/** One of them. Codes are those of the national nomenclatures (NOS). `structureId` is one of a registered structure. */
export type Practice = {
  readonly categoryCode?: string;
  readonly category?: string;
  readonly professionCode?: string;
  readonly profession?: string;
  readonly skillCode?: string;
  readonly skill?: string;
  readonly structureId?: string;
  readonly service?: string;
};

/**
 * Makes these the practices of an address, in their order; those that stand already are left as they are. `unknown`: no such address, or
 * a structure that is not registered.
 */
export async function setPractices(
  trx: Trx,
  address: Address,
  practices: readonly Practice[],
): Promise<'changed' | 'unchanged' | 'unknown'> {
  const structureIds = practices.flatMap((practice) => practice.structureId ?? []);
  // The address's row is the lock: two writers come one after the other.
  const known = await sql<{ missing: boolean }>`
    select exists (
      select from unnest(${structureIds}::text[]) wanted where wanted not in (select structure_id from structures)) as missing
    from addresses where address = ${address} for update`.execute(trx);
  if (known.rows[0]?.missing !== false) return 'unknown';
  const rows = JSON.stringify(practices.map((practice, index) => ({ position: index + 1, ...columnsOf(practice) })));
  const removed = await sql`delete from practices where address = ${address} and position > ${practices.length}`.execute(trx);
  const written = await sql`
    insert into practices as p
      (address, position, category_code, category, profession_code, profession, skill_code, skill, structure_id, service)
    select ${address}, w.position, w.category_code, w.category, w.profession_code, w.profession, w.skill_code, w.skill, w.structure_id, w.service
    from jsonb_populate_recordset(null::practices, ${rows}::jsonb) w
    on conflict (address, position) do update set
      category_code = excluded.category_code, category = excluded.category, profession_code = excluded.profession_code,
      profession = excluded.profession, skill_code = excluded.skill_code, skill = excluded.skill,
      structure_id = excluded.structure_id, service = excluded.service
    where (p.category_code, p.category, p.profession_code, p.profession, p.skill_code, p.skill, p.structure_id, p.service)
      is distinct from (excluded.category_code, excluded.category, excluded.profession_code, excluded.profession,
        excluded.skill_code, excluded.skill, excluded.structure_id, excluded.service)`.execute(trx);
  return Number(removed.numAffectedRows) + Number(written.numAffectedRows) > 0 ? 'changed' : 'unchanged';
}

function columnsOf(practice: Practice) {
  return {
    category_code: practice.categoryCode,
    category: practice.category,
    profession_code: practice.professionCode,
    profession: practice.profession,
    skill_code: practice.skillCode,
    skill: practice.skill,
    structure_id: practice.structureId,
    service: practice.service,
  };
}
