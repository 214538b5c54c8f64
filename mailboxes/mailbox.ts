// A mailbox: an address with its quota, its INBOX and the folders clients expect, and what its holder chose.
import { sql } from 'kysely';
import type { Address } from '../src/core/address.ts';
import type { Db, Trx } from '../src/database/tables.ts';
import { blockedPatientsFolder, inbox } from './folder-names.ts';
import { inTransaction } from './in-transaction.ts';
import { insertFolders, type NewFolder } from './insert-folders.ts';
import { lockMailboxes } from './lock-mailboxes.ts';
import type { Holder, ReceiptChoice } from './schema.ts';

/** A mailbox. `usedBytes` counts each placement of a letter: a copy takes room too. */
export type Mailbox = {
  readonly mailboxId: number;
  readonly address: Address;
  readonly quotaBytes: number;
  readonly usedBytes: number;
  /** What it answers to a letter that asks for a receipt. Requirements 43 and 45. */
  readonly receipts: ReceiptChoice;
};

/** A mailbox with its INBOX, whose id never changes: renaming INBOX moves its messages away. */
export type FoundMailbox = Mailbox & { readonly inboxId: number };

const everyonesFolders: readonly NewFolder[] = [
  { name: inbox, specialUse: null },
  { name: 'Drafts', specialUse: 'Drafts' },
  { name: 'Sent', specialUse: 'Sent' },
  { name: 'Archive', specialUse: 'Archive' },
  { name: 'Trash', specialUse: 'Trash' },
];

const firstFolders: Record<Holder, readonly NewFolder[]> = {
  citizen: everyonesFolders,
  professional: [...everyonesFolders, { name: blockedPatientsFolder, specialUse: null, role: 'blocked-patients' }],
};

/** A citizen cannot refuse receipts (requirement 43); a professional is asked each time, unless they choose otherwise. */
const firstReceipts: Record<Holder, ReceiptChoice> = { citizen: 'always', professional: 'ask' };

/**
 * Makes a mailbox with INBOX and its special-use folders (RFC 6154), and for a professional the folder of blocked patients, all
 * subscribed. One that exists, at this address or under it as another name, is answered as it stands.
 */
export async function createMailbox(db: Db, address: Address, quotaBytes: number, holder: Holder): Promise<FoundMailbox> {
  return await inTransaction(db, async (trx) => {
    const created = await insertMailbox(trx, address, quotaBytes, holder);
    if (created !== undefined) {
      const folders = firstFolders[holder];
      await insertFolders(trx, created, folders);
      await trx
        .insertInto('subscriptions')
        .values(folders.map(({ name }) => ({ mailbox_id: created, name })))
        .execute();
    }
    const mailbox = (await findMailboxes(trx, [address])).get(address);
    if (!mailbox) throw new Error('A mailbox vanished while it was being made');
    return mailbox;
  });
}

// The address is looked for among the other names once the row is in: from then on, whoever renames a mailbox away from it has committed.
async function insertMailbox(trx: Trx, address: Address, quotaBytes: number, holder: Holder): Promise<number | undefined> {
  const created = await trx
    .insertInto('mailboxes')
    .values({ address, quota_bytes: quotaBytes, used_bytes: 0, holder, receipts: firstReceipts[holder] })
    .onConflict((conflict) => conflict.column('address').doNothing())
    .returning('mailbox_id')
    .executeTakeFirst();
  const other = await trx.selectFrom('mailbox_names').select('mailbox_id').where('address', '=', address).executeTakeFirst();
  if (!created || !other) return created?.mailbox_id;
  await trx.deleteFrom('mailboxes').where('mailbox_id', '=', created.mailbox_id).execute();
  return undefined;
}

/**
 * The mailboxes at these addresses, with their INBOX, by the address asked: its own, or another name it has (`address` then differs
 * from the key). Addresses without one are absent.
 */
export async function findMailboxes(db: Db, addresses: readonly Address[]): Promise<Map<Address, FoundMailbox>> {
  const { rows } = await sql<FoundRow>`
    select a.asked, m.mailbox_id, m.address, m.quota_bytes, m.used_bytes, m.receipts, f.folder_id
    from (
      select address as asked, mailbox_id from mailboxes where address = any(${addresses}::text[])
      union all
      select address, mailbox_id from mailbox_names where address = any(${addresses}::text[])) a
    join mailboxes m on m.mailbox_id = a.mailbox_id
    join folders f on f.mailbox_id = m.mailbox_id and f.name = ${inbox}`.execute(db);
  return new Map(rows.map((row) => [row.asked, asMailbox(row)]));
}

type FoundRow = {
  asked: Address;
  mailbox_id: number;
  address: Address;
  quota_bytes: number;
  used_bytes: number;
  receipts: ReceiptChoice;
  folder_id: number;
};

function asMailbox(row: FoundRow): FoundMailbox {
  return {
    mailboxId: row.mailbox_id,
    address: row.address,
    quotaBytes: row.quota_bytes,
    usedBytes: row.used_bytes,
    receipts: row.receipts,
    inboxId: row.folder_id,
  };
}

/**
 * Sets what a professional's mailbox answers to those who ask for a receipt. Unless it is `always`, letters received before and not
 * read yet send none either. False when no professional's mailbox stands there: a citizen has no such choice (requirement 43).
 */
export async function setReceipts(db: Db, address: Address, choice: ReceiptChoice): Promise<boolean> {
  return await inTransaction(db, async (trx) => {
    const mailboxId = (await findMailboxes(trx, [address])).get(address)?.mailboxId;
    if (mailboxId === undefined) return false;
    await lockMailboxes(trx, [mailboxId]);
    const chosen = await trx
      .updateTable('mailboxes')
      .set({ receipts: choice })
      .where('mailbox_id', '=', mailboxId)
      .where('holder', '=', 'professional')
      .returning('mailbox_id')
      .executeTakeFirst();
    if (!chosen) return false;
    if (choice !== 'always') {
      await trx
        .updateTable('letters')
        .set({ receipt_to: null })
        .where('mailbox_id', '=', mailboxId)
        .where('receipt_to', 'is not', null)
        .execute();
    }
    return true;
  });
}

/**
 * Gives a mailbox another address, as when a citizen's matricule changes; the former stays as another name of it, so that answers to
 * old letters still arrive. False when no mailbox has the address `from`, or when `to` belongs to another one.
 */
export async function renameMailbox(trx: Trx, from: Address, to: Address): Promise<boolean> {
  const { rows } = await sql<{ mailbox_id: number }>`
    with renamed as (
      update mailboxes m set address = ${to} where address = ${from} and ${to}::text <> ${from}::text
        and not exists (select from mailboxes t where t.address = ${to})
        and not exists (select from mailbox_names n where n.address = ${to} and n.mailbox_id <> m.mailbox_id)
      returning mailbox_id),
    taken_back as (delete from mailbox_names n using renamed r where n.mailbox_id = r.mailbox_id and n.address = ${to}),
    kept as (insert into mailbox_names (address, mailbox_id) select ${from}::text, mailbox_id from renamed)
    select mailbox_id from renamed`.execute(trx);
  return rows.length === 1;
}
