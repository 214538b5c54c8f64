// What a store hands to whoever places the letter: a blob whose bytes are safe, or will be with the commit.
import type { BlobsTable } from '../schema.ts';

/** Sealed bytes, stored but not yet placed: to be placed soon after (collectOrphans' grace), or discarded. */
export type StoredBlob = {
  readonly blobId: string;
  /** Clear bytes. */
  readonly sizeBytes: number;
  readonly format: number;
  readonly masterKeyVersion: number;
  readonly wrappedKey: Buffer;
  /** The sealed bytes when they are small enough to live in the database. */
  readonly inlineBytes: Buffer | null;
};

/** What reading a blob needs of its row. */
export type BlobRef = Pick<BlobsTable, 'blob_id' | 'size_bytes' | 'format' | 'master_key_version' | 'wrapped_key' | 'inline_bytes'>;
