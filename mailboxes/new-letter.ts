// A letter on its way into a folder, and the place it is given.
import type { Address } from '../src/core/address.ts';
import type { MimeIndex } from '../src/mail/mime-index.ts';
import type { StoredBlob } from './blobs/stored-blob.ts';

/** A letter to be kept in one folder. The same blob may go to several mailboxes: each has a letter of its own. */
export type NewLetter = {
  readonly mailboxId: number;
  readonly folderId: number;
  readonly blob: StoredBlob;
  /** Trace headers, served before the blob's bytes. */
  readonly prefix: Buffer;
  /** Of the blob's bytes, without the prefix. */
  readonly index: MimeIndex;
  /** Bits of SystemFlag. */
  readonly flags: number;
  readonly keywords: readonly string[];
  readonly internalDate: Date;
  /** Reverse path of the envelope; absent for what a client appends, which blocks nobody. */
  readonly sender?: Address | null;
  /** Who is told, once, when the letter is first marked \Seen. Of no effect on one that is placed read. */
  readonly receiptTo?: Address;
};

/** Where a letter went. */
export type Placement = {
  readonly mailboxId: number;
  readonly folderId: number;
  readonly uid: number;
  readonly uidValidity: number;
  readonly letterId: number;
  readonly modseq: number;
};

/** A letter with the place it was given. */
export type PlacedLetter = { readonly letter: NewLetter; readonly sizeBytes: number; readonly placement: Omit<Placement, 'letterId'> };
