// A letter as it arrives at a door, before its content: the envelope, who holds the other end, and the time.
import type { Deferred, Refused, Verdict } from '../../policies/verdict.ts';
import type { Account } from '../accounts/account.ts';
import type { Address } from '../core/address.ts';

/** The ways in. `submission` is a person hosted here, `mx` another operator, `pipeline` the gateway itself. */
export type Door = 'submission' | 'mx' | 'pipeline';

/** One mail transaction as the door knows it. */
export type Arrival = {
  /** Named in the Received field, in logs, in the answer and in the ledger, so that two operators can speak of one letter. */
  readonly id: string;
  readonly door: Door;
  readonly receivedAt: Date;
  /** Reverse path; null for `<>`. RFC 5321 §4.5.5. */
  readonly sender: Address | null;
  /** Present on submission: whose credential opened the session. */
  readonly account?: Account;
  readonly peer: Peer;
  /** ENVID: the sender's own name for this sending, as given (xtext decoded). RFC 3461 §4.4. */
  readonly envelopeId?: string;
  /** RET: how much of the letter the sender wants back with a failure. Passed on; reports made here return the header. RFC 3461 §4.3. */
  readonly returned?: 'full' | 'headers';
  /**
   * The outbox row this letter carries out: marked done in the letter's own transaction. A row that is done already
   * takes nothing more, so that work run twice delivers once.
   */
  readonly settles?: string;
  /** The trace headers of a letter released from quarantine, kept beside its bytes instead of new ones: they are evidence. */
  readonly trace?: Buffer;
};

/** The other end of the connection, for the trace header, the judge and the test address. */
export type Peer = {
  /** What it said in EHLO. */
  readonly heloName: string;
  readonly ip: string;
  /** RFC 3848: with TLS, and with authentication. */
  readonly protocol: 'ESMTPS' | 'ESMTPSA' | 'LOCAL';
  /** The name bound to the envelope domain, when the peer showed a certificate. */
  readonly certificateName?: string;
  /** `TLSv1.3` and `TLS_AES_256_GCM_SHA384`; absent inside the gateway. */
  readonly tls?: { readonly protocol: string; readonly cipher: string };
};

/** What the sender wants to be told of one recipient. RFC 3461 §4.1; absent means failures. */
export type Notify = 'never' | readonly ('success' | 'failure' | 'delay')[];

/** One RCPT. */
export type EnvelopeRecipient = {
  readonly address: Address;
  readonly notify?: Notify;
  /** ORCPT as given (`rfc822;name@domain`, xtext decoded), quoted back in reports. RFC 3461 §4.2. */
  readonly originalRecipient?: string;
};

/**
 * What became of the whole letter, after its content. `accepted` means durable: each recipient has it, or it is held, or the sender
 * will be told that this recipient has not. Only then may the door say 250. Otherwise it is kept for nobody.
 */
export type Outcome = { readonly do: 'accepted' } | Refused | Deferred;

/** The one path as a door sees it. */
export interface DeliveryPath {
  /** After MAIL: may this sender write at all through this door? Accepts, refuses or defers. */
  judgeSender(arrival: Arrival): Promise<Verdict>;
  /** After RCPT: may this sender write to this recipient? `report` and `hold` are answered like `accept`: 250. */
  judgeRecipient(arrival: Arrival, recipient: Address): Promise<Verdict>;
  /**
   * Takes the content and commits it. Resolves once everything is durable. Reads `content` to its end or gives it up.
   * A door whose own size limit is passed throws `RefusedError('letter-too-large')` out of `content`; the answer may still be
   * `accepted`, when the letter is taken and its sender told by a report: the door then waits for the final dot before its 250.
   */
  deliver(arrival: Arrival, recipients: readonly EnvelopeRecipient[], content: AsyncIterable<Buffer>): Promise<Outcome>;
}
