// What happened to messages that someone else must act on, written in the transaction that made it happen: a letter whose sender
// asked for a receipt was read, a letter came into the folder of blocked patients, the last of a sender left it. Named after
// RFC 5423 (MessageRead). Requirements 33 and 43: each is told exactly once, to whoever takes it in a transaction of its own.
import { sql } from 'kysely';
import type { Address } from '../src/core/address.ts';
import type { Trx } from '../src/database/tables.ts';

/** `mailboxAddress` is the mailbox's address when the event is taken; `at` when it happened. */
export type MessageEvent =
  | {
      readonly kind: 'read';
      readonly mailboxAddress: Address;
      readonly letterId: number;
      readonly mailboxId: number;
      readonly messageId: string | null;
      readonly receiptTo: Address;
      readonly at: Date;
    }
  | { readonly kind: 'filed' | 'unfiled'; readonly mailboxAddress: Address; readonly sender: Address; readonly at: Date };

type TakenEvent = {
  kind: MessageEvent['kind'];
  address: Address;
  mailbox_id: number;
  letter_id: number | null;
  message_id: string | null;
  receipt_to: Address | null;
  sender: Address | null;
  at: Date;
};

/**
 * Takes the oldest events, at most `limit`: they are gone once this transaction commits, and stand again when it does not. Act on
 * them in the same one. Who takes while another does waits for it: what happened to one mailbox is acted on in its order.
 */
export async function takeMessageEvents(trx: Trx, limit: number): Promise<MessageEvent[]> {
  const { rows } = await sql<TakenEvent>`
    with due as materialized (select event_id from message_events order by event_id limit ${limit} for update),
    taken as (delete from message_events e using due where e.event_id = due.event_id returning e.*)
    select t.kind, m.address, t.mailbox_id, t.letter_id, t.message_id, t.receipt_to, t.sender, t.at
    from taken t join mailboxes m on m.mailbox_id = t.mailbox_id order by t.event_id`.execute(trx);
  return rows.map(asEvent);
}

function asEvent(row: TakenEvent): MessageEvent {
  const {
    kind,
    address: mailboxAddress,
    mailbox_id: mailboxId,
    letter_id: letterId,
    message_id: messageId,
    receipt_to: receiptTo,
    at,
  } = row;
  if (kind === 'read' && letterId !== null && receiptTo !== null) {
    return { kind, mailboxAddress, letterId, mailboxId, messageId, receiptTo, at };
  }
  if (kind !== 'read' && row.sender !== null) return { kind, mailboxAddress, sender: row.sender, at };
  throw new Error('An event lacks what its kind tells');
}

/** Letters came into a folder of blocked patients: their senders are to be blocked. In a transaction that has locked the mailbox. */
export async function recordFiled(trx: Trx, mailboxId: number, letterIds: readonly number[]): Promise<void> {
  await sql`
    insert into message_events (kind, mailbox_id, sender)
    select distinct 'filed', mailbox_id, sender from letters
    where mailbox_id = ${mailboxId} and letter_id = any(${letterIds}::bigint[]) and sender is not null`.execute(trx);
}

/**
 * Letters left a folder of blocked patients: the block of those who have none left there is lifted. To be called once their
 * messages have left the folder, and before letters that stand nowhere are forgotten.
 */
export async function recordUnfiled(trx: Trx, mailboxId: number, folderId: number, letterIds: readonly number[]): Promise<void> {
  await sql`
    insert into message_events (kind, mailbox_id, sender)
    select distinct 'unfiled', mailbox_id, sender from letters
    where mailbox_id = ${mailboxId} and letter_id = any(${letterIds}::bigint[]) and sender is not null
      and sender not in (
        select l.sender from messages m join letters l on l.mailbox_id = m.mailbox_id and l.letter_id = m.letter_id
        where m.mailbox_id = ${mailboxId} and m.folder_id = ${folderId} and l.sender is not null)`.execute(trx);
}
