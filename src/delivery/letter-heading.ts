// What the one path reads in the header of a letter. Requirements 27 to 30, 37, 43, 45.
import { type Address, parseAddress } from '../core/address.ts';
import { mailboxesOf } from '../mail/address-list.ts';
import { type Automation, automationOf, type ReportKind, receiptRequestedBy, reportKind } from '../mail/automatic/recognise.ts';
import { maxOriginalBytes } from '../mail/automatic/report-parts.ts';
import type { Headers } from '../mail/headers.ts';

/** The fields that decide something, read once. */
export type LetterHeading = {
  readonly automation: Automation;
  /** What the letter says it reports, when it is a report or a receipt. */
  readonly reports: ReportKind | undefined;
  /** Whether a receipt is asked for at all, and by whom when it is exactly one address. */
  readonly asksForReceipt: boolean;
  readonly receiptTo: Address | undefined;
  /** X-MSS-MES as written. */
  readonly mssMes: string | undefined;
  /** The sender's software wants the documents copied into the national record, whoever the letter is for. */
  readonly isForRecord: boolean;
  /** The subject as written, without its line breaks and the one space after the colon: `[FIN]` is compared to the letter. */
  readonly subject: string | undefined;
  /** Well-formed Reply-To addresses, each once; whose they are is not known here. */
  readonly replyTo: readonly Address[];
};

/** More correspondents than this are not authorised by one letter. */
const maxReplyTo = 10;

/** Reads the header of a letter with this return path. */
export function readHeading(headers: Headers, returnPath: Address | null): LetterHeading {
  const replyTo = headers.getAll('reply-to').flatMap(mailboxesOf);
  return {
    automation: automationOf(headers, returnPath),
    reports: reportKind(headers),
    asksForReceipt: headers.get('disposition-notification-to') !== undefined,
    receiptTo: receiptRequestedBy(headers),
    mssMes: headers.get('x-mss-mes'),
    // A field of our own design: no public text says how software asks for it.
    isForRecord: headers.get('x-mss-dmp')?.trim() === 'O',
    subject: exactSubject(headers),
    replyTo: [...new Set(replyTo.flatMap(({ address }) => parseAddress(address) ?? []))].slice(0, maxReplyTo),
  };
}

/** Exactly one author, and it is this address: a second From field or a second name in it would be somebody else. Requirement 34. */
export function isFrom(headers: Headers, address: Address): boolean {
  return onlyAuthor(headers) === address;
}

/** The author when there is exactly one. */
export function onlyAuthor(headers: Headers): Address | undefined {
  const authors = headers.getAll('from').flatMap(mailboxesOf);
  return authors.length === 1 ? parseAddress(authors[0]?.address ?? '') : undefined;
}

/** The header block as it stands, without the fields that would make it too long to be returned: a To of thousands must not hide the Message-ID. */
export function returnedHeaders(headers: Headers): Buffer {
  const kept: Buffer[] = [];
  let length = 0;
  for (const field of headers.fields) {
    const bytes = headers.raw(field);
    if (length + bytes.length > maxOriginalBytes) continue;
    length += bytes.length;
    kept.push(bytes);
  }
  return Buffer.concat(kept);
}

function exactSubject(headers: Headers): string | undefined {
  const fields = headers.fields.filter(({ name }) => name === 'subject');
  const [only] = fields;
  // Of two subjects nobody knows which one the sender means.
  if (!only || fields.length > 1) return undefined;
  const line = headers.raw(only).toString('latin1');
  return line
    .slice(line.indexOf(':') + 1)
    .replace(/\r?\n(?=[ \t])/g, '')
    .replace(/\r?\n$/, '')
    .replace(/^ /, '');
}
