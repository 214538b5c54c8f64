// Letters for other operators, owed by the outbox: who they still go to, and which bytes wait for them.
// No mailbox holds an outgoing letter, so the outbox row itself holds its blob until the row is finished.
import { z } from 'zod';
import { holdBlobs } from '../../mailboxes/blobs/hold-blobs.ts';
import type { StoredBlob } from '../../mailboxes/blobs/stored-blob.ts';
import { newId } from '../core/ids.ts';
import type { Trx } from '../database/tables.ts';
import { type AboutLetter, aboutKind, keepAbout } from './about-letter.ts';
import type { EnvelopeRecipient } from './arrival.ts';
import { addToOutbox, outboxHolder } from './outbox.ts';
import { addressKind, recipientKind } from './payload-kinds.ts';

/** The kind of these rows: the name of the task that empties them. */
export const outgoingLetterKind = 'relay-letter';

/**
 * What the row keeps. `recipients` are those still owed; `last` is what the next hop said of one the last time, with its enhanced
 * status (RFC 3464 §2.3.4, §2.3.6): the sender is told of it when the letter is given up. `doubts` counts the times that the letter was
 * sent whole and not answered.
 */
export const outgoingLetterPayload = z.object({
  about: aboutKind,
  isAnswer: z.boolean(),
  blobId: z.string(),
  /** Trace headers written before the blob's bytes, base64. */
  prefix: z.base64(),
  /** Reverse path; null for `<>`. */
  sender: addressKind.nullable(),
  /** RET. */
  returned: z.literal(['full', 'headers']).exactOptional(),
  recipients: z.array(
    recipientKind.extend({
      last: z.object({ status: z.string(), reply: z.string() }).exactOptional(),
      doubts: z.int().exactOptional(),
    }),
  ),
});

export type OutgoingLetterPayload = z.output<typeof outgoingLetterPayload>;

/** One letter to be sent to addresses this gateway does not host. */
export type OutgoingLetter = {
  /** Its row's id, chosen beforehand when the ledger names it. */
  readonly rowId?: string;
  readonly about: AboutLetter;
  readonly blob: StoredBlob;
  readonly prefix: Buffer;
  readonly recipients: readonly EnvelopeRecipient[];
  readonly returned?: 'full' | 'headers';
};

/** Owes these letters to the next hop, and holds their bytes, inside the delivery's transaction. */
export async function addOutgoingLetters(trx: Trx, letters: readonly OutgoingLetter[], now: Date): Promise<void> {
  if (letters.length === 0) return;
  const named = letters.map((letter) => ({ id: letter.rowId ?? newId(now.getTime()), letter }));
  await holdBlobs(
    trx,
    named.map(({ id, letter }) => ({ holder: outboxHolder(id), blob: letter.blob })),
  );
  const items = named.map(({ id, letter }) => ({ id, kind: outgoingLetterKind, payload: payloadOf(letter) }));
  await addToOutbox(trx, items, now);
}

function payloadOf({ about, blob, prefix, recipients, returned }: OutgoingLetter): z.input<typeof outgoingLetterPayload> {
  return {
    about: keepAbout(about),
    isAnswer: about.isAnswer,
    blobId: blob.blobId,
    prefix: prefix.toString('base64'),
    sender: about.sender,
    ...(returned && { returned }),
    recipients: recipients.map(({ address, notify, originalRecipient }) => ({
      address,
      ...(notify !== undefined && { notify: notify === 'never' ? notify : [...notify] }),
      ...(originalRecipient !== undefined && { originalRecipient }),
    })),
  };
}
