// The folders of a mailbox: list, find, create, subscribe. Removing and renaming are in change-folders.ts.
// RFC 9051 §6.3.4 to §6.3.9.
import { sql } from 'kysely';
import type { Db } from '../src/database/tables.ts';
import { canonicalFolderName } from './folder-names.ts';
import { inTransaction } from './in-transaction.ts';
import { createInTransaction } from './insert-folders.ts';
import { lockMailboxes } from './lock-mailboxes.ts';
import type { FoldersTable, SpecialUse } from './schema.ts';

export { deleteFolder, renameFolder } from './change-folders.ts';

/** A folder with its counters. */
export type Folder = {
  readonly mailboxId: number;
  readonly folderId: number;
  readonly name: string;
  readonly specialUse: SpecialUse | null;
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly highestModseq: number;
  readonly messages: number;
  readonly unseen: number;
};

/** A bound on what LSUB answers. */
const mostSubscriptions = 4000;

/** A row as the rest of the house reads it. */
export function asFolder(row: Omit<FoldersTable, 'folder_id'> & { folder_id: number }): Folder {
  return {
    mailboxId: row.mailbox_id,
    folderId: row.folder_id,
    name: row.name,
    specialUse: row.special_use,
    uidValidity: row.uidvalidity,
    uidNext: row.uidnext,
    highestModseq: row.highestmodseq,
    messages: row.messages,
    unseen: row.unseen,
  };
}

/** All folders, in the order of their names. */
export async function listFolders(db: Db, mailboxId: number): Promise<Folder[]> {
  const rows = await db.selectFrom('folders').selectAll().where('mailbox_id', '=', mailboxId).orderBy(sql`name collate "C"`).execute();
  return rows.map(asFolder);
}

/** The folder of this name, however INBOX is written; undefined when there is none. */
export async function findFolder(db: Db, mailboxId: number, name: string): Promise<Folder | undefined> {
  const canonical = canonicalFolderName(name);
  if (canonical === undefined) return undefined;
  const row = await db.selectFrom('folders').selectAll().where('mailbox_id', '=', mailboxId).where('name', '=', canonical).executeTakeFirst();
  return row && asFolder(row);
}

/** Makes a folder, and those above it that are missing. `limit`: the mailbox has as many as it may. */
export async function createFolder(
  db: Db,
  mailboxId: number,
  name: string,
  specialUse: SpecialUse | null = null,
): Promise<'created' | 'exists' | 'invalid' | 'limit'> {
  const canonical = canonicalFolderName(name);
  if (canonical === undefined) return 'invalid';
  return await inTransaction(db, async (trx) => {
    await lockMailboxes(trx, [mailboxId]);
    return await createInTransaction(trx, mailboxId, canonical, specialUse);
  });
}

/** Names subscribed to, in order; they may name folders that no longer exist (RFC 9051 §6.3.7). */
export async function listSubscriptions(db: Db, mailboxId: number): Promise<string[]> {
  const rows = await db.selectFrom('subscriptions').select('name').where('mailbox_id', '=', mailboxId).orderBy(sql`name collate "C"`).execute();
  return rows.map((row) => row.name);
}

/** Subscribes or unsubscribes. False when the name is not valid, or when there are too many subscriptions already. */
export async function setSubscribed(db: Db, mailboxId: number, name: string, on: boolean): Promise<boolean> {
  const canonical = canonicalFolderName(name);
  if (canonical === undefined) return false;
  return await inTransaction(db, async (trx) => {
    await lockMailboxes(trx, [mailboxId]);
    await trx.deleteFrom('subscriptions').where('mailbox_id', '=', mailboxId).where('name', '=', canonical).execute();
    if (!on) return true;
    const { rows } = await sql`
      insert into subscriptions (mailbox_id, name) select ${mailboxId}::bigint, ${canonical}::text
      where (select count(*) from subscriptions where mailbox_id = ${mailboxId}) < ${mostSubscriptions}
      returning name`.execute(trx);
    return rows.length === 1;
  });
}
