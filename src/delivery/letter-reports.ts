// Reads the machine part of a report or receipt that passes, for the ledger of whoever it reports to. Requirements 44 and 46.
import {
  findQuotedPart,
  findReportPart,
  maxReportBytes,
  readDeliveryStatus,
  readDisposition,
  readQuotedMessageId,
} from '../mail/automatic/read-report.ts';
import type { ReportKind } from '../mail/automatic/recognise.ts';
import type { LetterBytes } from '../mail/documents/health-document.ts';
import type { MimePart } from '../mail/mime-part.ts';
import type { ReportReceived } from './correlate-reports.ts';
import { decodedBody } from './letter-bytes.ts';

/** What a letter reports. */
export type Reported = ReportReceived['report'];

/** Undefined when the letter does not hold what it announces. */
export async function readReport(root: MimePart, kind: ReportKind, bytes: LetterBytes): Promise<Reported | undefined> {
  const part = findReportPart(root, kind);
  if (!part) return undefined;
  const body = await decodedBody(bytes, part, maxReportBytes);
  if (kind === 'disposition-notification') {
    const reading = readDisposition(body);
    return reading && { kind, reading };
  }
  const reading = readDeliveryStatus(body);
  const messageId = await quotedMessageId(root, bytes);
  return reading && { kind, reading, ...(messageId !== undefined && { messageId }) };
}

/** Message-ID of the letter that a delivery report gives back, whole or by its header. RFC 3462 §2. */
export async function quotedMessageId(root: MimePart, bytes: LetterBytes): Promise<string | undefined> {
  const quoted = findQuotedPart(root);
  return quoted && readQuotedMessageId(await decodedBody(bytes, quoted, maxReportBytes));
}
