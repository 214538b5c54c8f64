// Settles the recipients whose deadline has passed with nothing final known, and tells their senders once: not delivered, or passed on to
// an operator that has confirmed nothing. What still waited to be sent to them is withdrawn. Requirement 46.
// Twice is harmless: a line becomes final once, in the transaction that owes its report.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { findBlob } from '../../../mailboxes/blobs/hold-blobs.ts';
import { inTransaction } from '../../../mailboxes/in-transaction.ts';
import { type AboutLetter, restoreAbout } from '../../delivery/about-letter.ts';
import { oweReports, type RecipientToReport, type ReportToOwe } from '../../delivery/automatic-letters.ts';
import { type Expired, expireCourses, expiredStatus, type OverdueCourse, overdueCourses } from '../../delivery/deadlines.ts';
import { outgoingLetterKind, outgoingLetterPayload } from '../../delivery/outgoing-letters.ts';
import { heldLetterRowKind, readHeld } from '../../delivery/quarantine.ts';
import { notifyFromText } from '../../delivery/wanted-reports.ts';
import { quoteHeader } from '../quote-letter.ts';
import { type TaskContext, task } from '../task.ts';

const minuteMs = 60_000;
const batchLines = 100;

/** Every five minutes. */
export const expireOverdueCourses = task({
  name: 'expire-courses',
  payload: z.strictObject({}),
  lane: 'upkeep',
  retry: { firstDelayMs: minuteMs, longestDelayMs: 5 * minuteMs, giveUpAfterMs: 10 * minuteMs },
  everyMs: 5 * minuteMs,
  run: async (context) => {
    // A batch that changed nothing was settled by others meanwhile, or is being offered: the next period will see.
    while ((await expireBatch(context)) > 0);
    return { do: 'done' };
  },
});

async function expireBatch(context: TaskContext): Promise<number> {
  const { db, clock } = context;
  const overdue = await overdueCourses(db, clock(), batchLines);
  const letters = await aboutLetters(context, overdue);
  return await inTransaction(db, async (trx) => {
    const now = clock();
    const expired = await expireCourses(trx, overdue, now);
    await oweReports(trx, reportsOf(expired, overdue, letters), now);
    return expired.length;
  });
}

/** What is known of each letter, read before the transaction: its header may be in a file. */
async function aboutLetters(context: TaskContext, overdue: readonly OverdueCourse[]): Promise<ReadonlyMap<OverdueCourse, AboutLetter>> {
  const byWork = new Map<string, AboutLetter>();
  const about = new Map<OverdueCourse, AboutLetter>();
  for (const one of overdue) {
    const name = one.work?.id ?? `${one.letter_id} ${one.recipient}`;
    const known = byWork.get(name) ?? (await aboutLetter(context, one));
    byWork.set(name, known);
    about.set(one, known);
  }
  return about;
}

async function aboutLetter(context: TaskContext, overdue: OverdueCourse): Promise<AboutLetter> {
  const { work } = overdue;
  if (work?.kind === heldLetterRowKind) {
    const held = await readHeld(context.db, work.id);
    if (held) return held.about;
  }
  const outgoing = work?.kind === outgoingLetterKind ? outgoingLetterPayload.safeParse(work.payload) : undefined;
  if (!outgoing?.success) return aboutLine(overdue);
  const { about, isAnswer, sender, blobId } = outgoing.data;
  const blob = await findBlob(context.db, blobId);
  const headers = blob ? await quoteHeader(context, blob) : Buffer.alloc(0);
  return restoreAbout(about, { sender, isAnswer, headers });
}

/** Of a letter whose work is gone or cannot be read, what the ledger itself knows. */
function aboutLine({ letter_id, sender, message_id, envelope_id, queued_at }: OverdueCourse): AboutLetter {
  return {
    arrivalId: letter_id,
    sender,
    isAnswer: false,
    receivedAt: queued_at,
    messageId: message_id,
    fingerprint: createHash('sha256').update(letter_id).digest(),
    ...(envelope_id !== null && { envelopeId: envelope_id }),
    receivedFrom: '',
    headers: Buffer.alloc(0),
  };
}

/** One report for each letter and what became of it. */
function reportsOf(
  expired: readonly Expired[],
  overdue: readonly OverdueCourse[],
  letters: ReadonlyMap<OverdueCourse, AboutLetter>,
): ReportToOwe[] {
  const byName = new Map(expired.map((one) => [`${one.letterId} ${one.recipient}`, one.as]));
  const reports = new Map<string, { about: AboutLetter; recipients: RecipientToReport[] }>();
  for (const line of overdue) {
    const as = byName.get(`${line.letter_id} ${line.recipient}`);
    const about = letters.get(line);
    if (!as || !about) continue;
    const name = `${line.work?.id ?? line.letter_id} ${as}`;
    const report = reports.get(name) ?? { about, recipients: [] };
    report.recipients.push(recipientOf(line, as));
    reports.set(name, report);
  }
  return [...reports.values()];
}

function recipientOf({ recipient: address, notify: asked, original_recipient }: OverdueCourse, as: Expired['as']): RecipientToReport {
  const notify = notifyFromText(asked);
  return {
    address,
    ...(notify !== undefined && { notify }),
    ...(original_recipient !== null && { originalRecipient: original_recipient }),
    ...(as === 'refused'
      ? { action: 'failed', status: expiredStatus, code: 'not-known-in-time' }
      : // The other operator's silence proves nothing: this is all that can be said. RFC 3461 §5.2.2.
        { action: 'relayed', status: '2.0.0' }),
  };
}
