// Sends one letter to the addresses this gateway does not host, as far as the configured next hop, and tells its sender of those who
// did not take it. RFC 5321 §3.3 and §6.1, RFC 3461 §5.2, requirement 46.
// Twice is harmless: what the next hop answered is written with the reports it owes in one transaction. Only a crash between its answer
// and that write sends again, under the same Message-ID: SMTP has no better promise (RFC 5321 §4.1.1.4, §6.1). An answer that is lost
// makes one duplicate at most (RFC 1047): the letter is sent whole a second time, and then its sender is told that nobody knows.
import { findBlob } from '../../../mailboxes/blobs/hold-blobs.ts';
import type { BlobRef } from '../../../mailboxes/blobs/stored-blob.ts';
import type { Address } from '../../core/address.ts';
import { type AboutLetter, restoreAbout } from '../../delivery/about-letter.ts';
import { oweReports, type RecipientToReport } from '../../delivery/automatic-letters.ts';
import { advanceCourse } from '../../delivery/ledger.ts';
import { beginOffer, endOffer } from '../../delivery/ledger-offers.ts';
import { type OutgoingLetterPayload, outgoingLetterKind, outgoingLetterPayload } from '../../delivery/outgoing-letters.ts';
import type { RecipientResult } from '../../relay/recipient-result.ts';
import { sendLetter } from '../../relay/send-letter.ts';
import { quoteHeader } from '../quote-letter.ts';
import { type Consequence, type RelayServices, type TaskContext, type TaskResult, task } from '../task.ts';

const minuteMs = 60_000;

/** Characters kept of what the next hop said: the other side chooses its length, and what it is made of. Half of one cannot be kept. */
const longestReply = 1000;
const wordsIn = (reply: string) => reply.slice(0, longestReply).replace(/[\p{Cc}\p{Cs}]+/gu, ' ');

/** An attempt is cut short after this long, however slowly the other side reads; the ledger waits a little longer for its result. */
const longestOfferMs = 30 * minuteMs;
const resultWithinMs = minuteMs;

/** Sent whole this often without an answer, a letter is sent no more. */
const mostDoubts = 2;

type Recipient = OutgoingLetterPayload['recipients'][number];

/** Minutes at first, hours later, two days in all: shorter than the five days of RFC 5321 §4.5.4.1, because somebody is being cared for. */
export const relayLetter = task({
  name: outgoingLetterKind,
  payload: outgoingLetterPayload,
  lane: 'outside',
  retry: { firstDelayMs: minuteMs, longestDelayMs: 120 * minuteMs, giveUpAfterMs: 48 * 60 * minuteMs },
  remote: ({ relay: services }) => services && { name: `${services.hop.host}:${services.hop.port}`, perMinute: services.perMinute },
  run: relay,
  givenUp: async (context, letter) => {
    const blob = await findBlob(context.db, letter.blobId);
    return consequence(context, letter, blob, letter.recipients.map(notTaken));
  },
});

async function relay(context: TaskContext, letter: OutgoingLetterPayload): Promise<TaskResult<OutgoingLetterPayload>> {
  const { db, events } = context;
  if (letter.recipients.length === 0) return { do: 'done' };
  if (!context.relay) return { do: 'again', because: 'no-next-hop' };
  const blob = await findBlob(db, letter.blobId);
  if (!blob) return { do: 'give-up', because: 'bytes-missing' };
  const withdrawn = await announceOffer(context, letter);
  const recipients = letter.recipients.filter(({ address }) => !withdrawn.has(address));
  if (recipients.length === 0) return { do: 'done' };

  const results = await offer(context, context.relay, { ...letter, recipients }, blob);
  const answers = new Map(results.map((one) => [one.recipient, one]));
  const ends = recipients.map((recipient) => endOf(recipient, answers.get(recipient.address)));
  const settled = ends.flatMap((end) => ('settled' in end ? [end.settled] : []));
  const later = ends.flatMap((end) => ('owed' in end ? [end.owed] : []));
  const failed = settled.filter(({ action }) => action === 'failed').length;
  events.letterRelayed({ delivered: settled.length - failed, failed, later: later.length });
  const also = await consequence(context, letter, blob, settled);
  if (later.length > 0) return { do: 'again', because: 'put-off-by-next-hop', payload: { ...letter, recipients: later }, also };
  // Nobody is told of an automatic letter that was refused: its row says so.
  if (failed > 0 && (letter.sender === null || letter.isAnswer))
    return { do: 'give-up', because: 'recipients-refused', payload: { ...letter, recipients: [] }, also };
  return { do: 'done', also };
}

/** Who is not to be offered the letter any more: their deadline has passed, and the sender was told. Nobody knows what has no sender. */
async function announceOffer(
  { db, clock }: TaskContext,
  { about, sender, recipients }: OutgoingLetterPayload,
): Promise<ReadonlySet<Address>> {
  if (sender === null) return new Set();
  const until = new Date(clock().getTime() + longestOfferMs + resultWithinMs);
  return await beginOffer(
    db,
    about.arrivalId,
    recipients.map(({ address }) => address),
    until,
  );
}

