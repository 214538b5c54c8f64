// A mailbox: an address with its quota, its INBOX and the folders clients expect.
import { sql } from 'kysely';
import type { Address } from '../src/core/address.ts';
import type { Db } from '../src/database/tables.ts';
import { inbox } from './folder-names.ts';
import { inTransaction } from './in-transaction.ts';
import { insertFolders } from './insert-folders.ts';
import type { SpecialUse } from './schema.ts';

/** A mailbox. `usedBytes` counts each placement of a letter: a copy takes room too. */
export type Mailbox = { readonly mailboxId: number; readonly address: Address; readonly quotaBytes: number; readonly usedBytes: number };

/** A mailbox with its INBOX, whose id never changes: renaming INBOX moves its messages away. */
export type FoundMailbox = Mailbox & { readonly inboxId: number };

const firstFolders: readonly { readonly name: string; readonly specialUse: SpecialUse | null }[] = [
  { name: inbox, specialUse: null },
  { name: 'Drafts', specialUse: 'Drafts' },
  { name: 'Sent', specialUse: 'Sent' },
  { name: 'Archive', specialUse: 'Archive' },
  { name: 'Trash', specialUse: 'Trash' },
];

/** Makes a mailbox with INBOX and its special-use folders (RFC 6154), all subscribed. One that exists is answered as it stands. */
export async function createMailbox(db: Db, address: Address, quotaBytes: number): Promise<FoundMailbox> {
  return await inTransaction(db, async (trx) => {
    const created = await trx
      .insertInto('mailboxes')
      .values({ address, quota_bytes: quotaBytes, used_bytes: 0 })
      .onConflict((conflict) => conflict.column('address').doNothing())
      .returning('mailbox_id')
      .executeTakeFirst();
    if (created) {
      await insertFolders(trx, created.mailbox_id, firstFolders);
      const subscriptions = firstFolders.map(({ name }) => ({ mailbox_id: created.mailbox_id, name }));
      await trx.insertInto('subscriptions').values(subscriptions).execute();
    }
    const mailbox = (await findMailboxes(trx, [address])).get(address);
    if (!mailbox) throw new Error('A mailbox vanished while it was being made');
    return mailbox;
  });
}

/** The mailboxes at these addresses, with their INBOX; addresses without one are absent. */
export async function findMailboxes(db: Db, addresses: readonly Address[]): Promise<Map<Address, FoundMailbox>> {
  const rows = await db
    .selectFrom('mailboxes as m')
    .innerJoin('folders as f', (join) => join.onRef('f.mailbox_id', '=', 'm.mailbox_id').on('f.name', '=', inbox))
    .select(['m.mailbox_id', 'm.address', 'm.quota_bytes', 'm.used_bytes', 'f.folder_id'])
    .where('m.address', '=', sql<Address>`any(${addresses}::text[])`)
    .execute();
  return new Map(
    rows.map((row) => [
      row.address,
      { mailboxId: row.mailbox_id, address: row.address, quotaBytes: row.quota_bytes, usedBytes: row.used_bytes, inboxId: row.folder_id },
    ]),
  );
}
