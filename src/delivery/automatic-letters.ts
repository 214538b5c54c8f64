// Automatic letters owed by the transaction that has the reason for them: reports, receipts, absences, legal notices, test answers.
// They are composed and delivered by src/pipeline. Never about an automatic answer, never twice about one letter. Requirements 36, 37, 40, 43, 46.
import { z } from 'zod';
import type { VerdictCode } from '../../policies/verdict.ts';
import type { Address } from '../core/address.ts';
import { derivedId } from '../core/derived-id.ts';
import type { Trx } from '../database/tables.ts';
import type { AbsenceNotice, TestSummary } from '../mail/automatic/compose-answer.ts';
import { type AboutLetter, type AnswerableLetter, aboutKind, keepAbout, mayBeAnswered } from './about-letter.ts';
import type { Notify } from './arrival.ts';
import { addToOutbox, type OutboxItem } from './outbox.ts';
import { addressKind, instantKind } from './payload-kinds.ts';
import { type ReportAction, wantsReport } from './wanted-reports.ts';

/** The kinds of these rows: the names of the tasks that carry them out. */
export const reportRowKind = 'send-report';
export const receiptRowKind = 'send-receipt';
export const absenceRowKind = 'send-absence';
export const legalNoticeRowKind = 'send-legal-notice';
export const testAnswerRowKind = 'answer-test-letter';

/** Why, beside the verdicts: what became of a letter after it was taken. */
export type LaterCode =
  | 'refused-there'
  | 'not-answered-there'
  | 'not-confirmed-there'
  | 'not-known-in-time'
  | 'not-delivered'
  | 'held-dropped'
  | 'held-expired';

/** One recipient of a report, and what the sender asked to be told of them. */
export type RecipientToReport = {
  readonly address: Address;
  readonly notify?: Notify;
  readonly originalRecipient?: string;
  readonly action: ReportAction;
  /** Enhanced status, RFC 3463. */
  readonly status: string;
  /** Absent on `delivered`, and on `relayed` to a server that reports nothing. */
  readonly code?: VerdictCode | LaterCode;
  /** The other server's own words. */
  readonly diagnostic?: string;
};

/** One report on one letter: one action for all its recipients, so that it has one subject. */
export type ReportToOwe = { readonly about: AboutLetter; readonly recipients: readonly RecipientToReport[] };

/** A letter that was displayed, and asked for a receipt. */
export type ReceiptToOwe = {
  readonly mailboxId: number;
  readonly mailboxAddress: Address;
  readonly letterId: number;
  readonly messageId: string | null;
  readonly receiptTo: Address;
  readonly at: Date;
};

export const reportPayload = z.object({
  to: addressKind,
  about: aboutKind,
  /** Base64. */
  headers: z.base64(),
  recipients: z.array(
    z.object({
      address: addressKind,
      originalRecipient: z.string().exactOptional(),
      action: z.literal(['failed', 'delayed', 'delivered', 'relayed']),
      status: z.string(),
      code: z.string().exactOptional(),
      diagnostic: z.string().exactOptional(),
    }),
  ),
});

export const receiptPayload = z.object({
  to: addressKind,
  mailboxId: z.int(),
  mailboxAddress: addressKind,
  letterId: z.int(),
  messageId: z.string().nullable(),
  displayedAt: instantKind,
});

export const absencePayload = z.object({
  to: addressKind,
  about: aboutKind,
  from: addressKind,
  absence: z.object({ from: instantKind, until: instantKind, text: z.string(), standIn: addressKind.exactOptional() }),
});

export const legalNoticePayload = z.object({ to: addressKind, about: aboutKind, correspondent: addressKind });

export const testAnswerPayload = z.object({
  to: addressKind,
  about: aboutKind,
  testAddress: addressKind,
  summary: z.object({
    receivedAt: instantKind,
    headers: z.array(z.object({ name: z.string(), value: z.string() })),
    peer: z.object({
      heloName: z.string(),
      ip: z.string(),
      protocol: z.string(),
      certificateName: z.string().exactOptional(),
      tls: z.object({ protocol: z.string(), cipher: z.string() }).exactOptional(),
    }),
    verdict: z.object({ code: z.string(), text: z.string() }),
    sizeBytes: z.int(),
  }),
});

