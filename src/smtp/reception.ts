// From an SMTP envelope to the one path: MAIL, RCPT and DATA are asked of the delivery and answered in its words.
// Both doors share it; it decides nothing. RFC 5321 §3.3.
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { SMTPServerAddress, SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import { refusals } from '../../policies/verdict.ts';
import type { Account } from '../accounts/account.ts';
import { type Address, parseAddress } from '../core/address.ts';
import type { Clock } from '../core/clock.ts';
import { RefusedError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { Arrival, DeliveryPath, EnvelopeRecipient, Peer } from '../delivery/arrival.ts';
import type { DoorLog } from './door-options.ts';
import { readMailDsn, readRecipientDsn } from './dsn-parameters.ts';
import { errorTrace } from './error-trace.ts';
import { isExpected, protocolReplies, type Reply, replyForError, replyForOutcome, replyForRefusal, replyForVerdict } from './replies.ts';

/** Who is at the other end, as far as the door has established it. */
export type Identity = { readonly account?: Account; readonly certificateName?: string };

type Transaction = { readonly arrival: Arrival; readonly recipients: Map<Address, EnvelopeRecipient> };

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
  readonly #tls = new WeakMap<SMTPServerSession, NonNullable<Peer['tls']>>();

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  /** Remembers how this session is encrypted, for the trace header and the test address. */
  secured(session: SMTPServerSession, socket: Socket): void {
    if (!(socket instanceof TLSSocket)) return;
    // Both are null on a socket that is already gone, whatever the types say.
    const protocol = socket.getProtocol();
    const cipher: { readonly standardName: string } | null = socket.getCipher();
    if (protocol && cipher) this.#tls.set(session, { protocol, cipher: cipher.standardName });
  }

  /** Opens a transaction; undefined means 250. The reverse path is without brackets, empty for the null sender. */
  async mail(session: SMTPServerSession, from: SMTPServerAddress, identity: Identity): Promise<Reply | undefined> {
    const sender = from.address === '' ? null : parseAddress(from.address);
    if (sender === undefined) return protocolReplies.senderMalformed;
    const dsn = readMailDsn(from);
    if (!dsn) return protocolReplies.dsnMalformed;
    const { envelope } = session;
    const tls = this.#tls.get(session);
    const peer: Peer = {
      heloName: session.hostNameAppearsAs,
      ip: session.remoteAddress,
      protocol: this.#options.door === 'mx' ? 'ESMTPS' : 'ESMTPSA',
      ...(identity.certificateName === undefined ? {} : { certificateName: identity.certificateName }),
      ...(tls && { tls }),
    };
    const arrival: Arrival = {
      id: newId(),
      door: this.#options.door,
      receivedAt: this.#options.clock(),
      sender,
      ...(identity.account === undefined ? {} : { account: identity.account }),
      peer,
      ...dsn,
    };
    try {
      const refusal = replyForVerdict(await this.#options.delivery.judgeSender(arrival));
      if (refusal) return refusal;
    } catch (error) {
      return this.#replyForError(error, 'mail', arrival);
    }
    this.#transactions.set(envelope, { arrival, recipients: new Map() });
    return undefined;
  }

  /** Adds a recipient; undefined means 250. One named twice is kept once, with what was asked the first time. */
  async rcpt(session: SMTPServerSession, to: SMTPServerAddress): Promise<Reply | undefined> {
    const text = to.address;
    // RFC 5321 §4.5.1: `postmaster` without a domain is the one of this host.
    const recipient = parseAddress(text.toLowerCase() === 'postmaster' ? `postmaster@${this.#options.hostname}` : text);
    if (recipient === undefined) return replyForRefusal('address-malformed');
    const dsn = readRecipientDsn(to);
    if (!dsn) return protocolReplies.dsnMalformed;
    const transaction = this.#transactions.get(session.envelope);
    if (!transaction) return protocolReplies.needsRecipient;
    if (transaction.recipients.has(recipient)) return undefined;
    try {
      const refusal = replyForVerdict(await this.#options.delivery.judgeRecipient(transaction.arrival, recipient));
      if (refusal) return refusal;
    } catch (error) {
      return this.#replyForError(error, 'rcpt', transaction.arrival);
    }
    transaction.recipients.set(recipient, { address: recipient, ...dsn });
    return undefined;
  }

  /** Hands the content over and waits for it to be durable. Never throws. The reader of a broken letter gets an error, never an end. */
  async letter(session: SMTPServerSession, stream: SMTPServerDataStream): Promise<Reply> {
    const transaction = this.#transactions.get(session.envelope);
    if (!transaction || transaction.recipients.size === 0) return protocolReplies.needsRecipient;
    const { arrival, recipients } = transaction;
    const content = new BoundedLetter(stream, this.#options.maxLetterBytes);
    try {
      const outcome = await this.#options.delivery.deliver(arrival, [...recipients.values()], content.read());
      // 250 answers for every byte: an acceptance before the end would be a bug of ours, and must not lose the rest.
      if (outcome.do === 'accepted' && !content.isRead) throw new Error('Delivery accepted a letter it had not read to its end');
      return replyForOutcome(outcome, arrival.id);
    } catch (error) {
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

/** The content with the size limit in it. Requirement 16. */
class BoundedLetter {
  /** True once the client's final dot has come. */
  isRead = false;
  readonly #stream: SMTPServerDataStream;
  readonly #maxBytes: number;

  constructor(stream: SMTPServerDataStream, maxBytes: number) {
    this.#stream = stream;
    this.#maxBytes = maxBytes;
  }

  /**
   * Ends as a letter within the limit ends. Of a larger one the rest is dropped, and the reader told after the final dot: a report
   * about a letter that its sender has not finished, and will send again, would be one too many.
   */
  async *read(): AsyncIterable<Buffer> {
    let readBytes = 0;
    for await (const chunk of this.#stream as AsyncIterable<Buffer>) {
      readBytes += chunk.length;
      if (readBytes <= this.#maxBytes) yield chunk;
    }
    this.isRead = true;
    if (readBytes > this.#maxBytes) throw new RefusedError('letter-too-large', refusals['letter-too-large'].text);
  }
}
