// Letters kept apart until a person has decided, or until their time is over. Requirement 50.
// Their sealed bytes are held under the id that the outbox row of a release will have, so that nothing is handed on when it is decided.
// Each letter leaves once: whoever decides changes `held` into something else, or finds that somebody has.
import { type Selectable, sql } from 'kysely';
import { z } from 'zod';
import { holdBlobs, releaseBlobs } from '../../mailboxes/blobs/hold-blobs.ts';
import type { StoredBlob } from '../../mailboxes/blobs/stored-blob.ts';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import type { HoldCode } from '../../policies/verdict.ts';
import type { Address } from '../core/address.ts';
import { newId } from '../core/ids.ts';
import type { Db, Trx } from '../database/tables.ts';
import type { AnswerableLetter } from './about-letter.ts';
import type { EnvelopeRecipient, Notify } from './arrival.ts';
import { type LaterCode, oweReports } from './automatic-letters.ts';
import { advanceCourse } from './ledger.ts';
import { addToOutbox, outboxHolder } from './outbox.ts';
import type { QuarantineTable } from './schema.ts';
import { notifyFromText, notifyToText } from './wanted-reports.ts';

/** A letter to be kept apart for one of its recipients. */
export type LetterToHold = {
  /** Chosen beforehand when something else names it. */
  readonly heldId?: string;
  readonly about: AnswerableLetter;
  readonly recipient: EnvelopeRecipient;
  readonly blob: StoredBlob;
  readonly prefix: Buffer;
  readonly code: HoldCode;
};

/** A letter kept apart, as a person who decides is shown it. Nothing of its content. */
export type HeldLetter = {
  readonly heldId: string;
  readonly letterId: string;
  readonly sender: Address;
  readonly recipient: Address;
  readonly messageId: string | null;
  readonly code: HoldCode;
  readonly heldAt: Date;
  readonly expiresAt: Date;
};

/** A letter kept apart, with all that delivering it needs. */
export type HeldWhole = {
  readonly about: AnswerableLetter;
  readonly recipient: Address;
  readonly notify: Notify | undefined;
  readonly originalRecipient: string | undefined;
  readonly blobId: string;
  readonly prefix: Buffer;
};

/** Who decided, and why, in their words: kept, never told to the sender. */
export type Decision = { readonly by: string; readonly reason: string };

type Row = Selectable<QuarantineTable>;

/** The kind of the rows that deliver a released letter: the name of their task. */
export const heldLetterRowKind = 'deliver-held-letter';

export const heldLetterPayload = z.strictObject({ heldId: z.uuid() });

/** Keeps letters apart until `expiresAt`, in the transaction that took them. */
export async function holdLetters(trx: Trx, held: readonly LetterToHold[], expiresAt: Date, now: Date): Promise<void> {
  if (held.length === 0) return;
  const named = held.map((letter) => ({ heldId: letter.heldId ?? newId(now.getTime()), letter }));
  await holdBlobs(
    trx,
    named.map(({ heldId, letter }) => ({ holder: outboxHolder(heldId), blob: letter.blob })),
  );
  const rows = named.map(({ heldId, letter: { about, recipient, blob, prefix, code } }) => ({
    held_id: heldId,
    letter_id: about.arrivalId,
    fingerprint: about.fingerprint,
    sender: about.sender,
    recipient: recipient.address,
    code,
    blob_id: blob.blobId,
    prefix,
    headers: about.headers,
    message_id: about.messageId,
    envelope_id: about.envelopeId ?? null,
    notify: notifyToText(recipient.notify),
    original_recipient: recipient.originalRecipient ?? null,
    received_from: about.receivedFrom,
    received_at: about.receivedAt,
    held_at: now,
    expires_at: expiresAt,
  }));
  await trx.insertInto('quarantine').values(rows).execute();
}

/** The letters nobody has decided about, the oldest first. */
export async function listQuarantine(db: Db): Promise<HeldLetter[]> {
  const rows = await db
    .selectFrom('quarantine')
    .select(['held_id', 'letter_id', 'sender', 'recipient', 'message_id', 'code', 'held_at', 'expires_at'])
    .where('state', '=', 'held')
    .orderBy('held_at')
    .orderBy('held_id')
    .execute();
  return rows.map((row) => ({
    heldId: row.held_id,
    letterId: row.letter_id,
    sender: row.sender,
    recipient: row.recipient,
    messageId: row.message_id,
    code: row.code,
    heldAt: row.held_at,
    expiresAt: row.expires_at,
  }));
}

