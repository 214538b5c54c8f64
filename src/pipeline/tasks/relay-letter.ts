// Sends one letter to the addresses this gateway does not host, as far as the configured next hop (issue 2).
// Twice is harmless: recipients the next hop took are removed from the row as soon as it has answered. Only a crash between its
// answer and that write sends again, under the same Message-ID: SMTP has no better promise (RFC 5321 §4.1.1.4, §6.1).
import { findBlob } from '../../../mailboxes/blobs/hold-blobs.ts';
import { type OutgoingLetterPayload, outgoingLetterKind, outgoingLetterPayload } from '../../delivery/outgoing-letters.ts';
import { sendLetter } from '../../relay/send-letter.ts';
import { type TaskContext, type TaskResult, task } from '../task.ts';

const minuteMs = 60_000;

/** Characters kept of a refusal: the other side chooses its length. */
const longestReply = 1000;

/** Minutes at first, hours later, two days in all: shorter than the five days of RFC 5321 §4.5.4.1, because somebody is being cared for. */
export const relayLetter = task({
  name: outgoingLetterKind,
  payload: outgoingLetterPayload,
  retry: { firstDelayMs: minuteMs, longestDelayMs: 120 * minuteMs, giveUpAfterMs: 48 * 60 * minuteMs },
  run: relay,
});

async function relay(context: TaskContext, letter: OutgoingLetterPayload): Promise<TaskResult<OutgoingLetterPayload>> {
  const { db, blobs, events, signal } = context;
  if (letter.recipients.length === 0) return ended(letter);
  if (!context.relay) return { do: 'again', because: 'no-next-hop', payload: letter };
  const blob = await findBlob(db, letter.blobId);
  if (!blob) return { do: 'give-up', because: 'bytes-missing', payload: letter };

  const prefix = Buffer.from(letter.prefix, 'base64');
  const content = async function* () {
    yield prefix;
    yield* blobs.read(blob, 0, blob.size_bytes);
  };
  const { hop, heloName } = context.relay;
  const { sender, recipients } = letter;
  const results = await sendLetter(hop, { sender, recipients, sizeBytes: prefix.length + blob.size_bytes, content }, { heloName, signal });
  const refused = results.filter((one) => one.result === 'failed');
  const failed = refused.map(({ recipient, status, reply }) => ({ recipient, status, reply: reply.slice(0, longestReply) }));
  const settled = new Set(results.filter((one) => one.result !== 'later').map((one) => one.recipient));
  // Whoever the answer does not name is still owed.
  const later = letter.recipients.filter((recipient) => !settled.has(recipient));
  events.letterRelayed({ delivered: settled.size - failed.length, failed: failed.length, later: later.length });
  const remaining = { ...letter, recipients: later, failed: [...letter.failed, ...failed] };
  return later.length > 0 ? { do: 'again', because: 'put-off-by-next-hop', payload: remaining } : ended(remaining);
}

/** Nobody is left: done, or given up with the refused recipients in the row, where a report to the sender will find them. */
function ended(letter: OutgoingLetterPayload): TaskResult<OutgoingLetterPayload> {
  return letter.failed.length === 0 ? { do: 'done' } : { do: 'give-up', because: 'recipients-refused', payload: letter };
}
