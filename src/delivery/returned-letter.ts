// A report or receipt gives its reader back the letter they wrote themselves, whole as their software asks: what is inside shows them
// nothing new, so it is not looked at as if somebody sent it to them. RFC 3461 §4.3, requirements 44 and 50.
import type { Address } from '../core/address.ts';
import type { Db } from '../database/tables.ts';
import { findQuotedPart } from '../mail/automatic/read-report.ts';
import { archiveParts } from '../mail/documents/archive-parts.ts';
import type { LetterBytes } from '../mail/documents/health-document.ts';
import type { MimePart } from '../mail/mime-part.ts';
import { findLines } from './ledger.ts';
import { quotedMessageId } from './letter-reports.ts';

/** True when every archive is in the letter that the report quotes, and the ledger knows that each of its readers sent that letter. */
export async function returnsOwnLetter(db: Db, report: MimePart, bytes: LetterBytes, readers: readonly Address[]): Promise<boolean> {
  const quoted = findQuotedPart(report);
  const inside = quoted ? archiveParts(quoted).length : 0;
  if (inside === 0 || inside < archiveParts(report).length) return false;
  const messageId = await quotedMessageId(report, bytes);
  if (messageId === undefined || messageId.includes('\0')) return false;
  const lines = await findLines(
    db,
    readers.map((sender) => ({ sender, messageId })),
  );
  return readers.every((reader) => lines.some(({ sender }) => sender === reader));
}
