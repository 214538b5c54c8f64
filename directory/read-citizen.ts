// A citizen as the registry has them, for directory admins. The matricule stays out of it: whoever asks has named them by it.
import { sql } from 'kysely';
import type { InsArc } from '../src/core/ins.ts';
import type { Db } from '../src/database/tables.ts';
import type { CitizenTraits } from './registry.ts';
import type { CitizenState } from './states.ts';

/** Their traits, and what became of their mailbox. What is not known is absent. */
export type RegisteredCitizen = Omit<CitizenTraits, 'ins' | 'arc' | 'qualified'> & {
  readonly citizenId: number;
  readonly arc: InsArc;
  readonly isQualified: boolean;
  readonly state: CitizenState;
  readonly stateSince: Date;
  /** How many matricules they had before this one. */
  readonly formerMatricules: number;
  readonly createdAt: Date;
  readonly createdBy?: string;
};

/** The citizen of this number; undefined when there is none. */
export async function readCitizen(db: Db, citizenId: number): Promise<RegisteredCitizen | undefined> {
  const row = await db
    .selectFrom('citizens as c')
    .select(['ins_arc', 'qualified', 'birth_name', 'first_given_name', 'given_names', 'used_name', 'used_given_name', 'birth_date'])
    .select(['birth_place', 'sex', 'state', 'state_since', 'created_at', 'created_by'])
    .select(sql<number>`(select count(*)::int from former_matricules f where f.citizen_id = c.citizen_id)`.as('formers'))
    .where('citizen_id', '=', citizenId)
    .executeTakeFirst();
  if (!row) return undefined;
  return {
    citizenId,
    arc: row.ins_arc as InsArc,
    isQualified: row.qualified,
    birthName: row.birth_name,
    firstGivenName: row.first_given_name,
    ...(row.given_names !== null && { givenNames: row.given_names }),
    ...(row.used_name !== null && { usedName: row.used_name }),
    ...(row.used_given_name !== null && { usedGivenName: row.used_given_name }),
    birthDate: row.birth_date,
    ...(row.birth_place !== null && { birthPlace: row.birth_place }),
    sex: row.sex,
    state: row.state,
    stateSince: row.state_since,
    formerMatricules: row.formers,
    createdAt: row.created_at,
    ...(row.created_by !== null && { createdBy: row.created_by }),
  };
}
