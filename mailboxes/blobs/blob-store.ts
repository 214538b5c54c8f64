// Keeps the bytes of letters, sealed from the first one: small ones travel in the commit, larger ones are files.
// A file is durable before its blob is named to anyone: temporary file, fsync, rename, fsync of the folder. Blob first,
// reference second. Memory is bounded by one segment a stream, whatever the letter's size.
import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { syncFolder } from '../../src/core/durable-files.ts';
import { newId } from '../../src/core/ids.ts';
import type { Db } from '../../src/database/tables.ts';
import { blobFile, unfinishedSuffix } from './blob-files.ts';
import { collectOrphans } from './collect-orphans.ts';
import type { MasterKeys } from './master-keys.ts';
import { readSealed } from './read-sealed.ts';
import { type BlobKey, sealBytes, sealedFormat, sealedHeader, sealSegment, segmentBytes } from './sealed-format.ts';
import type { BlobRef, StoredBlob } from './stored-blob.ts';

export type { StoredBlob } from './stored-blob.ts';

/** Where blobs are kept, and up to which clear size they stay in the database. */
export type BlobStoreOptions = {
  readonly folder: string;
  readonly keys: MasterKeys;
  readonly inlineLimitBytes: number;
  readonly clock?: Clock;
};

/** The bytes of letters on this machine. Several processes may share one folder. */
export class BlobStore {
  readonly #folder: string;
  readonly #keys: MasterKeys;
  readonly #inlineLimitBytes: number;
  readonly #clock: Clock;
  #folderReady: Promise<void> | undefined;

  constructor(options: BlobStoreOptions) {
    this.#folder = options.folder;
    this.#keys = options.keys;
    this.#inlineLimitBytes = options.inlineLimitBytes;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Reads the source to its end and seals it. A file is durable once this resolves; inline bytes become so with the commit
   * that inserts them. `tap` sees each clear chunk before the next is asked for. When the source, the tap or the disk
   * fails, that error is thrown and nothing is left behind.
   */
  async store(source: AsyncIterable<Buffer>, tap?: (chunk: Buffer) => void): Promise<StoredBlob> {
    const blob: BlobKey = { blobId: newId(this.#clock().getTime()), key: randomBytes(32) };
    /** What came before it was known to be too large for the database. */
    let head: Buffer[] = [];
    let sizeBytes = 0;
    let file: BlobFile | undefined;
    try {
      for await (const chunk of source) {
        tap?.(chunk);
        sizeBytes += chunk.length;
        head.push(chunk);
        if (!file && sizeBytes <= this.#inlineLimitBytes) continue;
        file ??= await this.#openFile(blob);
        for (const piece of head) await file.write(piece);
        head = [];
      }
      await file?.finish();
    } catch (error) {
      await file?.abandon();
      throw error;
    }
    return {
      blobId: blob.blobId,
      sizeBytes,
      format: sealedFormat,
      ...this.#keys.wrap(blob.blobId, blob.key),
      inlineBytes: file ? null : sealBytes(blob, Buffer.concat(head, sizeBytes)),
    };
  }

  /** Forgets a blob that no row names, as when the letter is refused after its content. */
  async discard(blob: Pick<StoredBlob, 'blobId' | 'inlineBytes'>): Promise<void> {
    if (blob.inlineBytes === null) await rm(blobFile(this.#folder, blob.blobId), { force: true });
  }

  /** The clear bytes [start, end), opening only the segments they touch, one at a time. A damaged blob throws, naming its id alone. */
  read(blob: BlobRef, start: number, end: number): AsyncGenerator<Buffer, void, undefined> {
    const key = this.#keys.unwrap(blob.blob_id, { masterKeyVersion: blob.master_key_version, wrappedKey: blob.wrapped_key });
    return readSealed(blob, key, blobFile(this.#folder, blob.blob_id), start, end);
  }

  /** Takes back what nobody refers to, see collect-orphans.ts. Returns how many were removed. */
  async collectOrphans(db: Db, olderThanMs: number): Promise<number> {
    return await collectOrphans(db, this.#folder, olderThanMs);
  }

  async #openFile(blob: BlobKey): Promise<BlobFile> {
    this.#folderReady ??= prepareFolder(this.#folder);
    try {
      await this.#folderReady;
    } catch (error) {
      this.#folderReady = undefined; // a full or read-only disk may be mended: the next letter tries again
      throw error;
    }
    const path = blobFile(this.#folder, blob.blobId);
    return new BlobFile(blob, path, await open(path + unfinishedSuffix, 'wx', 0o600));
  }
}

// All 256 folders at once, and their parent synced by every process before its first file: were they made one by one, a
// process could find a folder that another has made and not yet synced, and acknowledge a letter whose folder a power cut takes.
async function prepareFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await syncFolder(dirname(folder));
  for (let shard = 0; shard < 256; shard += 1) {
    await mkdir(join(folder, shard.toString(16).padStart(2, '0')), { recursive: true, mode: 0o700 });
  }
  await syncFolder(folder);
}

/** A blob's file while it is written: one segment of clear text in memory, the rest on disk. */
class BlobFile {
  readonly #blob: BlobKey;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #segment = Buffer.allocUnsafe(segmentBytes);
  #filled = 0;
  #index = 0;

  constructor(blob: BlobKey, path: string, handle: FileHandle) {
    this.#blob = blob;
    this.#path = path;
    this.#handle = handle;
  }

  async write(chunk: Buffer): Promise<void> {
    let at = 0;
    while (at < chunk.length) {
      // A full segment waits for one more byte: only then is it known not to be the last.
      if (this.#filled === segmentBytes) await this.#flush(false);
      const copied = chunk.copy(this.#segment, this.#filled, at);
      this.#filled += copied;
      at += copied;
    }
  }

  async finish(): Promise<void> {
    await this.#flush(true);
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.#path + unfinishedSuffix, this.#path);
    await syncFolder(dirname(this.#path));
  }

  /** Best effort: what cannot be removed now is found by collectOrphans, and the error that led here matters more. */
  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(this.#path + unfinishedSuffix, { force: true }).catch(() => undefined);
    await rm(this.#path, { force: true }).catch(() => undefined);
  }

  async #flush(isLast: boolean): Promise<void> {
    const sealed = sealSegment(this.#blob, this.#index, isLast, this.#segment.subarray(0, this.#filled));
    const pieces = this.#index === 0 ? [sealedHeader, ...sealed] : sealed;
    // One write: each is a trip to another thread. A disk that takes only a part of it is full.
    const { bytesWritten } = await this.#handle.writev(pieces);
    if (bytesWritten !== pieces.reduce((sum, piece) => sum + piece.length, 0)) throw new Error('The disk did not take a whole segment');
    this.#index += 1;
    this.#filled = 0;
  }
}
