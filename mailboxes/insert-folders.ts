// Adds folders, each with a UIDVALIDITY that its mailbox has never given before: a name that is deleted and made again
// is told apart from the old one, and a folder renamed over an old name too. RFC 9051 §2.3.1.1.
import { sql } from 'kysely';
import type { Trx } from '../src/database/tables.ts';
import { parentsOf } from './folder-names.ts';
import type { FolderRole, SpecialUse } from './schema.ts';

/** Enough for anyone, and a bound on what LIST answers. */
const mostFolders = 2000;

/** A folder to be made. */
export type NewFolder = { readonly name: string; readonly specialUse: SpecialUse | null; readonly role?: FolderRole };

/** Inserts folders of a locked mailbox whose names are free. Returns their ids, in the same order. */
export async function insertFolders(trx: Trx, mailboxId: number, folders: readonly NewFolder[]): Promise<number[]> {
  // Never below the clock, so that a database restored from an older copy does not give a value a second time.
  const { last_uidvalidity: last } = await trx
    .updateTable('mailboxes')
    .set({
      last_uidvalidity: sql<number>`greatest(last_uidvalidity, extract(epoch from clock_timestamp())::bigint) + ${folders.length}::integer`,
    })
    .where('mailbox_id', '=', mailboxId)
    .returning('last_uidvalidity')
    .executeTakeFirstOrThrow();
  const rows = await trx
    .insertInto('folders')
    .values(
      folders.map(({ name, specialUse, role = null }, index) => ({
        mailbox_id: mailboxId,
        name,
        special_use: specialUse,
        role,
        uidvalidity: last - folders.length + 1 + index,
        uidnext: 1,
        highestmodseq: 1,
        messages: 0,
        unseen: 0,
      })),
    )
    .returning(['folder_id', 'name'])
    .execute();
  const ids = new Map(rows.map((row) => [row.name, row.folder_id]));
  return folders.map(({ name }) => {
    const id = ids.get(name);
    if (id === undefined) throw new Error('A folder was not inserted');
    return id;
  });
}

/** Makes a folder of a locked mailbox, with those above it that are missing. The name is canonical already. */
export async function createInTransaction(
  trx: Trx,
  mailboxId: number,
  name: string,
  specialUse: SpecialUse | null,
): Promise<'created' | 'exists' | 'limit'> {
  const names = await trx.selectFrom('folders').select('name').where('mailbox_id', '=', mailboxId).execute();
  const taken = new Set(names.map((row) => row.name));
  if (taken.has(name)) return 'exists';
  const missing = parentsOf(name).filter((parent) => !taken.has(parent));
  if (taken.size + missing.length + 1 > mostFolders) return 'limit';
  await insertFolders(trx, mailboxId, [...missing.map((parent) => ({ name: parent, specialUse: null })), { name, specialUse }]);
  return 'created';
}
