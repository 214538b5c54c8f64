// Citizens who want no copy of their documents in the shared medical record by this gateway. Their letters arrive all the same. Requirement 52.
import type { Db, Trx } from '../src/database/tables.ts';

/** Who decided, and since when. */
export type RecordObjection = { readonly since: Date; readonly by: string };

/** Writes a citizen's objection; false when there was one already. `by` says whom to ask. */
export async function objectToCopies(trx: Trx, one: { readonly citizenId: number; readonly by: string }, now: Date): Promise<boolean> {
  const written = await trx
    .insertInto('record_objections')
    .values({ citizen_id: one.citizenId, objected_by: one.by, since: now })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return written.numInsertedOrUpdatedRows === 1n;
}

/** Takes an objection back; false when there was none. What was not copied meanwhile is not copied by that. */
export async function allowCopies(trx: Trx, citizenId: number): Promise<boolean> {
  const gone = await trx.deleteFrom('record_objections').where('citizen_id', '=', citizenId).executeTakeFirst();
  return gone.numDeletedRows === 1n;
}

/** The objections of these citizens; those who have none are absent from the answer. */
export async function findRecordObjections(db: Db, citizenIds: readonly number[]): Promise<Map<number, RecordObjection>> {
  if (citizenIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('record_objections')
    .select(['citizen_id', 'since', 'objected_by as by'])
    .where('citizen_id', 'in', citizenIds)
    .execute();
  return new Map(rows.map(({ citizen_id, since, by }) => [citizen_id, { since, by }]));
}
