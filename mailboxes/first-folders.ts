// The folders a mailbox begins with: INBOX, those every mail program expects (RFC 6154), and for professionals the one that blocks patients
// (requirement 33). All are subscribed.
import { sql } from 'kysely';
import type { Trx } from '../src/database/tables.ts';
import { blockedPatientsFolder, inbox } from './folder-names.ts';
import type { NewFolder } from './insert-folders.ts';
import type { Holder } from './schema.ts';

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

/** Gives mailboxes that have none their first folders, in one statement. */
export async function insertFirstFolders(trx: Trx, mailboxIds: readonly number[]): Promise<void> {
  const all = Object.entries(firstFolders).flatMap(([holder, folders]) =>
    folders.map((folder, at) => ({ holder, position: at + 1, ...folder })),
  );
  // UIDVALIDITY as insertFolders() gives it, never below the clock.
  await sql`
    with first (holder, position, name, special_use, role) as (
      select * from unnest(${all.map(({ holder }) => holder)}::text[], ${all.map(({ position }) => position)}::integer[],
        ${all.map(({ name }) => name)}::text[], ${all.map(({ specialUse }) => specialUse)}::text[],
        ${all.map(({ role = null }) => role)}::text[])),
    numbered as (
      update mailboxes m
      set last_uidvalidity = greatest(m.last_uidvalidity, extract(epoch from clock_timestamp())::bigint) + several.folders
      from (select holder, count(*) as folders from first group by holder) several
      where m.mailbox_id = any(${mailboxIds}::bigint[]) and several.holder = m.holder
      returning m.mailbox_id, m.holder, m.last_uidvalidity - several.folders as base),
    made as (
      insert into folders (mailbox_id, name, special_use, role, uidvalidity)
      select mailbox_id, name, special_use, role, base + position from numbered join first using (holder))
    insert into subscriptions (mailbox_id, name) select mailbox_id, name from numbered join first using (holder)`.execute(trx);
}
