// What became of one recipient at the next hop, read from SMTP replies. RFC 5321 §4.2.1, RFC 3463 §3.
import type { Address } from '../core/address.ts';

/** `reply` is the other server's own line, for the report to the sender: it may quote the address, keep it out of logs. */
export type RecipientResult = {
  readonly recipient: Address;
  /** `later` also covers doubt: a letter sent twice is better than one lost. */
  readonly result: 'delivered' | 'failed' | 'later';
  /** Empty when there was none. */
  readonly reply: string;
  /** Enhanced status code; made from the reply's first digit when the server gives none. */
  readonly status: string;
  /**
   * Delivered to a server that announces DSN: whatever the sender wants to be told of this recipient is that server's to tell.
   * Otherwise a sender who asked for `success` is owed a `relayed` report by this gateway. RFC 3461 §5.2.1, §5.2.2.
   */
  readonly dsnPassedOn: boolean;
  /** The whole letter was sent and no answer came: the next hop may have taken it. Sending again may make a duplicate. RFC 1047. */
  readonly isInDoubt: boolean;
};

/** RFC 3463 §3.5: no answer from host, and bad connection. */
export const noAnswerStatus = '4.4.1';
export const brokenConnectionStatus = '4.4.2';

/** Reads a reply line, such as `550 5.1.1 Unknown`. `announcesDsn` when the server that gave it knows RFC 3461. */
export function resultForReply(recipient: Address, reply: string, announcesDsn = false): RecipientResult {
  const match = /^([245])\d\d(?:[ -]+(([245])\.\d{1,3}\.\d{1,3})(?=\s|$))?/.exec(reply);
  const digit = match?.[1];
  // An enhanced code of another class than the reply contradicts it: the reply decides.
  const status = match?.[2] !== undefined && match[3] === digit ? match[2] : `${digit ?? '4'}.0.0`;
  const result = digit === '2' ? 'delivered' : digit === '5' ? 'failed' : 'later';
  return { recipient, result, reply: reply.trim(), status, dsnPassedOn: announcesDsn && result === 'delivered', isInDoubt: false };
}

/** No reply to go by: the letter stays ours. */
export function resultWithoutReply(recipient: Address, status: string, isInDoubt = false): RecipientResult {
  return { recipient, result: 'later', reply: '', status, dsnPassedOn: false, isInDoubt };
}
