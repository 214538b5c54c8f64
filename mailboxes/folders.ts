// The folders of a mailbox: list, find, create, remove, rename, subscribe.
// RFC 9051 §6.3.4 to §6.3.9.
import { type Selectable, sql } from 'kysely';
import type { Db, Trx } from '../src/database/tables.ts';
import { moveInTransaction } from './copy-messages.ts';
import { canonicalFolderName, inbox, isBelowBlockedPatients, parentsOf, separator } from './folder-names.ts';
import { freeLetters } from './free-letters.ts';
import { inTransaction } from './in-transaction.ts';
import { createInTransaction } from './insert-folders.ts';
import { lockMailboxes } from './lock-mailboxes.ts';
import type { FolderRole, FoldersTable, SpecialUse } from './schema.ts';
import type { ChangedFolder, Wakeups } from './wakeups.ts';

/** A folder with its counters. */
export type Folder = {
  readonly mailboxId: number;
  readonly folderId: number;
  readonly name: string;
  readonly specialUse: SpecialUse | null;
  readonly role: FolderRole | null;
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly highestModseq: number;
  readonly messages: number;
  readonly unseen: number;
};

/** A bound on what LSUB answers. */
const mostSubscriptions = 4000;

type FolderName = { folder_id: number; name: string; role: FolderRole | null };