/** Owes reports to those who want them; recipients of whom the sender wants to hear nothing are left out. RFC 3461 §4.1. */
export async function oweReports(trx: Trx, reports: readonly ReportToOwe[], now: Date): Promise<void> {
  const items = reports.flatMap(({ about, recipients }): OutboxItem[] => {
    const wanted = recipients.filter(({ notify, action }) => wantsReport(notify, action));
    if (!mayBeAnswered(about) || wanted.length === 0) return [];
    const payload: z.input<typeof reportPayload> = {
      to: about.sender,
      about: keepAbout(about),
      headers: about.headers.toString('base64'),
      recipients: wanted.map(({ notify: _asked, ...recipient }) => recipient),
    };
    const said = wanted.map(({ address, action }) => `${action} ${address}`).sort();
    return [{ id: derivedId([reportRowKind, about.fingerprint.toString('hex'), ...said]), kind: reportRowKind, payload }];
  });
  await addToOutbox(trx, items, now);
}

/** Owes one receipt for each displayed letter. Requirement 43. */
export async function oweReceipts(trx: Trx, receipts: readonly ReceiptToOwe[], now: Date): Promise<void> {
  const items = receipts.map(({ receiptTo: to, at, mailboxId, mailboxAddress, letterId, messageId }): OutboxItem => {
    const displayedAt = at.toISOString();
    const payload: z.input<typeof receiptPayload> = { to, mailboxId, mailboxAddress, letterId, messageId, displayedAt };
    return { id: derivedId([receiptRowKind, mailboxId, letterId]), kind: receiptRowKind, payload };
  });
  await addToOutbox(trx, items, now);
}

/** Owes the absence of `from` to the letter's sender. RFC 3834. */
export async function oweAbsences(
  trx: Trx,
  owed: readonly { readonly about: AboutLetter; readonly from: Address; readonly absence: AbsenceNotice }[],
  now: Date,
): Promise<void> {
  const items = owed.flatMap(({ about, from, absence }) => {
    const { text, standIn } = absence;
    const dated = { from: absence.from.toISOString(), until: absence.until.toISOString(), text, ...(standIn && { standIn }) };
    return answer(absenceRowKind, about, from, { from, absence: dated });
  });
  await addToOutbox(trx, items, now);
}

/** Owes the citizen who wrote the notice that a reading delay engages nobody. */
export async function oweLegalNotices(
  trx: Trx,
  owed: readonly { readonly about: AboutLetter; readonly correspondent: Address }[],
  now: Date,
): Promise<void> {
  await addToOutbox(
    trx,
    owed.flatMap(({ about, correspondent }) => answer(legalNoticeRowKind, about, correspondent, { correspondent })),
    now,
  );
}

/** Owes the answer of the test address. Requirement 40. */
export async function oweTestAnswers(
  trx: Trx,
  owed: readonly { readonly about: AboutLetter; readonly testAddress: Address; readonly summary: TestSummary }[],
  now: Date,
): Promise<void> {
  const items = owed.flatMap(({ about, testAddress, summary }) =>
    answer(testAnswerRowKind, about, testAddress, { testAddress, summary: { ...summary, receivedAt: summary.receivedAt.toISOString() } }),
  );
  await addToOutbox(trx, items, now);
}

/** A row that answers a letter, once for each address that answers it. */
function answer(kind: string, about: AboutLetter, from: Address, payload: object): OutboxItem[] {
  if (!mayBeAnswered(about)) return [];
  const { sender: to }: AnswerableLetter = about;
  return [{ id: derivedId([kind, about.arrivalId, from]), kind, payload: { to, about: keepAbout(about), ...payload } }];
}
