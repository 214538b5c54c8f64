// COPY and MOVE within a mailbox: the letters stay where they are, placements are added or change folder. All of it or nothing.
// RFC 9051 §6.4.7 (COPY), RFC 6851 (MOVE); the pairs are COPYUID's, RFC 4315 §3.
import { sql } from 'kysely';
import type { Db, Trx } from '../src/database/tables.ts';
import { amongUids } from './among-uids.ts';
import { inTransaction } from './in-transaction.ts';
import { lockMailboxes } from './lock-mailboxes.ts';
import { recordFiled, recordUnfiled } from './message-events.ts';
import type { FolderRole } from './schema.ts';
import type { Wakeups } from './wakeups.ts';

/** UIDs before and after, in the order of the former; UIDs that no longer exist are left out. */
export type Copied = { readonly uidValidity: number; readonly pairs: readonly { readonly from: number; readonly to: number }[] };

/** Copies messages with their flags, keywords and internal date. A copy takes room in the quota. */
export async function copyMessages(
  db: Db,
  wakeups: Wakeups,
  mailboxId: number,
  fromFolderId: number,
  toFolderId: number,
  uids: readonly number[],
): Promise<Copied | 'over-quota' | 'no-folder'> {
  const copied = await inTransaction(db, async (trx) => {
    const room = (await lockMailboxes(trx, [mailboxId])).get(mailboxId);
    const total = await sizeOf(trx, mailboxId, fromFolderId, uids);
    const roles = await rolesOf(trx, mailboxId, fromFolderId, toFolderId);
    if (!room || !roles) return 'no-folder';
    if (total.bytes > room.quotaBytes - room.usedBytes) return 'over-quota';
    const to = await numbersIn(trx, mailboxId, toFolderId, total);
    const { rows } = await sql<CopiedRow>`
      with charged as (update mailboxes set used_bytes = used_bytes + ${total.bytes} where mailbox_id = ${mailboxId}),
      asked as materialized (
        select m.*, ${to.uidnext}::bigint - 1 + row_number() over (order by uid) as new_uid from messages m
        where mailbox_id = ${mailboxId} and folder_id = ${fromFolderId} and ${amongUids('uid', uids)}),
      put as (
        insert into messages (mailbox_id, folder_id, uid, letter_id, flags, keywords, modseq, internal_date, size_bytes)
        select mailbox_id, ${toFolderId}::bigint, new_uid, letter_id, flags, keywords, ${to.modseq}::bigint, internal_date, size_bytes from asked)
      select uid as "from", new_uid as "to", letter_id from asked order by uid`.execute(trx);
    if (roles.entered === 'blocked-patients') await recordFiled(trx, mailboxId, lettersOf(rows));
    return { uidValidity: to.uidvalidity, pairs: rows.map(pairOf) };
  });
  if (typeof copied === 'object' && copied.pairs.length > 0) wakeups.publish([{ mailboxId, folderId: toFolderId }]);
  return copied;
}

/** Moves messages: in the other folder and gone from this one at the same instant. Takes no room. */
export async function moveMessages(
  db: Db,
  wakeups: Wakeups,
  mailboxId: number,
  fromFolderId: number,
  toFolderId: number,
  uids: readonly number[],
): Promise<Copied | 'no-folder'> {
  const moved = await inTransaction(db, async (trx) => {
    await lockMailboxes(trx, [mailboxId]);
    return await moveInTransaction(trx, mailboxId, fromFolderId, toFolderId, uids);
  });
  if (typeof moved === 'object' && moved.pairs.length > 0) {
    wakeups.publish([
      { mailboxId, folderId: fromFolderId },
      { mailboxId, folderId: toFolderId },
    ]);
  }
  return moved;
}

