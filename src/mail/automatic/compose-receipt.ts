// The read receipt: sent by the gateway when a letter that asked for one is shown. RFC 8098 §3; requirements 43 and 44.
import type { Address } from '../../core/address.ts';
import type { AutomaticLetter } from './letter.ts';
import { composeReportLetter, fieldsPart, headersPart, humanPart, letterPart } from './report-parts.ts';
import { addressField, statusField } from './status-fields.ts';
import { receiptTexts } from './texts.ts';

/** One receipt. `to` is the address that asked for it. */
export type Receipt = AutomaticLetter & {
  /** `host.name; product`. RFC 8098 §3.2.1. */
  readonly reportingUa: string;
  readonly finalRecipient: Address;
  /** ORCPT as it was given; the final recipient stands for it when there was none. */
  readonly originalRecipient?: string;
  /** As it stood in the letter. */
  readonly originalMessageId: string | null;
  readonly displayedAt: Date;
  /** The letter itself when it is small, else its header block. */
  readonly original: { readonly letter: Buffer } | { readonly headers: Buffer };
};

/** The receipt as a letter, ready for the one path. */
export function composeReceipt(receipt: Receipt): Buffer {
  const { subject, text } = receiptTexts(receipt.finalRecipient, receipt.displayedAt);
  const { original } = receipt;
  const third = 'letter' in original ? letterPart(original.letter) : headersPart(original.headers);
  return composeReportLetter(receipt, subject, 'disposition-notification', [
    humanPart(text),
    fieldsPart('disposition-notification', [dispositionFields(receipt)]),
    ...third,
  ]);
}

/** RFC 8098 §3.1. Original-Recipient and Original-Message-ID are asked for by the receivers' own rules. */
function dispositionFields(receipt: Receipt): string[] {
  const named = addressField('Original-Recipient', receipt.originalRecipient);
  return [
    statusField('Reporting-UA', receipt.reportingUa),
    ...(named.length > 0 ? named : [statusField('Original-Recipient', `rfc822;${receipt.finalRecipient}`)]),
    statusField('Final-Recipient', `rfc822;${receipt.finalRecipient}`),
    ...(receipt.originalMessageId ? [statusField('Original-Message-ID', receipt.originalMessageId)] : []),
    statusField('Disposition', 'automatic-action/MDN-sent-automatically; displayed'),
  ];
}
