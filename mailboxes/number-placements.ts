// Gives UIDs and a MODSEQ: one `update folders … returning` for a whole group, with the counters and the quota in the same
// statement, so that a hot folder is written once per group and never once per letter. RFC 9051 §2.3.1.1, RFC 7162 §3.1.
import { sql } from 'kysely';
import type { Trx } from '../src/database/tables.ts';
import { SystemFlag } from './flags.ts';
import type { NewLetter, PlacedLetter } from './new-letter.ts';

/** A letter that its mailbox has room for. */
export type FittingLetter = { readonly letter: NewLetter; readonly sizeBytes: number };

type Share = { mailboxId: number; folderId: number; count: number; unseen: number; bytes: number };
type Numbered = { mailbox_id: number; folder_id: number; uidnext: number; uidvalidity: number; highestmodseq: number };

/** Numbers the letters in the order given and charges their mailboxes, which are locked; a letter whose folder is gone is answered so. */
export async function numberPlacements(trx: Trx, letters: readonly FittingLetter[]): Promise<(PlacedLetter | 'no-folder')[]> {
  if (letters.length === 0) return [];
  const shares = sharesOf(letters);
  const { rows } = await sql<Numbered>`
    with share as materialized (
      select * from unnest(${shares.map((one) => one.mailboxId)}::bigint[], ${shares.map((one) => one.folderId)}::bigint[],
                           ${shares.map((one) => one.count)}::bigint[], ${shares.map((one) => one.unseen)}::bigint[],
                           ${shares.map((one) => one.bytes)}::bigint[])
        as s (mailbox_id, folder_id, letters, unseen, bytes)),
    numbered as (
      update folders f set uidnext = f.uidnext + s.letters, messages = f.messages + s.letters, unseen = f.unseen + s.unseen,
        highestmodseq = f.highestmodseq + 1
      from share s where f.mailbox_id = s.mailbox_id and f.folder_id = s.folder_id
      returning f.mailbox_id, f.folder_id, f.uidnext - s.letters as uidnext, f.uidvalidity, f.highestmodseq, s.bytes),
    charged as (
      update mailboxes m set used_bytes = m.used_bytes + c.bytes
      from (select mailbox_id, sum(bytes)::bigint as bytes from numbered group by mailbox_id) c where m.mailbox_id = c.mailbox_id)
    select mailbox_id, folder_id, uidnext, uidvalidity, highestmodseq from numbered`.execute(trx);
  const numbers = new Map(rows.map((row) => [`${row.mailbox_id} ${row.folder_id}`, { ...row }]));
  return letters.map(({ letter, sizeBytes }) => {
    const { mailboxId, folderId } = letter;
    const numbered = numbers.get(`${mailboxId} ${folderId}`);
    if (!numbered) return 'no-folder';
    const uid = numbered.uidnext;
    numbered.uidnext += 1;
    const placement = { mailboxId, folderId, uid, uidValidity: numbered.uidvalidity, modseq: numbered.highestmodseq };
    return { letter, sizeBytes, placement };
  });
}

function sharesOf(letters: readonly FittingLetter[]): Share[] {
  const shares = new Map<string, Share>();
  for (const { letter, sizeBytes } of letters) {
    const { mailboxId, folderId } = letter;
    const share = shares.get(`${mailboxId} ${folderId}`) ?? { mailboxId, folderId, count: 0, unseen: 0, bytes: 0 };
    share.count += 1;
    share.unseen += letter.flags & SystemFlag.Seen ? 0 : 1;
    share.bytes += sizeBytes;
    shares.set(`${mailboxId} ${folderId}`, share);
  }
  return [...shares.values()];
}
