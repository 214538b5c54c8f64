// Acts on what happened to messages: a letter that was read owes its receipt, a citizen's letter in the folder of blocked patients
// blocks them, the last one to leave it lifts the block. Requirements 33 and 43. Each event is taken and acted on in one transaction:
// a process that dies in between leaves it as it was.
import { type Holder, resolveAddresses } from '../../directory/resolve-addresses.ts';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { findMailboxes } from '../../mailboxes/mailbox.ts';
import { type MessageEvent, takeMessageEvents } from '../../mailboxes/message-events.ts';
import { blockerOf } from '../../policies/blocker.ts';
import { block, unblock } from '../../policies/blocks.ts';
import type { Address } from '../core/address.ts';
import type { Db, Trx } from '../database/tables.ts';
import { oweReceipts } from './automatic-letters.ts';
import { advanceCourse, findLines } from './ledger.ts';

type Read = Extract<MessageEvent, { kind: 'read' }>;
type Filing = Extract<MessageEvent, { kind: 'filed' | 'unfiled' }>;

const batchEvents = 200;

/** Acts on the oldest events. True when there may be more. `domain` is the citizens'. */
export async function actOnMessageEvents(db: Db, domain: string, now: Date): Promise<boolean> {
  return await inTransaction(db, async (trx) => {
    const events = await takeMessageEvents(trx, batchEvents);
    await actOnReading(
      trx,
      events.filter((event) => event.kind === 'read'),
      now,
    );
    await actOnFiling(
      trx,
      domain,
      events.filter((event) => event.kind !== 'read'),
      now,
    );
    return events.length === batchEvents;
  });
}

/**
 * The ledger knows at once; the sender hears when the receipt arrives. The line is that of the mailbox, by whichever of its names
 * the letter was sent: a citizen's matricule may have changed since.
 */
async function actOnReading(trx: Trx, events: readonly Read[], now: Date): Promise<void> {
  if (events.length === 0) return;
  await oweReceipts(trx, events, now);
  const lines = await findLines(
    trx,
    events.flatMap(({ messageId, receiptTo: sender }) => (messageId === null ? [] : [{ sender, messageId }])),
  );
  const mailboxes = await findMailboxes(trx, [...new Set(lines.map((line) => line.recipient))]);
  const read = events.flatMap(({ mailboxId, messageId, receiptTo, at }) =>
    lines
      .filter(
        (line) => line.message_id === messageId && line.sender === receiptTo && mailboxes.get(line.recipient)?.mailboxId === mailboxId,
      )
      .map((line) => ({ letterId: line.letter_id, recipient: line.recipient, state: 'read' as const, at })),
  );
  await advanceCourse(trx, read);
}

/** In the order they happened: of a letter moved in and out again, the last move counts. */
async function actOnFiling(trx: Trx, domain: string, events: readonly Filing[], now: Date): Promise<void> {
  if (events.length === 0) return;
  const named = [...new Set(events.flatMap(({ mailboxAddress, sender }) => [mailboxAddress, sender]))];
  const holders = await resolveAddresses(trx, domain, named);
  for (const { kind, mailboxAddress, sender } of events) {
    const pair = blockedPair(holders, mailboxAddress, sender);
    if (pair && kind === 'filed') await block(trx, { ...pair, by: mailboxAddress }, now);
    else if (pair) await unblock(trx, pair);
  }
}

/** Only a citizen can be blocked, and only by a professional. */
function blockedPair(holders: ReadonlyMap<Address, Holder>, mailboxAddress: Address, sender: Address) {
  const professional = holders.get(mailboxAddress);
  const citizen = holders.get(sender);
  if (professional?.kind !== 'professional' || citizen?.kind !== 'citizen') return undefined;
  return { citizenId: citizen.citizenId, blocker: blockerOf(professional) };
}
