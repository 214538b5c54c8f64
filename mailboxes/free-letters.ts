// Forgets letters that stand in no folder any more. Their blobs stay until they are collected: another mailbox, or a reader
// in the middle of a FETCH, may need them.
import { sql } from 'kysely';
import type { Trx } from '../src/database/tables.ts';

/** Deletes those of a locked mailbox's letters that no message refers to. To be called after the messages are gone. */
export async function freeLetters(trx: Trx, mailboxId: number, letterIds: readonly number[]): Promise<void> {
  if (letterIds.length === 0) return;
  await sql`
    delete from letters l where mailbox_id = ${mailboxId} and letter_id = any(${[...new Set(letterIds)]}::bigint[])
      and not exists (select from messages m where m.mailbox_id = l.mailbox_id and m.letter_id = l.letter_id)`.execute(trx);
}