/** The same inside a transaction that has locked the mailbox; `all` empties the folder, as RENAME of INBOX does. */
export async function moveInTransaction(
  trx: Trx,
  mailboxId: number,
  fromFolderId: number,
  toFolderId: number,
  uids: readonly number[] | 'all',
): Promise<Copied | 'no-folder'> {
  const roles = await rolesOf(trx, mailboxId, fromFolderId, toFolderId);
  if (!roles) return 'no-folder';
  const total = await sizeOf(trx, mailboxId, fromFolderId, uids);
  const to = await numbersIn(trx, mailboxId, toFolderId, total);
  if (total.messages === 0) return { uidValidity: to.uidvalidity, pairs: [] };
  const { highestmodseq: goneModseq } = await trx
    .updateTable('folders')
    .set((folder) => ({
      highestmodseq: folder('highestmodseq', '+', 1),
      messages: folder('messages', '-', total.messages),
      unseen: folder('unseen', '-', total.unseen),
    }))
    .where('mailbox_id', '=', mailboxId)
    .where('folder_id', '=', fromFolderId)
    .returning('highestmodseq')
    .executeTakeFirstOrThrow();
  const { rows } = await sql<CopiedRow>`
    with asked as materialized (
      select uid, letter_id, ${to.uidnext}::bigint - 1 + row_number() over (order by uid) as new_uid from messages
      where mailbox_id = ${mailboxId} and folder_id = ${fromFolderId} and ${among(uids)}),
    put as (
      update messages m set folder_id = ${toFolderId}, uid = a.new_uid, modseq = ${to.modseq}::bigint from asked a
      where m.mailbox_id = ${mailboxId} and m.folder_id = ${fromFolderId} and m.uid = a.uid),
    recorded as (
      insert into expunges (mailbox_id, folder_id, uid, modseq)
      select ${mailboxId}::bigint, ${fromFolderId}::bigint, uid, ${goneModseq}::bigint from asked)
    select uid as "from", new_uid as "to", letter_id from asked order by uid`.execute(trx);
  if (roles.entered === 'blocked-patients') await recordFiled(trx, mailboxId, lettersOf(rows));
  if (roles.left === 'blocked-patients') await recordUnfiled(trx, mailboxId, fromFolderId, lettersOf(rows));
  return { uidValidity: to.uidvalidity, pairs: rows.map(pairOf) };
}

type CopiedRow = { from: number; to: number; letter_id: number };

const pairOf = ({ from, to }: CopiedRow) => ({ from, to });
const lettersOf = (rows: readonly CopiedRow[]): number[] => rows.map((row) => row.letter_id);

type Total = { messages: number; unseen: number; bytes: number };

const among = (uids: readonly number[] | 'all') => (uids === 'all' ? sql`true` : amongUids('uid', uids));

async function sizeOf(trx: Trx, mailboxId: number, folderId: number, uids: readonly number[] | 'all'): Promise<Total> {
  const { rows } = await sql<Total>`
    select count(*) as messages, coalesce(sum(~flags & 1), 0)::bigint as unseen, coalesce(sum(size_bytes), 0)::bigint as bytes
    from messages where mailbox_id = ${mailboxId} and folder_id = ${folderId} and ${among(uids)}`.execute(trx);
  return rows[0] ?? { messages: 0, unseen: 0, bytes: 0 };
}

// Undefined when one of the folders does not exist. Within one folder nothing enters and nothing leaves.
async function rolesOf(
  trx: Trx,
  mailboxId: number,
  fromFolderId: number,
  toFolderId: number,
): Promise<{ left: FolderRole | null; entered: FolderRole | null } | undefined> {
  const ids = [...new Set([fromFolderId, toFolderId])];
  const rows = await trx
    .selectFrom('folders')
    .select(['folder_id', 'role'])
    .where('mailbox_id', '=', mailboxId)
    .where('folder_id', 'in', ids)
    .execute();
  if (rows.length < ids.length) return undefined;
  if (ids.length === 1) return { left: null, entered: null };
  const roleOf = (folderId: number) => rows.find((row) => row.folder_id === folderId)?.role ?? null;
  return { left: roleOf(fromFolderId), entered: roleOf(toFolderId) };
}

// UIDs and MODSEQ for what arrives; nothing arriving changes nothing.
async function numbersIn(
  trx: Trx,
  mailboxId: number,
  folderId: number,
  total: Total,
): Promise<{ uidvalidity: number; uidnext: number; modseq: number }> {
  const { rows } = await sql<{ uidvalidity: number; uidnext: number; modseq: number }>`
    update folders set uidnext = uidnext + ${total.messages}, messages = messages + ${total.messages}, unseen = unseen + ${total.unseen},
      highestmodseq = highestmodseq + ${Math.min(1, total.messages)}
    where mailbox_id = ${mailboxId} and folder_id = ${folderId}
    returning uidvalidity, uidnext - ${total.messages} as uidnext, highestmodseq as modseq`.execute(trx);
  const [numbers] = rows;
  if (!numbers) throw new Error('A folder vanished while its mailbox was locked');
  return numbers;
}
