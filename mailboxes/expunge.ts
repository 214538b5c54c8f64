// Removes messages for good: the placement, its room in the quota, the letter when it stood nowhere else, and a line in the
// change log for whoever has the folder open (RFC 7162 §3.2.7). RFC 9051 §6.4.3, RFC 4315 §2.1.
import { sql } from 'kysely';
import type { Db } from '../src/database/tables.ts';
import { amongUids } from './among-uids.ts';
import { SystemFlag } from './flags.ts';
import { freeLetters } from './free-letters.ts';
import { inTransaction } from './in-transaction.ts';
import { lockMailboxes } from './lock-mailboxes.ts';
import { recordUnfiled } from './message-events.ts';
import type { FolderRole } from './schema.ts';
import type { Wakeups } from './wakeups.ts';

/** A message that is gone. */
export type Expunged = { readonly uid: number; readonly modseq: number };

/**
 * Removes the messages that carry \Deleted: all of a folder's (EXPUNGE, CLOSE) or those among `uids` (UID EXPUNGE).
 * The flag is checked here, in the transaction, whatever the caller saw before. In UID order.
 */
export async function expungeMessages(
  db: Db,
  wakeups: Wakeups,
  mailboxId: number,
  folderId: number,
  uids: readonly number[] | 'all-deleted',
): Promise<Expunged[]> {
  const among = uids === 'all-deleted' ? sql`true` : amongUids('uid', uids);
  const gone = await inTransaction(db, async (trx) => {
    await lockMailboxes(trx, [mailboxId]);
    const { rows } = await sql<Expunged & { letter_id: number; role: FolderRole | null }>`
      with gone as (
        delete from messages where mailbox_id = ${mailboxId} and folder_id = ${folderId} and flags & ${SystemFlag.Deleted}::integer <> 0 and ${among}
        returning uid, letter_id, flags, size_bytes),
      total as (select count(*) as messages, coalesce(sum(~flags & 1), 0) as unseen, coalesce(sum(size_bytes), 0)::bigint as bytes from gone),
      moved as (
        update folders f set highestmodseq = highestmodseq + 1, messages = f.messages - total.messages, unseen = f.unseen - total.unseen
        from total where f.mailbox_id = ${mailboxId} and f.folder_id = ${folderId} and total.messages > 0
        returning highestmodseq, role),
      freed as (update mailboxes set used_bytes = used_bytes - total.bytes from total where mailbox_id = ${mailboxId} and total.messages > 0),
      recorded as (
        insert into expunges (mailbox_id, folder_id, uid, modseq)
        select ${mailboxId}::bigint, ${folderId}::bigint, gone.uid, moved.highestmodseq from gone, moved)
      select gone.uid, gone.letter_id, moved.highestmodseq as modseq, moved.role from gone, moved order by gone.uid`.execute(trx);
    const letterIds = rows.map((row) => row.letter_id);
    if (rows[0]?.role === 'blocked-patients') await recordUnfiled(trx, mailboxId, folderId, letterIds);
    await freeLetters(trx, mailboxId, letterIds);
    return rows;
  });
  if (gone.length > 0) wakeups.publish([{ mailboxId, folderId }]);
  return gone.map(({ uid, modseq }) => ({ uid, modseq }));
}
