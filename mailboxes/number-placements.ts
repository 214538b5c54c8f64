// Gives UIDs and a MODSEQ: one `update folders … returning` for a whole group, with the counters and the quota in the same
// statement, so that a hot folder is written once per group and never once per letter. RFC 9051 §2.3.1.1, RFC 7162 §3.1.
import { sql } from 'kysely';
import type { Trx } from '../src/database/tables.ts';
import { SystemFlag } from './flags.ts';
import { inbox } from './folder-names.ts';
import type { NewLetter, PlacedLetter } from './new-letter.ts';

/** A letter that fits, with the folder it goes to. */
export type FittingLetter = { readonly letter: NewLetter; readonly folderId: number; readonly sizeBytes: number };

/** The folder each letter goes to, INBOX when none was named; undefined where there is no such folder in that mailbox. */
export async function findTargets(trx: Trx, letters: readonly NewLetter[]): Promise<(number | undefined)[]> {
  const mailboxIds = [...new Set(letters.map((letter) => letter.mailboxId))];
  const folderIds = letters.flatMap((letter) => letter.folderId ?? []);
  const { rows } = await sql<{ mailbox_id: number; folder_id: number; is_inbox: boolean }>`
    select mailbox_id, folder_id, name = ${inbox} as is_inbox from folders
    where mailbox_id = any(${mailboxIds}::bigint[]) and (name = ${inbox} or folder_id = any(${folderIds}::bigint[]))`.execute(trx);
  const known = new Set(rows.map((row) => `${row.mailbox_id} ${row.folder_id}`));
  const inboxes = new Map(rows.filter((row) => row.is_inbox).map((row) => [row.mailbox_id, row.folder_id]));
  return letters.map(({ mailboxId, folderId }) => {
    if (folderId === undefined) return inboxes.get(mailboxId);
    return known.has(`${mailboxId} ${folderId}`) ? folderId : undefined;
  });
}

type Share = { mailboxId: number; folderId: number; count: number; unseen: number; bytes: number };
type Numbered = { folder_id: number; uidnext: number; uidvalidity: number; highestmodseq: number };

/** Charges the mailboxes and numbers the letters, in the order given. Their mailboxes are locked and their folders exist. */
export async function numberPlacements(trx: Trx, letters: readonly FittingLetter[]): Promise<PlacedLetter[]> {
  if (letters.length === 0) return [];
  const shares = sharesOf(letters);
  const { rows } = await sql<Numbered>`
    with share as materialized (
      select * from unnest(${shares.map((one) => one.mailboxId)}::bigint[], ${shares.map((one) => one.folderId)}::bigint[],
                           ${shares.map((one) => one.count)}::bigint[], ${shares.map((one) => one.unseen)}::bigint[],
                           ${shares.map((one) => one.bytes)}::bigint[])
        as s (mailbox_id, folder_id, letters, unseen, bytes)),
    charged as (
      update mailboxes m set used_bytes = m.used_bytes + c.bytes
      from (select mailbox_id, sum(bytes)::bigint as bytes from share group by mailbox_id) c where m.mailbox_id = c.mailbox_id)
    update folders f set uidnext = f.uidnext + s.letters, messages = f.messages + s.letters, unseen = f.unseen + s.unseen,
      highestmodseq = f.highestmodseq + 1
    from share s where f.mailbox_id = s.mailbox_id and f.folder_id = s.folder_id
    returning f.folder_id, f.uidnext - s.letters as uidnext, f.uidvalidity, f.highestmodseq`.execute(trx);
  const numbers = new Map(rows.map((row) => [row.folder_id, { ...row }]));
  return letters.map(({ letter, folderId, sizeBytes }) => {
    const numbered = numbers.get(folderId);
    if (!numbered) throw new Error('A folder was not numbered');
    const uid = numbered.uidnext;
    numbered.uidnext += 1;
    return {
      letter,
      sizeBytes,
      placement: { mailboxId: letter.mailboxId, folderId, uid, uidValidity: numbered.uidvalidity, modseq: numbered.highestmodseq },
    };
  });
}

function sharesOf(letters: readonly FittingLetter[]): Share[] {
  const shares = new Map<number, Share>();
  for (const { letter, folderId, sizeBytes } of letters) {
    const share = shares.get(folderId) ?? { mailboxId: letter.mailboxId, folderId, count: 0, unseen: 0, bytes: 0 };
    share.count += 1;
    share.unseen += letter.flags & SystemFlag.Seen ? 0 : 1;
    share.bytes += sizeBytes;
    shares.set(folderId, share);
  }
  return [...shares.values()];
}
