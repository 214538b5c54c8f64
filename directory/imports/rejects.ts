// What an import could not take, line by line: where, why, in words people read. No line is dropped without a word: all are counted, and
// the first ones are kept. The text of a line is not.
import { sql } from 'kysely';
import type { Db, Trx } from '../../src/database/tables.ts';

/** A line refused, or taken with a remark (`isTaken`). */
export type Reject = {
  /** 1 is the file's first line. */
  readonly line: number;
  /** As the format names it; undefined when it is about the line as a whole. */
  readonly column?: string;
  /** A code of the kind of file. */
  readonly reason: string;
  /** The same for people, in French; nothing of the line is repeated. */
  readonly sentence: string;
  readonly isTaken: boolean;
};

/** Rejects whose rows are kept of one import: 10,000. Those beyond are counted by reason. */
export const keptRejects = 10_000;

/** Counts them, and keeps them while there is room. Belongs to the transaction that writes the batch they come from. */
export async function keepRejects(trx: Trx, importId: number, rejects: readonly Reject[]): Promise<void> {
  if (rejects.length === 0) return;
  const reasons = new Map<string, number>();
  for (const { reason } of rejects) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const noted = rejects.filter(({ isTaken }) => isTaken).length;
  const { rows } = await sql<{ before: number }>`
    update imports set refused = refused + ${rejects.length - noted}, noted = noted + ${noted},
      reasons = reasons || (
        select jsonb_object_agg(reason, coalesce((reasons ->> reason)::bigint, 0) + seen)
        from unnest(${[...reasons.keys()]}::text[], ${[...reasons.values()]}::bigint[]) as new (reason, seen))
    where import_id = ${importId}
    returning refused + noted - ${rejects.length} as before`.execute(trx);
  const room = Math.max(0, keptRejects - (rows[0]?.before ?? 0));
  const kept = rejects.slice(0, room);
  if (kept.length === 0) return;
  await sql`
    insert into import_rejects (import_id, line_no, column_name, reason, sentence, taken)
    select ${importId}, * from unnest(
      ${kept.map(({ line }) => line)}::bigint[], ${kept.map(({ column }) => column ?? null)}::text[],
      ${kept.map(({ reason }) => reason)}::text[], ${kept.map(({ sentence }) => sentence)}::text[],
      ${kept.map(({ isTaken }) => isTaken)}::boolean[])`.execute(trx);
}

/** What was refused or remarked in an import, in the order of its lines, at most `limit` of those kept. */
export async function listRejects(db: Db, importId: number, limit: number): Promise<Reject[]> {
  const { rows } = await sql<{ line_no: number; column_name: string | null; reason: string; sentence: string; taken: boolean }>`
    select line_no, column_name, reason, sentence, taken from import_rejects
    where import_id = ${importId} order by line_no, reject_id limit ${limit}`.execute(db);
  return rows.map((row) => ({
    line: row.line_no,
    ...(row.column_name !== null && { column: row.column_name }),
    reason: row.reason,
    sentence: row.sentence,
    isTaken: row.taken,
  }));
}
