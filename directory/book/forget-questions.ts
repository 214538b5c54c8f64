// Traces of questions about citizens are kept for a time, then forgotten. Requirement 58.
import { sql } from 'kysely';
import type { Db } from '../../src/database/tables.ts';

/** Forgets questions asked before `before`, `batchRows` at most; tells how many. */
export async function forgetCitizenQuestions(db: Db, before: Date, batchRows: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from citizen_questions where question_id in (
      select question_id from citizen_questions where at < ${before} order by at limit ${batchRows} for update skip locked)`.execute(db);
  return Number(numAffectedRows ?? 0);
}
