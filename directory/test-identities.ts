// Identities made for tests and demonstrations (OID .10 and .11). In a registry of production they mean that something is wrong: somebody's
// letters may go to nobody. They are not refused, they raise an alarm. domain.md §5.
import { sql } from 'kysely';
import type { Db } from '../src/database/tables.ts';

/** How many the registry holds: a probe of an index that holds nothing else. */
export async function countTestIdentities(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from citizens where ins_arc > 9`.execute(db);
  return rows[0]?.count ?? 0;
}
