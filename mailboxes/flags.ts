// Flags and keywords of placements. RFC 9051 §2.3.2 and §6.4.6; RFC 7162 §3.1: a change has a new MODSEQ, what is
// already as asked keeps its own.
import { sql } from 'kysely';
import { RefusedError } from '../src/core/errors.ts';
import type { Db } from '../src/database/tables.ts';
import { amongUids } from './among-uids.ts';
import { inTransaction } from './in-transaction.ts';
import { lockMailboxes } from './lock-mailboxes.ts';
import type { Wakeups } from './wakeups.ts';

/** Bits of the `flags` column: the flags every client knows. \Recent is gone in IMAP4rev2 and is not kept. */
export const SystemFlag = { Seen: 1, Answered: 2, Flagged: 4, Deleted: 8, Draft: 16 } as const;

/** What STORE asks. `flags` are bits of SystemFlag; keywords are compared without regard to case. */
export type FlagChange = { readonly mode: 'add' | 'remove' | 'replace'; readonly flags: number; readonly keywords: readonly string[] };

/** A placement's flags after a change, or as the change log gives them. */
export type FlagState = { readonly uid: number; readonly flags: number; readonly keywords: string[]; readonly modseq: number };

/** Sorted, each once whatever its case; the first spelling is kept. */
export function tidyKeywords(keywords: readonly string[]): string[] {
  const once = new Map<string, string>();
  for (const keyword of keywords) if (keyword !== '' && !once.has(keyword.toLowerCase())) once.set(keyword.toLowerCase(), keyword);
  return [...once.values()].sort();
}

/** Changes flags and answers with all the asked messages that exist, changed or not, in UID order. Throws RefusedError beyond 100 keywords a message. */
export async function storeFlags(
  db: Db,
  wakeups: Wakeups,
  mailboxId: number,
  folderId: number,
  uids: readonly number[],
  change: FlagChange,
): Promise<FlagState[]> {
  const keywords = tidyKeywords(change.keywords);
  const states = await inTransaction(db, async (trx) => {
    await lockMailboxes(trx, [mailboxId]);
    const { rows } = await sql<FlagState & { changed: boolean }>`
      with asked as materialized (
        select uid, letter_id, flags, keywords, modseq,
          ${newFlags(change)}::smallint as new_flags, ${newKeywords(change.mode, keywords)} as new_keywords
        from messages where mailbox_id = ${mailboxId} and folder_id = ${folderId} and ${amongUids('uid', uids)}),
      changed as materialized (select * from asked where new_flags <> flags or new_keywords <> keywords),
      moved as (
        update folders set highestmodseq = highestmodseq + 1,
          unseen = unseen + (select sum((~new_flags & 1) - (~flags & 1)) from changed)
        where mailbox_id = ${mailboxId} and folder_id = ${folderId} and exists (select from changed)
        returning highestmodseq),
      stored as (
        update messages m set flags = c.new_flags, keywords = c.new_keywords, modseq = moved.highestmodseq
        from changed c, moved where m.mailbox_id = ${mailboxId} and m.folder_id = ${folderId} and m.uid = c.uid
        returning m.uid, m.modseq)${setsSeen(change) ? toldOnce(mailboxId) : sql``}
      select a.uid, a.new_flags as flags, a.new_keywords as keywords, coalesce(s.modseq, a.modseq) as modseq, s.uid is not null as changed
      from asked a left join stored s on s.uid = a.uid order by a.uid`.execute(trx);
    return rows;
  }).catch(refuseTooManyKeywords);
  if (states.some((state) => state.changed)) wakeups.publish([{ mailboxId, folderId }]);
  return states.map(({ uid, flags, keywords: kept, modseq }) => ({ uid, flags, keywords: kept, modseq }));
}

// Marking read may be what the sender of a letter asked to be told of. The letter forgets it in the statement that tells it, which
// ran alone on this mailbox: neither another session nor another placement of the letter tells it again. Requirement 43.
function toldOnce(mailboxId: number): ReturnType<typeof sql> {
  return sql`,
      read as materialized (
        select mailbox_id, letter_id, message_id, receipt_to from letters
        where mailbox_id = ${mailboxId} and receipt_to is not null
          and letter_id in (select letter_id from changed where new_flags & 1 = 1 and flags & 1 = 0)),
      told as (update letters l set receipt_to = null from read r where l.mailbox_id = r.mailbox_id and l.letter_id = r.letter_id),
      recorded as (
        insert into message_events (kind, mailbox_id, letter_id, message_id, receipt_to)
        select 'read', mailbox_id, letter_id, message_id, receipt_to from read)`;
}

function setsSeen({ mode, flags }: FlagChange): boolean {
  return mode !== 'remove' && (flags & SystemFlag.Seen) !== 0;
}

function newFlags({ mode, flags }: FlagChange): ReturnType<typeof sql> {
  if (mode === 'add') return sql`flags | ${flags}::integer`;
  if (mode === 'remove') return sql`flags & ~${flags}::integer`;
  return sql`(${flags}::integer)`;
}

// `collate "C"` sorts as JavaScript does, so that the same keywords are the same array wherever they were put in order.
function newKeywords(mode: FlagChange['mode'], keywords: readonly string[]): ReturnType<typeof sql> {
  const lower = keywords.map((keyword) => keyword.toLowerCase());
  if (mode === 'replace') return sql`${keywords}::text[]`;
  if (mode === 'remove') return sql`array(select k from unnest(keywords) k where lower(k) <> all(${lower}::text[]) order by k collate "C")`;
  return sql`array(select k from (
    select k from unnest(keywords) k
    union all
    select n from unnest(${keywords}::text[]) n where lower(n) not in (select lower(o) from unnest(keywords) o)) as k (k)
    order by k collate "C")`;
}

function refuseTooManyKeywords(error: unknown): never {
  if ((error as { constraint?: string }).constraint !== 'messages_keywords_bounded') throw error;
  throw new RefusedError('too-many-keywords', 'Ce message porte trop de mots-clés', { cause: error });
}
