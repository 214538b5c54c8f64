// Every change of a mailbox begins here: the mailbox's row is locked, several in the order of their ids, before anything else
// is read or written. Changes of one mailbox therefore wait in line, folders need no lock of their own, and two groups of
// deliveries that share mailboxes cannot wait for each other in a ring.
import { sql } from 'kysely';
import type { Trx } from '../src/database/tables.ts';

/** A mailbox's room, in bytes, true until the transaction ends. */
export type Room = { readonly quotaBytes: number; readonly usedBytes: number };

/** Locks mailboxes; those that do not exist are absent from the answer. To be called once in a transaction, with all it will change. */
export async function lockMailboxes(trx: Trx, mailboxIds: readonly number[]): Promise<Map<number, Room>> {
  const ids = [...new Set(mailboxIds)];
  const { rows } = await sql<{ mailbox_id: number; quota_bytes: number; used_bytes: number }>`
    select mailbox_id, quota_bytes, used_bytes from mailboxes
    where mailbox_id = any(${ids}::bigint[]) order by mailbox_id for no key update`.execute(trx);
  return new Map(rows.map((row) => [row.mailbox_id, { quotaBytes: row.quota_bytes, usedBytes: row.used_bytes }]));
}
