// Delivers a letter that a person released from the quarantine: its own bytes, its own sender, its own trace. Requirement 50.
// Twice is harmless: the delivery settles the row in its own transaction, and lets go of the bytes that were kept under it.
import { findBlob } from '../../../mailboxes/blobs/hold-blobs.ts';
import type { EnvelopeRecipient, Notify } from '../../delivery/arrival.ts';
import { oweReports } from '../../delivery/automatic-letters.ts';
import { advanceCourse } from '../../delivery/ledger.ts';
import { type HeldWhole, heldLetterPayload, heldLetterRowKind, readHeld } from '../../delivery/quarantine.ts';
import { automaticRetry, ourselves, resultOf } from '../deliver-automatic.ts';
import { type Consequence, type TaskContext, type TaskResult, task } from '../task.ts';

/** Tried as long as an automatic letter: the mailbox may be full for a while. At the end the sender is told that it was not delivered. */
export const deliverHeldLetter = task({
  name: heldLetterRowKind,
  payload: heldLetterPayload,
  lane: 'here',
  retry: automaticRetry,
  run: async (context, { heldId }) => {
    const held = await readHeld(context.db, heldId);
    return held ? deliver(context, held) : { do: 'give-up', because: 'letter-forgotten' };
  },
  givenUp: async ({ db }, { heldId }, because) => {
    const held = await readHeld(db, heldId);
    return held ? failed(held, because) : async () => undefined;
  },
});

async function deliver(
  context: TaskContext,
  { about, recipient, notify, originalRecipient, blobId, prefix }: HeldWhole,
): Promise<TaskResult<never>> {
  const blob = await findBlob(context.db, blobId);
  if (!blob) return { do: 'give-up', because: 'bytes-missing' };
  const arrival = {
    id: about.arrivalId,
    door: 'pipeline',
    receivedAt: context.clock(),
    sender: about.sender,
    peer: ourselves(context),
    ...(about.envelopeId !== undefined && { envelopeId: about.envelopeId }),
    settles: context.rowId,
    trace: prefix,
  } as const;
  const to: EnvelopeRecipient = {
    address: recipient,
    notify: toldOfTheEnd(notify),
    ...(originalRecipient !== undefined && { originalRecipient }),
  };
  return resultOf(await context.path.deliver(arrival, [to], context.blobs.read(blob, 0, blob.size_bytes)));
}

/** The sender was told that the letter was held: they are told how it ended, whether they had asked for that or not. */
function toldOfTheEnd(notify: Notify | undefined): Notify {
  return notify === 'never' ? notify : ['success', 'failure'];
}

function failed({ about, recipient: address, notify, originalRecipient }: HeldWhole, because: string): Consequence {
  const why =
    because === 'mailbox-full' ? ({ code: because, status: '5.2.2' } as const) : ({ code: 'not-delivered', status: '5.0.0' } as const);
  const told = { address, action: 'failed', ...why, notify: toldOfTheEnd(notify) } as const;
  return async (trx, now) => {
    const step = { letterId: about.arrivalId, recipient: address, state: 'refused', status: why.status, isFinal: true, at: now } as const;
    const wasFinal = await advanceCourse(trx, [step]);
    if (wasFinal(about.arrivalId, address)) return;
    await oweReports(trx, [{ about, recipients: [{ ...told, ...(originalRecipient !== undefined && { originalRecipient }) }] }], now);
  };
}
