// A letter as it arrives at a door, before its content: the envelope, who holds the other end, and the time.
import type { Deferred, Refused, Verdict } from '../../policies/verdict.ts';
import type { Account } from '../accounts/account.ts';
import type { Address } from '../core/address.ts';

/** The ways in. `submission` is a person hosted here, `mx` another operator, `pipeline` the gateway itself. */
export type Door = 'submission' | 'mx' | 'pipeline';

/** One mail transaction as the door knows it. */
export type Arrival = {
  /** Named in the Received field, in logs and in the answer, so that two operators can speak of one letter. */
  readonly id: string;
  readonly door: Door;
  readonly receivedAt: Date;
  /** Reverse path; null for `<>`. RFC 5321 §4.5.5. */
  readonly sender: Address | null;
  /** Present on submission: whose credential opened the session. */
  readonly account?: Account;
  readonly peer: Peer;
};

/** The other end of the connection, for the trace header and the judge. */
export type Peer = {
  /** What it said in EHLO. */
  readonly heloName: string;
  readonly ip: string;
  /** RFC 3848: with TLS, and with authentication. */
  readonly protocol: 'ESMTPS' | 'ESMTPSA' | 'LOCAL';
  /** The name bound to the envelope domain, when the peer showed a certificate. */
  readonly certificateName?: string;
};

/**
 * What became of the whole letter, after its content. `accepted` means durable for every recipient: only then may the door say 250.
 * Otherwise it is kept for none of them.
 */
export type Outcome = { readonly do: 'accepted' } | Refused | Deferred;

/** The one path as a door sees it. */
export interface DeliveryPath {
  /** After MAIL: may this sender write at all through this door? */
  judgeSender(arrival: Arrival): Promise<Verdict>;
  /** After RCPT: may this sender write to this recipient? */
  judgeRecipient(arrival: Arrival, recipient: Address): Promise<Verdict>;
  /**
   * Takes the content and commits it. Resolves once every placement is durable.
   * Always reads `content` to its end or destroys it. `content` may carry SMTP's own limit in the door.
   */
  deliver(arrival: Arrival, recipients: readonly Address[], content: AsyncIterable<Buffer>): Promise<Outcome>;
}
