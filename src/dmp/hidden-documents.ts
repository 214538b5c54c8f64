// The documents of the register that are hidden from their patient: who is to be told that one exists, and which are to become visible.
// A document that another has replaced is neither told of nor shown: the record shows it to nobody any more. Requirement 51.
import { sql } from 'kysely';
import type { Db, Trx } from '../database/tables.ts';
import type { DocumentEntry } from './document-entry.ts';

/** A hidden document with all that changing its visibility needs. */
export type HiddenDocument = {
  readonly entry: DocumentEntry;
  readonly entryUuid: string | undefined;
  /** The patient, when they are known here. */
  readonly citizenId: number | undefined;
};

/** Takes up to `limit` documents fed before `before` whose patient has not been told, as told now. Returns the patients, one for each document. */
export async function takeUntold(trx: Trx, before: Date, now: Date, limit: number): Promise<number[]> {
  const { rows } = await sql<{ citizen_id: number }>`
    update record_documents set told_at = ${now} where unique_id in (
      select unique_id from record_documents
      where entry is not null and fed_at <= ${before} and told_at is null and replaced_by is null and citizen_id is not null
      order by unique_id limit ${limit} for update skip locked)
    returning citizen_id`.execute(trx);
  return rows.map((row) => row.citizen_id);
}

/** Up to `limit` documents fed before `before` that are still hidden, in the order of their ids, those after `after`. */
export async function listDueToShow(db: Db, before: Date, after: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('record_documents')
    .select('unique_id')
    .where('entry', 'is not', null)
    .where('fed_at', '<=', before)
    .where('replaced_by', 'is', null)
    .where('unique_id', '>', after)
    .orderBy('unique_id')
    .limit(limit)
    .execute();
  return rows.map((row) => row.unique_id);
}

/** Undefined when it is hidden no more, has been replaced or is unknown. */
export async function readHidden(db: Db, uniqueId: string): Promise<HiddenDocument | undefined> {
  const row = await db
    .selectFrom('record_documents')
    .select(['entry', 'entry_uuid', 'citizen_id'])
    .where('unique_id', '=', uniqueId)
    .where('entry', 'is not', null)
    .where('replaced_by', 'is', null)
    .executeTakeFirst();
  if (!row?.entry) return undefined;
  return { entry: row.entry, entryUuid: row.entry_uuid ?? undefined, citizenId: row.citizen_id ?? undefined };
}

/** The document is visible: what was kept to show it is forgotten. False when it was so already. */
export async function markShown(trx: Trx, uniqueId: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('record_documents')
    .set({ shown_at: now, entry: null })
    .where('unique_id', '=', uniqueId)
    .where('entry', 'is not', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
