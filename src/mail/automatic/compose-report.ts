// The report on a letter: not delivered, held, delivered or passed on. Three parts: words for a person, fields for programs, the header
// of the letter it speaks of. RFC 3464, RFC 6522 and RFC 3461 §6; requirements 36 and 46.
import { asciiText } from '../../core/ascii-text.ts';
import { formatDate } from '../date.ts';
import type { AutomaticLetter } from './letter.ts';
import { composeReportLetter, fieldsPart, headersPart, humanPart } from './report-parts.ts';
import { addressField, statusField } from './status-fields.ts';
import { reportTexts, type ToldRecipient } from './texts.ts';

/** What became of the letter for one recipient: the words for a person, and what programs want to know. */
export type ReportedRecipient = ToldRecipient & {
  /** ORCPT as it was given: `rfc822;name@domain`. */
  readonly original?: string;
  /** Enhanced status, `5.1.1`. RFC 3463. */
  readonly status: string;
  /** The verdict's stable code. */
  readonly code?: string;
  /** The other server's own words, with their type: `smtp; 550 5.1.1 unknown`. */
  readonly diagnostic?: string;
};

/** One report. `to` is the sender of the letter it speaks of. */
export type Report = AutomaticLetter & {
  /** Host name of this gateway. */
  readonly reportingMta: string;
  /** What the sender's server said in EHLO. */
  readonly receivedFrom?: string;
  readonly arrivalDate: Date;
  /** ENVID as it was given. */
  readonly envelopeId?: string;
  readonly recipients: readonly ReportedRecipient[];
  /** Header block of the letter; what follows a blank line is never quoted. Empty: the report has no third part. */
  readonly originalHeaders: Buffer;
};

const maxDiagnostic = 500;

/** The report as a letter, ready for the one path. */
export function composeReport(report: Report): Buffer {
  const { subject, text } = reportTexts(report.arrivalDate, report.recipients);
  const groups = [perLetter(report), ...report.recipients.map(perRecipient)];
  const parts = [humanPart(text), fieldsPart('delivery-status', groups), ...headersPart(report.originalHeaders)];
  return composeReportLetter(report, subject, 'delivery-status', parts);
}

/** RFC 3464 §2.2. */
function perLetter(report: Report): string[] {
  return [
    ...(report.envelopeId ? [statusField('Original-Envelope-Id', report.envelopeId)] : []),
    statusField('Reporting-MTA', `dns; ${report.reportingMta}`),
    ...(report.receivedFrom ? [statusField('Received-From-MTA', `dns; ${report.receivedFrom}`)] : []),
    statusField('Arrival-Date', formatDate(report.arrivalDate)),
  ];
}

/** RFC 3464 §2.3, with one field of our own: the verdict's code. */
function perRecipient(recipient: ReportedRecipient): string[] {
  return [
    ...addressField('Original-Recipient', recipient.original),
    statusField('Final-Recipient', `rfc822; ${recipient.final}`),
    statusField('Action', recipient.action),
    statusField('Status', recipient.status),
    ...(recipient.diagnostic ? [statusField('Diagnostic-Code', asciiText(recipient.diagnostic.slice(0, maxDiagnostic)))] : []),
    ...(recipient.code ? [statusField('X-Passerelle-Code', recipient.code)] : []),
  ];
}
