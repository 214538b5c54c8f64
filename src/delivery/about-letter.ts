// What is kept of a letter so that an automatic letter about it can be written later, when its bytes may be gone.
import { z } from 'zod';
import type { Address } from '../core/address.ts';
import { instantKind } from './payload-kinds.ts';

/** The letter that a report, an absence, a notice or a test answer is about. */
export type AboutLetter = {
  /** The arrival's id: the ledger's name for the letter. */
  readonly arrivalId: string;
  /** Return path, who is written to; null: nobody is. */
  readonly sender: Address | null;
  /** The letter is an automatic answer itself: nothing is owed about it. Requirement 37. */
  readonly isAnswer: boolean;
  readonly receivedAt: Date;
  /** With its angle brackets, as the letter has it. */
  readonly messageId: string | null;
  /** Raw References field. */
  readonly references?: string;
  /** 32 bytes recognising the letter: it is reported on once, however often it comes. Requirement 36. */
  readonly fingerprint: Buffer;
  /** ENVID. RFC 3461 §4.4. */
  readonly envelopeId?: string;
  /** What the other end said in EHLO. */
  readonly receivedFrom: string;
  /** Its header block, at most 64 KiB, cut at a line. */
  readonly headers: Buffer;
};

/** What an outbox row keeps of it, without the sender and the headers, which not every kind of row needs. */
export const aboutKind = z.object({
  arrivalId: z.uuid(),
  receivedAt: instantKind,
  messageId: z.string().nullable(),
  references: z.string().exactOptional(),
  /** Hexadecimal. */
  fingerprint: z.hex(),
  envelopeId: z.string().exactOptional(),
  receivedFrom: z.string(),
});

/** The letter as a payload keeps it. */
export type KeptAbout = z.output<typeof aboutKind>;

/** For a payload. */
export function keepAbout(about: AboutLetter): KeptAbout {
  return {
    arrivalId: about.arrivalId,
    receivedAt: about.receivedAt.toISOString(),
    messageId: about.messageId,
    ...(about.references !== undefined && { references: about.references }),
    fingerprint: about.fingerprint.toString('hex'),
    ...(about.envelopeId !== undefined && { envelopeId: about.envelopeId }),
    receivedFrom: about.receivedFrom,
  };
}

/** A letter somebody can be told about. */
export type AnswerableLetter = AboutLetter & { readonly sender: Address };

/** False for a letter that nothing may answer: automatic answers and null reverse paths. RFC 3834 §2, requirements 17 and 37. */
export function mayBeAnswered(about: AboutLetter): about is AnswerableLetter {
  return about.sender !== null && !about.isAnswer;
}

/** The letter out of a payload. */
export function restoreAbout(kept: KeptAbout, others: Pick<AboutLetter, 'sender' | 'isAnswer' | 'headers'>): AboutLetter {
  return { ...kept, ...others, receivedAt: new Date(kept.receivedAt), fingerprint: Buffer.from(kept.fingerprint, 'hex') };
}
