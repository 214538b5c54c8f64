// Reads the machine part of a report or receipt that passes, for the ledger of whoever it reports to. Requirements 44 and 46.
import { findReportPart, readDeliveryStatus, readDisposition } from '../mail/automatic/read-report.ts';
import type { ReportKind } from '../mail/automatic/recognise.ts';
import type { LetterBytes } from '../mail/documents/health-document.ts';
import { parseHeaders } from '../mail/headers.ts';
import type { MimePart } from '../mail/mime-part.ts';
import type { ReportReceived } from './correlate-reports.ts';
import { decodedBody } from './letter-bytes.ts';

/** What a letter reports. */
export type Reported = ReportReceived['report'];

const maxReportBytes = 64 * 1024;

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
  const messageId = await returnedMessageId(root, bytes);
  return reading && { kind, reading, ...(messageId !== undefined && { messageId }) };
}

/** Message-ID of the letter that a delivery report gives back, whole or by its header. RFC 3462 §2. */
async function returnedMessageId(root: MimePart, bytes: LetterBytes): Promise<string | undefined> {
  const returned = root.children?.find(({ type, subtype }) => `${type}/${subtype}` === 'text/rfc822-headers' || isLetter(type, subtype));
  const headers = returned && parseHeaders(await decodedBody(bytes, returned, maxReportBytes));
  return headers?.get('message-id');
}

function isLetter(type: string, subtype: string): boolean {
  return type === 'message' && (subtype === 'rfc822' || subtype === 'global' || subtype === 'global-headers');
}
