// The history of the registry: who changed what, when, and what it said before. Requirement 58. Its lines are written by the database's
// triggers (ADR 0012); here they get their author and are read.
import { sql } from 'kysely';
import type { Db, Trx } from '../src/database/tables.ts';
import type { DirectoryHistoryTable } from './schema.ts';

/** What a line of the history is about. `id`: citizen_id, address, RPPS, structure id; of `profile`, the ward's citizen_id. */
export type HistorySubject = { readonly kind: DirectoryHistoryTable['subject_kind']; readonly id: string };

/** One change. `by` is absent when nobody said who they were. */
export type HistoryLine = {
  readonly at: Date;
  readonly by?: string;
  /** Column by column, in the registry's own names; null for what was not there, or is no more. */
  readonly change: DirectoryHistoryTable['change'];
};

/** Names whoever makes the changes of this transaction: `operator:jdupont`, `import 42`. Never a matricule: the history is read by people. */
export async function asAuthor(trx: Trx, by: string): Promise<void> {
  await sql`select set_config('passerelle.author', ${by}, true)`.execute(trx);
}

/** The changes of one subject, the latest first. */
export async function readHistory(db: Db, subject: HistorySubject, limit: number): Promise<HistoryLine[]> {
  const rows = await db
    .selectFrom('directory_history')
    .select(['at', 'by', 'change'])
    .where('subject_kind', '=', subject.kind)
    .where('subject_id', '=', subject.id)
    .orderBy('history_id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ at, by, change }) => ({ at, change, ...(by !== null && { by }) }));
}
