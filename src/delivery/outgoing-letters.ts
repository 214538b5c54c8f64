// Letters for other operators, owed by the outbox: who they still go to, and which bytes wait for them.
// No mailbox holds an outgoing letter, so the outbox row itself holds its blob until the row is finished.
import { z } from 'zod';
import { holdBlobs } from '../../mailboxes/blobs/hold-blobs.ts';
import type { StoredBlob } from '../../mailboxes/blobs/stored-blob.ts';
import { type Address, parseAddress } from '../core/address.ts';
import { newId } from '../core/ids.ts';
import type { Trx } from '../database/tables.ts';
import { addToOutbox, outboxHolder } from './outbox.ts';

/** The kind of these rows: the name of the task that empties them. */
export const outgoingLetterKind = 'relay-letter';

const address = z.string().transform((text, context): Address => {
  const parsed = parseAddress(text);
  if (parsed) return parsed;
  context.addIssue({ code: 'custom', message: 'Not an address' });
  return z.NEVER;
});

/**
 * What the row keeps. `recipients` are those still owed; `failed` those refused for good, each with the enhanced status and the words
 * of the refusal (RFC 3464 §2.3.4, §2.3.6), for the report to the sender.
 */
export const outgoingLetterPayload = z.strictObject({
  blobId: z.string(),
  /** Trace headers written before the blob's bytes, base64. */
  prefix: z.base64(),
  /** Reverse path; null for `<>`. */
  sender: address.nullable(),
  recipients: z.array(address),
  failed: z.array(z.strictObject({ recipient: address, status: z.string(), reply: z.string() })),
});

export type OutgoingLetterPayload = z.output<typeof outgoingLetterPayload>;

/** One letter to be sent to addresses this gateway does not host. */
export type OutgoingLetter = {
  readonly blob: StoredBlob;
  readonly prefix: Buffer;
  readonly sender: Address | null;
  readonly recipients: readonly Address[];
};

/** Owes these letters to the next hop, and holds their bytes, inside the delivery's transaction. */
export async function addOutgoingLetters(trx: Trx, letters: readonly OutgoingLetter[], now: Date): Promise<void> {
  if (letters.length === 0) return;
  const named = letters.map((letter) => ({ id: newId(now.getTime()), letter }));
  await holdBlobs(
    trx,
    named.map(({ id, letter }) => ({ holder: outboxHolder(id), blob: letter.blob })),
  );
  const items = named.map(({ id, letter }) => ({ id, kind: outgoingLetterKind, payload: payloadOf(letter) }));
  await addToOutbox(trx, items, now);
}

function payloadOf(letter: OutgoingLetter): OutgoingLetterPayload {
  return {
    blobId: letter.blob.blobId,
    prefix: letter.prefix.toString('base64'),
    sender: letter.sender,
    recipients: [...letter.recipients],
    failed: [],
  };
}
