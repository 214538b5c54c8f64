// The documents of the register that are hidden from their patient: who is to be told that one exists, and which are to become visible.
// A document that another has replaced is neither told of nor shown: the record shows it to nobody any more. Requirement 51.
import { sql } from 'kysely';
import type { Db, Trx } from '../database/tables.ts';
import type { DocumentEntry } from './document-entry.ts';

const dayMs = 24 * 3_600_000;

/** A hidden document with all that changing its visibility needs. */
export type HiddenDocument = {
  readonly entry: DocumentEntry;
  readonly entryUuid: string | undefined;
  /** The patient, when they are known here. */
  readonly citizenId: number | undefined;
};

/** When the daily work looks: documents fed until `tellBefore` are to be told of, those fed until `showBefore` to become visible. */
export type HiddenDelays = { readonly tellBefore: Date; readonly showBefore: Date };

/**
 * Takes up to `limit` documents whose patient has not been told, as told now. Returns the patients, one for each document. What is to become
 * visible is told of by that alone: when the work is late, nobody reads on one day that a document is hidden, and that it no longer is.
 */
export async function takeUntold(trx: Trx, { tellBefore, showBefore }: HiddenDelays, now: Date, limit: number): Promise<number[]> {
  const { rows } = await sql<{ citizen_id: number }>`
    update record_documents set told_at = ${now} where unique_id in (
      select unique_id from record_documents
      where entry is not null and fed_at <= ${tellBefore} and fed_at > ${showBefore}
        and told_at is null and replaced_by is null and citizen_id is not null
      order by unique_id limit ${limit} for update skip locked)
    returning citizen_id`.execute(trx);
  return rows.map((row) => row.citizen_id);
}

/**
 * Up to `limit` documents that are still hidden and due to be shown at `now`, in the order of their ids, those after `after`. Those told of
 * today, in UTC as the letters count their day, wait for tomorrow.
 */
export async function listDueToShow(
  db: Db,
  { showBefore, now }: Pick<HiddenDelays, 'showBefore'> & { readonly now: Date },
  after: string,
  limit: number,
): Promise<string[]> {
  const today = new Date(Math.floor(now.getTime() / dayMs) * dayMs);
  const rows = await db
    .selectFrom('record_documents')
    .select('unique_id')
    .where('entry', 'is not', null)
    .where('fed_at', '<=', showBefore)
    .where((row) => row.or([row('told_at', 'is', null), row('told_at', '<', today)]))
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

/**
 * The document is visible: what was kept to show it is forgotten, and with it its name in the registry, where the change has made another
 * version of it. False when it was so already.
 */
export async function markShown(trx: Trx, uniqueId: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('record_documents')
    .set({ shown_at: now, entry: null, entry_uuid: null })
    .where('unique_id', '=', uniqueId)
    .where('entry', 'is not', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
