// Citizens by their civil name, for whoever must recognise one in a list: matricules stay out of it.

import type { Db } from '../src/database/tables.ts';
import { citizenDisplayName } from './display-name.ts';

/** The display names of these citizens, by their stable number. Numbers of nobody are absent from the answer. */
export async function nameCitizens(db: Db, citizenIds: readonly number[]): Promise<Map<number, string>> {
  if (citizenIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('citizens')
    .select(['citizen_id', 'birth_name as birthName', 'first_given_name as firstGivenName'])
    .where('citizen_id', 'in', citizenIds)
    .execute();
  return new Map(rows.map((row) => [row.citizen_id, citizenDisplayName(row)]));
}
