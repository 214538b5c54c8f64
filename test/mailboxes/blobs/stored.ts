// Shorthands to store and read blobs in tests.
import { join } from 'node:path';
import { BlobStore } from '../../../mailboxes/blobs/blob-store.ts';
import { loadMasterKeys, type MasterKeys } from '../../../mailboxes/blobs/master-keys.ts';
import type { BlobRef, StoredBlob } from '../../../mailboxes/blobs/stored-blob.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A store of its own: 16 KiB inline, the rest in `folder`. */
export async function openStore(): Promise<{ store: BlobStore; folder: string; keys: MasterKeys }> {
  const root = await temporaryFolder();
  const folder = join(root, 'blobs');
  const keys = await loadMasterKeys(join(root, 'master-keys'));
  return { store: new BlobStore({ folder, keys, inlineLimitBytes: 16 * 1024 }), folder, keys };
}

/** The blob as its row would be read. */
export function asRow(blob: StoredBlob): BlobRef {
  return {
    blob_id: blob.blobId,
    size_bytes: blob.sizeBytes,
    format: blob.format,
    master_key_version: blob.masterKeyVersion,
    wrapped_key: blob.wrappedKey,
    inline_bytes: blob.inlineBytes,
  };
}

export async function* inChunks(bytes: Buffer, chunkBytes = 10_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

export async function readAll(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}
