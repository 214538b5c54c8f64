// Counts again what the mutation layer keeps count of, and says where the two differ. Read only: a difference is a bug to be
// understood, not a number to be overwritten. Used by the crash and concurrency tests and by the operator's command.
import { sql } from 'kysely';
import type { Db } from '../src/database/tables.ts';

/** One number that is not what it should be. `folderId` is null for what belongs to the mailbox. */
export type Difference = {
  readonly mailboxId: number;
  readonly folderId: number | null;
  readonly what: string;
  readonly kept: number;
  readonly counted: number;
};

/**
 * All differences, in one snapshot: counters, quota, letters that stand nowhere, receipts owed for letters that are read, and UID and MODSEQ, for which `counted` is the
 * lowest value that would be right.
 */
export async function recount(db: Db): Promise<Difference[]> {
  const { rows } = await sql<{ mailbox_id: number; folder_id: number | null; what: string; kept: number; counted: number }>`
    with real as materialized (
      select mailbox_id, folder_id, count(*) as messages, count(*) filter (where flags & 1 = 0) as unseen,
        sum(size_bytes)::bigint as bytes, max(uid) as uid, max(modseq) as modseq
      from messages group by mailbox_id, folder_id),
    gone as materialized (select mailbox_id, folder_id, max(uid) as uid, max(modseq) as modseq from expunges group by mailbox_id, folder_id),
    checked as (
      select f.mailbox_id, f.folder_id, c.*
      from folders f left join real r using (mailbox_id, folder_id) left join gone g using (mailbox_id, folder_id),
      lateral (values
        ('messages', f.messages, coalesce(r.messages, 0), f.messages = coalesce(r.messages, 0)),
        ('unseen', f.unseen, coalesce(r.unseen, 0), f.unseen = coalesce(r.unseen, 0)),
        ('uidnext', f.uidnext, greatest(r.uid, g.uid, 0) + 1, f.uidnext > greatest(r.uid, g.uid, 0)),
        ('highestmodseq', f.highestmodseq, greatest(r.modseq, g.modseq, 1), f.highestmodseq >= greatest(r.modseq, g.modseq, 1))
      ) as c (what, kept, counted, is_right)
      union all
      select m.mailbox_id, null, 'used_bytes', m.used_bytes, coalesce(u.bytes, 0), m.used_bytes = coalesce(u.bytes, 0)
      from mailboxes m left join (select mailbox_id, sum(bytes)::bigint as bytes from real group by mailbox_id) u using (mailbox_id)
      union all
      select mailbox_id, null, 'letters placed nowhere', count(*), 0, false from letters l
      where not exists (select from messages p where p.mailbox_id = l.mailbox_id and p.letter_id = l.letter_id) group by mailbox_id
      union all
      select mailbox_id, null, 'receipts owed for letters read', count(*), 0, false from letters l
      where receipt_to is not null
        and exists (select from messages p where p.mailbox_id = l.mailbox_id and p.letter_id = l.letter_id and p.flags & 1 = 1) group by mailbox_id)
    select mailbox_id, folder_id, what, kept, counted from checked where not is_right order by mailbox_id, folder_id, what`.execute(db);
  return rows.map((row) => ({ mailboxId: row.mailbox_id, folderId: row.folder_id, what: row.what, kept: row.kept, counted: row.counted }));
}