/** A row as the rest of the house reads it. */
export function asFolder(row: Selectable<FoldersTable>): Folder {
  return {
    mailboxId: row.mailbox_id,
    folderId: row.folder_id,
    name: row.name,
    specialUse: row.special_use,
    role: row.role,
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
  const row = await db
    .selectFrom('folders')
    .selectAll()
    .where('mailbox_id', '=', mailboxId)
    .where('name', '=', canonical)
    .executeTakeFirst();
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
  if (canonical === undefined || isBelowBlockedPatients(canonical)) return 'invalid';
  return await inTransaction(db, async (trx) => {
    await lockMailboxes(trx, [mailboxId]);
    return await createInTransaction(trx, mailboxId, canonical, specialUse);
  });
}

/**
 * Removes a folder and its messages. One that has children stays; INBOX and a folder with a role are protected.
 * Open sessions are woken to find it gone.
 */
export async function deleteFolder(
  db: Db,
  wakeups: Wakeups,
  mailboxId: number,
  name: string,
): Promise<'deleted' | 'absent' | 'has-children' | 'protected'> {
  const canonical = canonicalFolderName(name);
  if (canonical === undefined) return 'absent';
  if (canonical === inbox) return 'protected';
  const result = await inTransaction(db, async (trx) => {
    await lockMailboxes(trx, [mailboxId]);
    const [folder, ...children] = await withChildren(trx, mailboxId, canonical);
    if (folder?.name !== canonical) return 'absent';
    if (folder.role !== null) return 'protected';
    if (children.length > 0) return 'has-children';
    await emptyFolder(trx, mailboxId, folder.folder_id);
    await trx.deleteFrom('folders').where('mailbox_id', '=', mailboxId).where('folder_id', '=', folder.folder_id).execute();
    return { deleted: folder.folder_id };
  });
  if (typeof result !== 'object') return result;
  wakeups.publish([{ mailboxId, folderId: result.deleted }]);
  return 'deleted';
}

/**
 * Renames a folder, its children with it, making the missing folders above the new name. Renaming INBOX moves its messages
 * to a new folder and leaves it, with its children, where it is. A folder with a role is protected.
 * `invalid`: not a name, a folder into itself or below that of blocked patients, or a limit passed.
 */
export async function renameFolder(
  db: Db,
  wakeups: Wakeups,
  mailboxId: number,
  from: string,
  to: string,
): Promise<'renamed' | 'absent' | 'exists' | 'invalid' | 'protected'> {
  const [source, target] = [canonicalFolderName(from), canonicalFolderName(to)];
  if (source === undefined) return 'absent';
  if (target === undefined || isBelowBlockedPatients(target)) return 'invalid';
  const result = await inTransaction(db, async (trx) => {
    await lockMailboxes(trx, [mailboxId]);
    return source === inbox ? await emptyInboxInto(trx, mailboxId, target) : await renameInTransaction(trx, mailboxId, source, target);
  });
  if (typeof result !== 'object') return result;
  wakeups.publish(result);
  return 'renamed';
}

async function renameInTransaction(
  trx: Trx,
  mailboxId: number,
  source: string,
  target: string,
): Promise<ChangedFolder[] | 'absent' | 'exists' | 'invalid' | 'protected'> {
  const family = await withChildren(trx, mailboxId, source);
  if (family[0]?.name !== source) return 'absent';
  if (family[0].role !== null) return 'protected';
  const renamed = family.map((folder) => ({ folderId: folder.folder_id, name: target + folder.name.slice(source.length) }));
  if (
    await anyExists(
      trx,
      mailboxId,
      renamed.map((folder) => folder.name),
    )
  )
    return 'exists';
  if (target.startsWith(source + separator)) return 'invalid';
  if (renamed.some((folder) => canonicalFolderName(folder.name) === undefined)) return 'invalid';
  const parent = parentsOf(target).at(-1);
  if (parent !== undefined && (await createInTransaction(trx, mailboxId, parent, null)) === 'limit') return 'invalid';
  await sql`
    update folders f set name = n.name
    from unnest(${renamed.map((folder) => folder.folderId)}::bigint[], ${renamed.map((folder) => folder.name)}::text[]) as n (folder_id, name)
    where f.mailbox_id = ${mailboxId} and f.folder_id = n.folder_id`.execute(trx);
  return renamed.map(({ folderId }) => ({ mailboxId, folderId }));
}

async function emptyInboxInto(trx: Trx, mailboxId: number, target: string): Promise<ChangedFolder[] | 'absent' | 'exists' | 'invalid'> {
  const created = await createInTransaction(trx, mailboxId, target, null);
  if (created !== 'created') return created === 'limit' ? 'invalid' : created;
  const rows = await trx
    .selectFrom('folders')
    .select(['folder_id', 'name'])
    .where('mailbox_id', '=', mailboxId)
    .where('name', 'in', [inbox, target])
    .execute();
  const ids = new Map(rows.map((row) => [row.name, row.folder_id]));
  const [inboxId, targetId] = [ids.get(inbox), ids.get(target)];
  if (inboxId === undefined || targetId === undefined) return 'absent';
  await moveInTransaction(trx, mailboxId, inboxId, targetId, 'all');
  return [
    { mailboxId, folderId: inboxId },
    { mailboxId, folderId: targetId },
  ];
}

// The folder first, when it exists: a name sorts before all that it begins.
async function withChildren(trx: Trx, mailboxId: number, name: string): Promise<FolderName[]> {
  const { rows } = await sql<FolderName>`
    select folder_id, name, role from folders
    where mailbox_id = ${mailboxId} and (name = ${name} or starts_with(name, ${name + separator})) order by name collate "C"`.execute(trx);
  return rows;
}

async function anyExists(trx: Trx, mailboxId: number, names: readonly string[]): Promise<boolean> {
  const row = await trx
    .selectFrom('folders')
    .select('folder_id')
    .where('mailbox_id', '=', mailboxId)
    .where('name', 'in', names)
    .executeTakeFirst();
  return row !== undefined;
}

async function emptyFolder(trx: Trx, mailboxId: number, folderId: number): Promise<void> {
  const { rows } = await sql<{ letter_id: number }>`
    with gone as (delete from messages where mailbox_id = ${mailboxId} and folder_id = ${folderId} returning letter_id, size_bytes),
    freed as (
      update mailboxes set used_bytes = used_bytes - (select coalesce(sum(size_bytes), 0)::bigint from gone) where mailbox_id = ${mailboxId})
    select distinct letter_id from gone`.execute(trx);
  await freeLetters(
    trx,
    mailboxId,
    rows.map((row) => row.letter_id),
  );
}

/** Names subscribed to, in order; they may name folders that no longer exist (RFC 9051 §6.3.7). */
export async function listSubscriptions(db: Db, mailboxId: number): Promise<string[]> {
  const rows = await db
    .selectFrom('subscriptions')
    .select('name')
    .where('mailbox_id', '=', mailboxId)
    .orderBy(sql`name collate "C"`)
    .execute();
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
