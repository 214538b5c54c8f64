// Sends one letter to the addresses this gateway does not host, as far as the configured next hop, and tells its sender of those who
// did not take it. RFC 3461 §5.2, requirement 46.
// Twice is harmless: what the next hop answered is written with the reports it owes in one transaction. Only a crash between its answer
// and that write sends again, under the same Message-ID: SMTP has no better promise (RFC 5321 §4.1.1.4, §6.1).
import { findBlob } from '../../../mailboxes/blobs/hold-blobs.ts';
import type { BlobRef } from '../../../mailboxes/blobs/stored-blob.ts';
import { type AboutLetter, restoreAbout } from '../../delivery/about-letter.ts';
import { oweReports, type RecipientToReport } from '../../delivery/automatic-letters.ts';
import { advanceCourse } from '../../delivery/ledger.ts';
import { type OutgoingLetterPayload, outgoingLetterKind, outgoingLetterPayload } from '../../delivery/outgoing-letters.ts';
import type { RecipientResult } from '../../relay/recipient-result.ts';
import { sendLetter } from '../../relay/send-letter.ts';
import { quoteHeader } from '../quote-letter.ts';
import { type Consequence, type TaskContext, type TaskResult, task } from '../task.ts';

const minuteMs = 60_000;

/** Characters kept of what the next hop said: the other side chooses its length, and what it is made of. Half of one cannot be kept. */
const longestReply = 1000;
const wordsIn = (reply: string) => reply.slice(0, longestReply).replace(/[\p{Cc}\p{Cs}]+/gu, ' ');

type Recipient = OutgoingLetterPayload['recipients'][number];

/** Minutes at first, hours later, two days in all: shorter than the five days of RFC 5321 §4.5.4.1, because somebody is being cared for. */
export const relayLetter = task({
  name: outgoingLetterKind,
  payload: outgoingLetterPayload,
  lane: 'outside',
  retry: { firstDelayMs: minuteMs, longestDelayMs: 120 * minuteMs, giveUpAfterMs: 48 * 60 * minuteMs },
  run: relay,
  givenUp: async (context, letter) => {
    const blob = await findBlob(context.db, letter.blobId);
    return consequence(context, letter, blob, letter.recipients.map(notTaken));
  },
});

async function relay(context: TaskContext, letter: OutgoingLetterPayload): Promise<TaskResult<OutgoingLetterPayload>> {
  const { db, blobs, events, signal } = context;
  if (letter.recipients.length === 0) return { do: 'done' };
  if (!context.relay) return { do: 'again', because: 'no-next-hop' };
  const blob = await findBlob(db, letter.blobId);
  if (!blob) return { do: 'give-up', because: 'bytes-missing' };

  const prefix = Buffer.from(letter.prefix, 'base64');
  const content = async function* () {
    yield prefix;
    yield* blobs.read(blob, 0, blob.size_bytes);
  };
  const { hop, heloName } = context.relay;
  const { sender, recipients, about, returned } = letter;
  const envelope = {
    sender,
    recipients,
    ...(about.envelopeId !== undefined && { envelopeId: about.envelopeId }),
    ...(returned && { returned }),
  };
  const sizeBytes = prefix.length + blob.size_bytes;
  const results = await sendLetter(hop, { ...envelope, sizeBytes, content }, { heloName, signal });

  const answers = new Map(results.map((one) => [one.recipient, one]));
  const settled = recipients.flatMap((recipient) => settledBy(recipient, answers.get(recipient.address)));
  // Whoever the answer does not name is still owed.
  const later = recipients.flatMap((recipient) => stillOwed(recipient, answers.get(recipient.address)));
  const failed = settled.filter(({ action }) => action === 'failed').length;
  events.letterRelayed({ delivered: settled.length - failed, failed, later: later.length });
  const also = await consequence(context, letter, blob, settled);
  if (later.length > 0) return { do: 'again', because: 'put-off-by-next-hop', payload: { ...letter, recipients: later }, also };
  // Nobody is told of an automatic letter that was refused: its row says so.
  if (failed > 0 && (sender === null || letter.isAnswer))
    return { do: 'give-up', because: 'recipients-refused', payload: { ...letter, recipients: [] }, also };
  return { do: 'done', also };
}

/** What is now certain of a recipient, and whether the next hop has taken over telling the sender. */
type Settled = RecipientToReport & { readonly isTheirsToTell: boolean };

function settledBy(recipient: Recipient, answer: RecipientResult | undefined): Settled[] {
  if (answer?.result === 'delivered') {
    return [{ ...asked(recipient), action: 'relayed', status: '2.0.0', isTheirsToTell: answer.dsnPassedOn }];
  }
  if (answer?.result !== 'failed') return [];
  const diagnostic = wordsIn(answer.reply);
  return [
    {
      ...asked(recipient),
      action: 'failed',
      status: answer.status,
      code: 'refused-there',
      ...(diagnostic !== '' && { diagnostic }),
      isTheirsToTell: false,
    },
  ];
}

function stillOwed(recipient: Recipient, answer: RecipientResult | undefined): Recipient[] {
  if (!answer) return [recipient];
  const last = { status: answer.status, reply: wordsIn(answer.reply) };
  return answer.result === 'later' ? [{ ...recipient, last }] : [];
}

/** Of a recipient whose letter is given up: the last words of the next hop, or that there were none in time. RFC 3463 §3.5. */
function notTaken(recipient: Recipient): Settled {
  const { status, reply } = recipient.last ?? { status: '4.4.7', reply: '' };
  return {
    ...asked(recipient),
    action: 'failed',
    status,
    code: 'not-answered-there',
    ...(reply !== '' && { diagnostic: reply }),
    isTheirsToTell: false,
  };
}

function asked({ last: _last, ...recipient }: Recipient): Recipient {
  return recipient;
}

/** The ledger's steps, and the reports the sender is owed: one for those who failed, one for those who have the letter. */
async function consequence(
  context: TaskContext,
  letter: OutgoingLetterPayload,
  blob: BlobRef | undefined,
  settled: readonly Settled[],
): Promise<Consequence> {
  const told = settled.filter(({ isTheirsToTell }) => !isTheirsToTell).map(({ isTheirsToTell: _told, ...recipient }) => recipient);
  const headers = told.length > 0 && blob ? await quoteHeader(context, blob) : Buffer.alloc(0);
  const about: AboutLetter = restoreAbout(letter.about, { sender: letter.sender, isAnswer: letter.isAnswer, headers });
  const reports = (['failed', 'relayed'] as const).map((action) => ({ about, recipients: told.filter((one) => one.action === action) }));
  return async (trx, now) => {
    const steps = settled.map(({ address, action, status }) => {
      const state = action === 'failed' ? ('refused' as const) : ('relayed' as const);
      return { letterId: about.arrivalId, recipient: address, state, status, at: now };
    });
    await advanceCourse(trx, steps);
    await oweReports(trx, reports, now);
  };
}