async function offer(
  { blobs, signal }: TaskContext,
  { hop, heloName }: RelayServices,
  { about, sender, recipients, returned, prefix: encodedPrefix }: OutgoingLetterPayload,
  blob: BlobRef,
): Promise<readonly RecipientResult[]> {
  const prefix = Buffer.from(encodedPrefix, 'base64');
  const content = async function* () {
    yield prefix;
    yield* blobs.read(blob, 0, blob.size_bytes);
  };
  const envelope = {
    sender,
    recipients,
    ...(about.envelopeId !== undefined && { envelopeId: about.envelopeId }),
    ...(returned && { returned }),
  };
  const sizeBytes = prefix.length + blob.size_bytes;
  // By hand: AbortSignal.any() would leave a trace of each letter on a signal that lives as long as the gateway.
  const bounded = new AbortController();
  const cut = () => bounded.abort();
  const timer = setTimeout(cut, longestOfferMs);
  signal.addEventListener('abort', cut);
  if (signal.aborted) cut();
  try {
    return await sendLetter(hop, { ...envelope, sizeBytes, content }, { heloName, signal: bounded.signal });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cut);
  }
}

/** What is now certain of a recipient, and whether the next hop has taken over telling the sender. */
type Settled = RecipientToReport & { readonly isTheirsToTell: boolean };

/** Whoever the answer does not name is still owed. */
function endOf(recipient: Recipient, answer: RecipientResult | undefined): { readonly settled: Settled } | { readonly owed: Recipient } {
  if (!answer) return { owed: recipient };
  const { result, status, dsnPassedOn, isInDoubt } = answer;
  if (result === 'delivered') {
    return { settled: { ...asked(recipient), action: 'relayed', status: '2.0.0', isTheirsToTell: dsnPassedOn } };
  }
  const reply = wordsIn(answer.reply);
  if (result === 'failed') return { settled: failure(recipient, 'refused-there', status, reply) };
  const doubts = (recipient.doubts ?? 0) + (isInDoubt ? 1 : 0);
  if (doubts >= mostDoubts) return { settled: failure(recipient, 'not-confirmed-there', status, reply) };
  return { owed: { ...recipient, last: { status, reply }, ...(doubts > 0 && { doubts }) } };
}

/** Of a recipient whose letter is given up: the last words of the next hop, or that there were none in time. RFC 3463 §3.5. */
function notTaken(recipient: Recipient): Settled {
  const { status, reply } = recipient.last ?? { status: '4.4.7', reply: '' };
  return failure(recipient, recipient.doubts ? 'not-confirmed-there' : 'not-answered-there', status, reply);
}

function failure(
  recipient: Recipient,
  code: 'refused-there' | 'not-answered-there' | 'not-confirmed-there',
  status: string,
  reply: string,
): Settled {
  return { ...asked(recipient), action: 'failed', status, code, ...(reply !== '' && { diagnostic: reply }), isTheirsToTell: false };
}

function asked({ last: _last, doubts: _doubts, ...recipient }: Recipient): Recipient {
  return recipient;
}

/**
 * The ledger's steps, and the reports the sender is owed: one for those who failed, one for those who have the letter. Nothing is told of
 * a line that was final before: its sender has been told already.
 */
async function consequence(
  context: TaskContext,
  letter: OutgoingLetterPayload,
  blob: BlobRef | undefined,
  settled: readonly Settled[],
): Promise<Consequence> {
  const ours = settled.filter(({ isTheirsToTell }) => !isTheirsToTell).map(({ isTheirsToTell: _told, ...recipient }) => recipient);
  const headers = ours.length > 0 && blob ? await quoteHeader(context, blob) : Buffer.alloc(0);
  const about: AboutLetter = restoreAbout(letter.about, { sender: letter.sender, isAnswer: letter.isAnswer, headers });
  return async (trx, now) => {
    const wasFinal = await advanceCourse(
      trx,
      settled.map(({ address, action, status, notify, isTheirsToTell }) => ({
        letterId: about.arrivalId,
        recipient: address,
        state: action === 'failed' ? 'refused' : 'relayed',
        status,
        // Who wants to hear nothing will hear nothing from there either.
        isFinal: !isTheirsToTell || notify === 'never',
        at: now,
      })),
    );
    await endOffer(
      trx,
      about.arrivalId,
      letter.recipients.map(({ address }) => address),
    );
    const told = ours.filter(({ address }) => !wasFinal(about.arrivalId, address));
    const reports = (['failed', 'relayed'] as const).map((action) => ({ about, recipients: told.filter((one) => one.action === action) }));
    await oweReports(trx, reports, now);
  };
}
