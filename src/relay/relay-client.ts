// The library's SMTP client with the DSN parameters of each recipient: nodemailer 10.6.0 has one NOTIFY and one ORCPT for them all,
// and finds the keyword DSN anywhere in the answer to EHLO, the server's own name included. RFC 3461 §5.2.1, requirement 46.
import SmtpClient, { type SMTPError } from 'nodemailer/lib/smtp-connection';
import type { Address } from '../core/address.ts';
import type { EnvelopeRecipient } from '../delivery/arrival.ts';

/** The library's record of one transaction; its fields are missing until the envelope is under way. */
type TransactionRecord = { readonly mailError?: SMTPError; readonly rejectedErrors?: readonly SMTPError[] };

/** What the next hop is told before the content. */
export type RelayEnvelope = {
  /** Null for `<>`. */
  readonly sender: Address | null;
  /** Their `notify` and `originalRecipient` are passed on when the next hop announces DSN. RFC 3461 §5.2.1. */
  readonly recipients: readonly EnvelopeRecipient[];
  /** ENVID and RET, passed on likewise. */
  readonly envelopeId?: string;
  readonly returned?: 'full' | 'headers';
  /** Announced with SIZE, so that a letter too large fails before it is sent. */
  readonly sizeBytes?: number;
};

/** A client for one letter. */
export class RelayClient extends SmtpClient {
  declare readonly _ehloLines: readonly string[] | undefined;
  declare readonly _recipientQueue: readonly string[];
  declare readonly _envelope: TransactionRecord | undefined;
  #recipients: readonly EnvelopeRecipient[] = [];

  /** The server has said, on a line of its own, that it knows RFC 3461. */
  get announcesDsn(): boolean {
    return this._ehloLines?.some((line) => /^DSN(?:\s|$)/i.test(line)) ?? false;
  }

  /** What the library remembers of the answers: errors after RCPT do not carry the recipients refused before them. */
  get record(): TransactionRecord {
    return this._envelope ?? {};
  }

  /** Says goodbye; the connection is closed when the server has answered, or after `farewellMs`: one that does not would keep it for minutes. */
  leave(farewellMs: number): void {
    this.quit();
    const impatience = setTimeout(() => this.close(), farewellMs);
    this.once('end', () => clearTimeout(impatience));
  }

  /** Makes the library's envelope; RET and ENVID go with it. */
  prepare({ sender, recipients, envelopeId, returned, sizeBytes }: RelayEnvelope): Parameters<SmtpClient['send']>[0] {
    this.#recipients = recipients;
    return {
      from: sender ?? false,
      to: recipients.map(({ address }) => address),
      use8BitMime: true,
      ...(sizeBytes === undefined ? {} : { size: sizeBytes }),
      ...((returned || envelopeId !== undefined) && this.announcesDsn
        ? {
            dsn: {
              ...(returned && { ret: returned === 'full' ? 'FULL' : 'HDRS' }),
              ...(envelopeId !== undefined && { envid: envelopeId }),
            },
          }
        : {}),
    };
  }

  /** Called by the library for each RCPT, right after it has put the recipient at the end of its queue. */
  _getDsnRcptToArgs(): string {
    if (!this.announcesDsn) return '';
    const address = this._recipientQueue.at(-1);
    const recipient = this.#recipients.find((one) => one.address === address);
    // RFC 3461 §5.2.1 (c), (d): what was given is passed on, and nothing is added.
    const notify = recipient?.notify && ` NOTIFY=${recipient.notify === 'never' ? 'NEVER' : recipient.notify.join(',').toUpperCase()}`;
    const original = recipient?.originalRecipient && ` ORCPT=${encodeOriginalRecipient(recipient.originalRecipient)}`;
    return `${notify ?? ''}${original ?? ''}`;
  }
}

/** The type before the semicolon is an atom and stays; the address is xtext. RFC 3461 §4, §4.2. */
function encodeOriginalRecipient(text: string): string {
  const start = text.indexOf(';') + 1;
  const encoded = Array.from(Buffer.from(text.slice(start)), (byte) => {
    const isPlain = byte > 0x20 && byte < 0x7f && byte !== 0x2b && byte !== 0x3d; // all but + and =
    return isPlain ? String.fromCharCode(byte) : `+${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return `${text.slice(0, start)}${encoded.join('')}`;
}
