// Copies of health documents to the national record, owed in the transaction that takes the letter, and what their failure owes to its
// sender. One row for each document and letter: who brings what another letter has failed to bring tries anew, and nobody waits for
// anybody; whether the record has it already is asked before each attempt. Requirements 49, 52 and 54.
import { z } from 'zod';
import { holdBlobs, shareHolds } from '../../mailboxes/blobs/hold-blobs.ts';
import { findRecordObjections } from '../../policies/record-objections.ts';
import type { Address } from '../core/address.ts';
import { derivedId } from '../core/derived-id.ts';
import type { Trx } from '../database/tables.ts';
import { registerDocuments } from '../dmp/record-documents.ts';
import { aboutKind, keepAbout } from './about-letter.ts';
import type { Decision } from './decide-letters.ts';
import { addToOutbox, type OutboxItem, outboxHolder } from './outbox.ts';
import type { PartyRules } from './parties.ts';
import { addressKind } from './payload-kinds.ts';
import { aboutLetter, keptBlob } from './taken-letter.ts';
import { type WantedCopy, wantedCopies } from './wanted-copies.ts';

/** The kinds of these rows: the names of the tasks that carry them out. */
export const copyRowKind = 'copy-to-dmp';
export const integrationErrorRowKind = 'send-integration-error';

/** The letter that brought a document, as its copy and the mail about its failure know it. */
const bringing = z.object({
  uniqueId: z.string(),
  about: aboutKind,
  blobId: z.string(),
  /** A receipt was asked for, and by the return path: a failure is told as one. domain.md §3.5. */
  wantsReceipt: z.boolean(),
});

export const copyPayload = bringing.extend({
  /** Return path of the letter. */
  sender: addressKind,
  /** The sender's software asked for the copy: it hears of every reason that is not the patient's own. */
  isFlagged: z.boolean(),
});

export type CopyPayload = z.output<typeof copyPayload>;

export const integrationErrorPayload = bringing.extend({ to: addressKind, code: z.string() });

/** Owes the copies of the letters of a group that were taken; nothing, at no cost, when none is configured. Returns how many. */
export async function oweRecordCopies(trx: Trx, rules: PartyRules, taken: readonly Decision[], now: Date): Promise<number> {
  if (!rules.policies.record) return 0;
  const wanted = taken.flatMap(({ letter, recipients }) => wantedCopies(rules, letter, recipients));
  if (wanted.length === 0) return 0;
  const objections = await findRecordObjections(trx, [...new Set(wanted.flatMap(({ citizenId }) => citizenId ?? []))]);
  const brought = wanted.map((copy) => {
    const leftOut = leftOutBecause(copy, objections);
    const { letter, uniqueId, place, citizenId } = copy;
    return { letterId: letter.arrival.id, uniqueId, place, citizenId, ...(leftOut && { leftOut }) };
  });
  const owed = new Set((await registerDocuments(trx, brought, now)).map(({ letterId, uniqueId }) => `${letterId} ${uniqueId}`));
  // A document that is twice in its letter is owed once.
  const rows = wanted.flatMap((copy) => (owed.delete(`${copy.letter.arrival.id} ${copy.uniqueId}`) ? copyRow(copy) : []));
  await holdBlobs(
    trx,
    rows.map(({ item, copy }) => ({ holder: outboxHolder(item.id), blob: keptBlob(copy.letter) })),
  );
  await addToOutbox(
    trx,
    rows.map(({ item }) => item),
    now,
  );
  return rows.length;
}

/**
 * Owes the sender of a letter the mail that says why a document of it was not copied, once for each letter and document, and hands it
 * the bytes that the copy's row holds. In the transaction that ends the copy, before its row is settled.
 */
export async function oweIntegrationError(trx: Trx, copyRowId: string, copy: CopyPayload, code: string, now: Date): Promise<void> {
  const { about, sender: to, blobId, wantsReceipt, uniqueId } = copy;
  const payload: z.input<typeof integrationErrorPayload> = { to, uniqueId, about, blobId, wantsReceipt, code };
  const id = derivedId([integrationErrorRowKind, about.fingerprint, uniqueId]);
  await shareHolds(trx, outboxHolder(copyRowId), outboxHolder(id));
  await addToOutbox(trx, [{ id, kind: integrationErrorRowKind, payload }], now);
}

function leftOutBecause({ citizenId, isTooMany }: WantedCopy, objections: ReadonlyMap<number, unknown>): string | undefined {
  if (citizenId !== undefined && objections.has(citizenId)) return 'objection';
  return isTooMany ? 'too-many-documents' : undefined;
}

function copyRow(copy: WantedCopy): { readonly copy: WantedCopy; readonly item: OutboxItem & { readonly id: string } }[] {
  const { letter, uniqueId } = copy;
  const { arrival, heading } = letter;
  const sender: Address | null = arrival.sender;
  if (sender === null) return [];
  const payload: z.input<typeof copyPayload> = {
    uniqueId,
    about: keepAbout(aboutLetter(letter)),
    sender,
    blobId: keptBlob(letter).blobId,
    wantsReceipt: heading.receiptTo === sender,
    isFlagged: heading.isForRecord,
  };
  return [{ copy, item: { id: derivedId([copyRowKind, uniqueId, arrival.id]), kind: copyRowKind, payload } }];
}