/**
 * Lets a letter go to its recipient: it is delivered by the pipeline, byte for byte, and its sender hears of it. False when it is
 * unknown, or decided already.
 */
export async function releaseHeld(db: Db, heldId: string, decision: Decision, now: Date): Promise<boolean> {
  return await inTransaction(db, async (trx) => {
    const row = await decide(trx, heldId, 'released', decision, now);
    // Under the letter's own id: its bytes are held by that name already.
    if (row) await addToOutbox(trx, [{ id: heldId, kind: heldLetterRowKind, payload: { heldId } }], now);
    return row !== undefined;
  });
}

/** Keeps a letter from its recipient for good; its sender is told, without the reason. False when it is unknown, or decided already. */
export async function dropHeld(db: Db, heldId: string, decision: Decision, now: Date): Promise<boolean> {
  return await inTransaction(db, async (trx) => {
    const row = await decide(trx, heldId, 'dropped', decision, now);
    if (row) await letGo(trx, [row], 'held-dropped', now);
    return row !== undefined;
  });
}

/** Drops up to `limit` letters whose time is over, and tells their senders. Returns how many. */
export async function expireQuarantine(db: Db, now: Date, limit: number): Promise<number> {
  return await inTransaction(db, async (trx) => {
    const { rows } = await sql<Row>`
      update quarantine set state = 'expired', decided_at = ${now} where held_id in (
        select held_id from quarantine where state = 'held' and expires_at <= ${now}
        order by held_id limit ${limit} for update skip locked)
      returning *`.execute(trx);
    await letGo(trx, rows, 'held-expired', now);
    return rows.length;
  });
}

/** A letter with all that delivering it needs; undefined when it was forgotten. */
export async function readHeld(db: Db, heldId: string): Promise<HeldWhole | undefined> {
  const row = await db.selectFrom('quarantine').selectAll().where('held_id', '=', heldId).executeTakeFirst();
  return (
    row && {
      about: aboutHeld(row),
      recipient: row.recipient,
      notify: notifyFromText(row.notify),
      originalRecipient: row.original_recipient ?? undefined,
      blobId: row.blob_id,
      prefix: row.prefix,
    }
  );
}

/** Forgets up to `limit` letters decided about before `before`. Returns how many. */
export async function forgetDecided(db: Db, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from quarantine where held_id in (
      select held_id from quarantine where state <> 'held' and decided_at < ${before} limit ${limit} for update skip locked)`.execute(db);
  return Number(numAffectedRows ?? 0);
}

async function decide(
  trx: Trx,
  heldId: string,
  state: 'released' | 'dropped',
  { by, reason }: Decision,
  now: Date,
): Promise<Row | undefined> {
  return await trx
    .updateTable('quarantine')
    .set({ state, decided_by: by, reason, decided_at: now })
    .where('held_id', '=', heldId)
    .where('state', '=', 'held')
    .returningAll()
    .executeTakeFirst();
}

/** The bytes of these letters are let go, the ledger says so, and their senders are told. */
async function letGo(trx: Trx, rows: readonly Row[], code: LaterCode, now: Date): Promise<void> {
  const status = '5.7.1';
  await releaseBlobs(
    trx,
    rows.map((row) => outboxHolder(row.held_id)),
  );
  const wasFinal = await advanceCourse(
    trx,
    rows.map((row) => ({ letterId: row.letter_id, recipient: row.recipient, state: 'refused', status, isFinal: true, at: now })),
  );
  const told = rows.filter((row) => !wasFinal(row.letter_id, row.recipient));
  const reports = told.map((row) => {
    const notify = notifyFromText(row.notify);
    const recipient = { address: row.recipient, action: 'failed' as const, status, code };
    return {
      about: aboutHeld(row),
      recipients: [
        {
          ...recipient,
          ...(notify !== undefined && { notify }),
          ...(row.original_recipient !== null && { originalRecipient: row.original_recipient }),
        },
      ],
    };
  });
  await oweReports(trx, reports, now);
}

function aboutHeld(row: Row): AnswerableLetter {
  return {
    arrivalId: row.letter_id,
    sender: row.sender,
    isAnswer: false,
    receivedAt: row.received_at,
    messageId: row.message_id,
    fingerprint: row.fingerprint,
    ...(row.envelope_id !== null && { envelopeId: row.envelope_id }),
    receivedFrom: row.received_from,
    headers: row.headers,
  };
}
