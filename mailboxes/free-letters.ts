// Forgets letters that stand in no folder any more. Their blobs are let go, not removed: another mailbox may have a letter of
// the same bytes, and a reader may be in the middle of a FETCH. The collector decides, after its grace.
import { sql } from 'kysely';
import type { Trx } from '../src/database/tables.ts';

/** Deletes those of a locked mailbox's letters that no message refers to. To be called after the messages are gone. */
export async function freeLetters(trx: Trx, mailboxId: number, letterIds: readonly number[]): Promise<void> {
  if (letterIds.length === 0) return;
  await sql`
    with gone as (
      delete from letters l where mailbox_id = ${mailboxId} and letter_id = any(${[...new Set(letterIds)]}::bigint[])
        and not exists (select from messages m where m.mailbox_id = l.mailbox_id and m.letter_id = l.letter_id)
      returning blob_id)
    insert into blobs_let_go (blob_id) select blob_id from gone`.execute(trx);
}
