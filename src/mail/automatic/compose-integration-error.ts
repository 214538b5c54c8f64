// The mail that tells a sender why a document of their letter was not copied into the national record. domain.md §3.5, requirements 44 and 54:
// a receipt `processed/error` when the letter asked for receipts, else an ordinary mail with the same subject and the letter's attachments.
import { createHash } from 'node:crypto';
import type { Address } from '../../core/address.ts';
import { asciiText } from '../../core/ascii-text.ts';
import type { LetterBytes } from '../documents/health-document.ts';
import { parseHeaders } from '../headers.ts';
import type { MimePart } from '../mime-part.ts';
import { type AutomaticLetter, letterHeader } from './letter.ts';
import { type IntegrationFailure, integrationErrorTexts } from './record-texts.ts';
import { composeReportLetter, fieldsPart, headersPart, humanPart, letterPart } from './report-parts.ts';
import { statusField } from './status-fields.ts';

/** One failure. `to` is the sender of the letter it speaks of. */
export type IntegrationError = AutomaticLetter & {
  readonly failure: IntegrationFailure;
  /** When the letter was taken, and its subject. */
  readonly takenAt: Date;
  readonly originalSubject: string | undefined;
};

/** What a receipt says beside. It is the gateway's: it speaks for no recipient of the letter. */
export type IntegrationReceipt = IntegrationError & {
  readonly reportingUa: string;
  readonly finalRecipient: Address;
  readonly originalMessageId: string | null;
  readonly original: { readonly letter: Buffer } | { readonly headers: Buffer };
};

/** The letter's own parts, to be given back: where they stand, and its bytes. */
export type GivenBack = { readonly part: MimePart; readonly bytes: LetterBytes };

/** As a receipt, RFC 8098 §3.2.6 and §3.2.7, for a letter that asked for one. */
export function composeIntegrationReceipt(receipt: IntegrationReceipt): Buffer {
  const { failure, takenAt, originalSubject, original } = receipt;
  const { subject, text } = integrationErrorTexts(takenAt, originalSubject, failure);
  const third = 'letter' in original ? letterPart(original.letter) : headersPart(original.headers);
  const fields = [
    statusField('Reporting-UA', receipt.reportingUa),
    statusField('Final-Recipient', `rfc822;${receipt.finalRecipient}`),
    ...(receipt.originalMessageId ? [statusField('Original-Message-ID', receipt.originalMessageId)] : []),
    statusField('Disposition', 'automatic-action/MDN-sent-automatically; processed/error'),
    statusField('Error', `${failure.code} ${asciiText(failure.text)}`),
  ];
  const parts = [humanPart(text), fieldsPart('disposition-notification', [fields]), ...third];
  return composeReportLetter(receipt, subject, 'disposition-notification', parts);
}

/** As an ordinary mail, its attachments streamed out of the letter as they stand there; without `letter`, the words alone. */
export async function* composeIntegrationMail(
  error: IntegrationError,
  letter: GivenBack | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  const { subject, text } = integrationErrorTexts(error.takenAt, error.originalSubject, error.failure);
  const words = humanPart(text);
  const attachments = letter ? attachmentsOf(letter.part) : [];
  if (!letter || attachments.length === 0) {
    yield Buffer.concat([Buffer.from(`${letterHeader(error, subject)}${words.header}\r\n`, 'latin1'), words.body]);
    return;
  }
  // The attachments are never held whole, so what parts them is no digest of theirs; whoever wrote one that holds it reads this mail alone.
  const boundary = `passerelle-${createHash('sha256').update(`boundary ${error.messageId}`).digest('hex').slice(0, 40)}`;
  const content = `Content-Type: multipart/mixed;\r\n boundary="${boundary}"\r\n\r\n`;
  yield Buffer.from(`${letterHeader(error, subject)}${content}--${boundary}\r\n${words.header}\r\n`, 'latin1');
  yield words.body;
  for (const attachment of attachments) {
    yield Buffer.from(`\r\n--${boundary}\r\n`, 'latin1');
    yield await contentHeader(letter.bytes, attachment);
    yield* letter.bytes.read(attachment.bodyStart, attachment.end);
  }
  yield Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1');
}

/** The leaves that are not what a person reads first: archives, PDFs, forwarded letters. */
function attachmentsOf(part: MimePart): MimePart[] {
  if (part.children) return part.children.flatMap(attachmentsOf);
  const isText = part.type === 'text' && part.disposition?.value.toLowerCase() !== 'attachment';
  return isText ? [] : [part];
}

/** Its Content-* fields and the blank line: the header of a letter that is one attachment has others, which are not the attachment's. */
async function contentHeader(bytes: LetterBytes, { headerStart, bodyStart }: MimePart): Promise<Buffer> {
  const block: Buffer[] = [];
  for await (const chunk of bytes.read(headerStart, bodyStart)) block.push(chunk);
  const headers = parseHeaders(Buffer.concat(block));
  const kept = headers.fields.filter(({ name }) => name.startsWith('content-')).map((field) => headers.raw(field));
  return Buffer.concat([...kept, Buffer.from('\r\n')]);
}
