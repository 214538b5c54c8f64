// A mailbox: an address with its quota, its INBOX and the folders clients expect, and what its holder chose.
import { sql } from 'kysely';
import type { Address } from '../src/core/address.ts';
import type { Db, Trx } from '../src/database/tables.ts';
import { insertFirstFolders } from './first-folders.ts';
import { inbox } from './folder-names.ts';
import { inTransaction } from './in-transaction.ts';
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

/** A citizen cannot refuse receipts (requirement 43); a professional is asked each time, unless they choose otherwise. */
const firstReceipts: Record<Holder, ReceiptChoice> = { citizen: 'always', professional: 'ask' };

/** A mailbox that is to be there. `otherNames` are addresses that lead to it too: those of a citizen's former matricules. */
export type WantedMailbox = {
  readonly address: Address;
  readonly otherNames?: readonly Address[];
  readonly holder: Holder;
  /** Of one that is made; one that exists keeps its own. */
  readonly quotaBytes: number;
};

/**
 * The mailboxes that are to be there, by every address they have: found, or made with their first folders, whoever else is making them at
 * the same time. One found under a former name takes the present one. Addresses are named once.
 */
export async function ensureMailboxes(trx: Trx, wanted: readonly WantedMailbox[]): Promise<Map<Address, FoundMailbox>> {
  const names = wanted.flatMap(({ address, otherNames = [] }) => [address, ...otherNames]);
  const found = await findMailboxes(trx, names);
  const known = (one: WantedMailbox) => [one.address, ...(one.otherNames ?? [])].flatMap((name) => found.get(name) ?? [])[0];
  const made = await insertMailboxes(
    trx,
    wanted.filter((one) => !known(one)),
  );
  if (made.length > 0) await insertFirstFolders(trx, made);
  const renamed = wanted.flatMap((one) => {
    const former = known(one)?.address;
    return former !== undefined && one.otherNames?.includes(former) ? [{ from: former, to: one.address }] : [];
  });
  for (const { from, to } of renamed) await renameMailbox(trx, from, to);
  if (renamed.length === 0 && names.every((name) => found.has(name))) return found;
  await insertOtherNames(trx, wanted);
  return await findMailboxes(trx, names);
}

/** Makes a mailbox of one's own, in a transaction of its own. One that exists, at this address or under it as another name, is answered as it stands. */
export async function createMailbox(db: Db, address: Address, quotaBytes: number, holder: Holder): Promise<FoundMailbox> {
  return await inTransaction(db, async (trx) => {
    const mailbox = (await ensureMailboxes(trx, [{ address, quotaBytes, holder }])).get(address);
    if (!mailbox) throw new Error('A mailbox vanished while it was being made');
    return mailbox;
  });
}

// In the order of the addresses: two processes that make the same ones must not wait for each other in a ring. An address is looked for
// among the other names once the row is in: from then on, whoever renames a mailbox away from it has committed.
async function insertMailboxes(trx: Trx, wanted: readonly WantedMailbox[]): Promise<number[]> {
  if (wanted.length === 0) return [];
  const { rows: inserted } = await sql<{ mailbox_id: number }>`
    insert into mailboxes (address, quota_bytes, holder, receipts)
    select * from unnest(${wanted.map(({ address }) => address)}::text[], ${wanted.map(({ quotaBytes }) => quotaBytes)}::bigint[],
      ${wanted.map(({ holder }) => holder)}::text[], ${wanted.map(({ holder }) => firstReceipts[holder])}::text[]) as one (address)
    order by one.address collate "C"
    on conflict (address) do nothing
    returning mailbox_id`.execute(trx);
  const ids = inserted.map((row) => row.mailbox_id);
  if (ids.length === 0) return [];
  const { rows: taken } = await sql<{ mailbox_id: number }>`
    delete from mailboxes m using mailbox_names n where m.mailbox_id = any(${ids}::bigint[]) and n.address = m.address
    returning m.mailbox_id`.execute(trx);
  const gone = new Set(taken.map((row) => row.mailbox_id));
  return ids.filter((id) => !gone.has(id));
}

async function insertOtherNames(trx: Trx, wanted: readonly WantedMailbox[]): Promise<void> {
  const pairs = wanted.flatMap(({ address, otherNames = [] }) => otherNames.map((name) => ({ address, name })));
  if (pairs.length === 0) return;
  await sql`
    insert into mailbox_names (address, mailbox_id)
    select other.name, m.mailbox_id
    from unnest(${pairs.map(({ name }) => name)}::text[], ${pairs.map(({ address }) => address)}::text[]) as other (name, address)
    join mailboxes m on m.address = other.address
    where not exists (select from mailboxes t where t.address = other.name)
    order by other.name
    on conflict do nothing`.execute(trx);
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
