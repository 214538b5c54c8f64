// From an SMTP envelope to the one path: MAIL, RCPT and DATA are asked of the delivery and answered in its words.
// Both doors share it; it decides nothing. RFC 5321 §3.3.
import type { SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import type { Account } from '../accounts/account.ts';
import { type Address, parseAddress } from '../core/address.ts';
import type { Clock } from '../core/clock.ts';
import { newId } from '../core/ids.ts';
import type { Arrival, DeliveryPath, Peer } from '../delivery/arrival.ts';
import type { DoorLog } from './door-options.ts';
import { errorTrace } from './error-trace.ts';
import { isExpected, protocolReplies, type Reply, replyForError, replyForOutcome, replyForRefusal, replyForVerdict } from './replies.ts';

/** Who is at the other end, as far as the door has established it. */
export type Identity = { readonly account?: Account; readonly certificateName?: string };

type Transaction = { readonly arrival: Arrival; readonly recipients: Set<Address> };

/** Thrown into the reader of a letter that passes the size limit. Requirement 16. */
export class LetterTooLargeError extends Error {
  override readonly name = 'LetterTooLargeError';
}

/** What a reception needs of its door. */
export type ReceptionOptions = {
  readonly door: 'submission' | 'mx';
  readonly hostname: string;
  readonly maxLetterBytes: number;
  readonly delivery: DeliveryPath;
  readonly clock: Clock;
  readonly log: DoorLog;
};

/** The transactions of one door. */
export class Reception {
  readonly #options: ReceptionOptions;
  // Keyed by the envelope object, which smtp-server replaces at RSET, EHLO, STARTTLS and after each letter:
  // a transaction cannot outlive its envelope.
  readonly #transactions = new WeakMap<object, Transaction>();

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  /** Opens a transaction; undefined means 250. `text` is the reverse path without brackets, empty for the null sender. */
  async mail(session: SMTPServerSession, text: string, identity: Identity): Promise<Reply | undefined> {
    const sender = text === '' ? null : parseAddress(text);
    if (sender === undefined) return protocolReplies.senderMalformed;
    const { envelope } = session;
    const peer: Peer = {
      heloName: session.hostNameAppearsAs,
      ip: session.remoteAddress,
      protocol: this.#options.door === 'mx' ? 'ESMTPS' : 'ESMTPSA',
      ...(identity.certificateName === undefined ? {} : { certificateName: identity.certificateName }),
    };
    const arrival: Arrival = {
      id: newId(),
      door: this.#options.door,
      receivedAt: this.#options.clock(),
      sender,
      ...(identity.account === undefined ? {} : { account: identity.account }),
      peer,
    };
    try {
      const refusal = replyForVerdict(await this.#options.delivery.judgeSender(arrival));
      if (refusal) return refusal;
    } catch (error) {
      return this.#replyForError(error, 'mail', arrival);
    }
    this.#transactions.set(envelope, { arrival, recipients: new Set() });
    return undefined;
  }

  /** Adds a recipient; undefined means 250. One named twice is kept once. */
  async rcpt(session: SMTPServerSession, text: string): Promise<Reply | undefined> {
    // RFC 5321 §4.5.1: `postmaster` without a domain is the one of this host.
    const recipient = parseAddress(text.toLowerCase() === 'postmaster' ? `postmaster@${this.#options.hostname}` : text);
    if (recipient === undefined) return replyForRefusal('address-malformed');
    const transaction = this.#transactions.get(session.envelope);
    if (!transaction) return protocolReplies.needsRecipient;
    if (transaction.recipients.has(recipient)) return undefined;
    try {
      const refusal = replyForVerdict(await this.#options.delivery.judgeRecipient(transaction.arrival, recipient));
      if (refusal) return refusal;
    } catch (error) {
      return this.#replyForError(error, 'rcpt', transaction.arrival);
    }
    transaction.recipients.add(recipient);
    return undefined;
  }

  /** Hands the content over and waits for it to be durable. Never throws. The reader of a broken letter gets an error, never an end. */
  async letter(session: SMTPServerSession, stream: SMTPServerDataStream): Promise<Reply> {
    const transaction = this.#transactions.get(session.envelope);
    if (!transaction || transaction.recipients.size === 0) return protocolReplies.needsRecipient;
    const { arrival, recipients } = transaction;
    const content = new BoundedLetter(stream, this.#options.maxLetterBytes);
    try {
      const outcome = await this.#options.delivery.deliver(arrival, [...recipients], content.read());
      if (content.isTooLarge) return replyForRefusal('letter-too-large');
      // 250 answers for every byte: an acceptance before the end would be a bug of ours, and must not lose the rest.
      if (outcome.do === 'accepted' && !content.isComplete) throw new Error('Delivery accepted a letter it had not read to its end');
      return replyForOutcome(outcome, arrival.id);
    } catch (error) {
      if (content.isTooLarge) return replyForRefusal('letter-too-large');
      // The client left: nobody is there to read an answer, and nothing is wrong on our side.
      if (stream.errored) return replyForError(undefined);
      return this.#replyForError(error, 'data', arrival);
    }
  }

  #replyForError(error: unknown, command: string, arrival: Arrival): Reply {
    if (!isExpected(error)) {
      this.#options.log.error({ door: arrival.door, command, arrivalId: arrival.id, error: errorTrace(error) }, 'smtp command failed');
    }
    return replyForError(error);
  }
}

/** The content with the size limit in it: the reader of a letter over the limit gets an error as soon as that is known. */
class BoundedLetter {
  isTooLarge = false;
  isComplete = false;
  readonly #stream: SMTPServerDataStream;
  readonly #maxBytes: number;

  constructor(stream: SMTPServerDataStream, maxBytes: number) {
    this.#stream = stream;
    this.#maxBytes = maxBytes;
  }

  async *read(): AsyncIterable<Buffer> {
    let readBytes = 0;
    for await (const chunk of this.#stream as AsyncIterable<Buffer>) {
      readBytes += chunk.length;
      if (readBytes > this.#maxBytes) {
        this.isTooLarge = true;
        throw new LetterTooLargeError('The letter is larger than this gateway takes');
      }
      yield chunk;
    }
    this.isComplete = true;
  }
}
