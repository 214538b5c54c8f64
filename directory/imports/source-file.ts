// A file that feeds the registry, text or a ZIP archive of one text: opened once, known by its fingerprint, read as a stream from any byte.
// What is read is what was fingerprinted: one handle for both, and a file that changes meanwhile is told.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Entry, fromFd, type ZipFile } from 'yauzl';

/** An open file. */
export type SourceFile = {
  /** Its own name, without the folder. */
  readonly name: string;
  /** SHA-256 of the file's bytes, hexadecimal. */
  readonly fingerprint: string;
  /** Size of the text, inflated. */
  readonly bytes: number;
  /**
   * The text from a byte on. Throws SourceProblem when it ends early, is damaged, or is not what was fingerprinted; that of an archive is
   * inflated from its beginning each time, and checked whole.
   */
  read(fromByte: number): AsyncIterable<Buffer>;
  close(): Promise<void>;
};

/** Why a file as a whole cannot be read. `several`: an archive must hold one file. */
export type SourceTrouble = 'missing' | 'unreadable' | 'changed' | 'empty' | 'too-large' | 'damaged-archive' | 'several';

/** A file that cannot be read. The message is for operators. */
export class SourceProblem extends Error {
  override readonly name = 'SourceProblem';
  readonly trouble: SourceTrouble;
  constructor(trouble: SourceTrouble, options?: ErrorOptions) {
    super(`Cannot read the file: ${trouble}`, options);
    this.trouble = trouble;
  }
}

const chunkBytes = 256 * 1024;

/** Opens a file; `largestBytes` bounds its text, whatever an archive says. Throws SourceProblem. */
export async function openSource(file: string, largestBytes: number): Promise<SourceFile> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new SourceProblem(error.code === 'ENOENT' ? 'missing' : 'unreadable', { cause: error });
  });
  try {
    const at = await handle.stat({ bigint: true });
    if (!at.isFile()) throw new SourceProblem('unreadable');
    if (at.size === 0n) throw new SourceProblem('empty');
    // Not a stream of the handle's own: whoever leaves one before its end closes the handle.
    const raw = async function* (start: number) {
      for (let place = start; ; ) {
        const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, place);
        if (bytesRead === 0) return;
        place += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    };
    const hash = createHash('sha256');
    let head = Buffer.alloc(0);
    for await (const chunk of raw(0)) {
      if (head.length < 4) head = Buffer.concat([head, chunk.subarray(0, 4)]);
      hash.update(chunk);
    }
    const unchanged = async () => {
      const now = await handle.stat({ bigint: true });
      if (now.size !== at.size || now.mtimeNs !== at.mtimeNs) throw new SourceProblem('changed');
    };
    await unchanged();
    const text = isArchive(head) ? await openArchive(handle.fd) : { bytes: Number(at.size), from: raw };
    if (text.bytes > largestBytes) throw new SourceProblem('too-large');
    return {
      name: basename(file),
      fingerprint: hash.digest('hex'),
      bytes: text.bytes,
      async *read(fromByte) {
        for await (const chunk of text.from(fromByte) as AsyncIterable<Buffer>) yield chunk;
        await unchanged();
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

// APPNOTE 6.3 §4.3.7.
function isArchive(head: Buffer): boolean {
  return head.subarray(0, 4).equals(Buffer.from('PK\x03\x04'));
}

type Text = { readonly bytes: number; readonly from: (fromByte: number) => AsyncIterable<Buffer> };

async function openArchive(fd: number): Promise<Text> {
  try {
    const zip = await new Promise<ZipFile>((resolve, reject) => {
      fromFd(fd, { lazyEntries: true, autoClose: false }, (error, opened) => (error ? reject(error) : resolve(opened)));
    });
    const entries: Entry[] = [];
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      if (entries.push(entry) > 1) throw new SourceProblem('several');
    }
    const [entry] = entries;
    if (!entry || entry.uncompressedSize === 0) throw new SourceProblem('empty');
    return { bytes: entry.uncompressedSize, from: (fromByte) => inflate(zip, entry, fromByte) };
  } catch (error) {
    throw asDamaged(error);
  }
}

// yauzl refuses an entry that is longer or shorter than its header says: the bound on its size holds while it is inflated.
async function* inflate(zip: ZipFile, entry: Entry, fromByte: number): AsyncIterable<Buffer> {
  try {
    const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
      zip.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)));
    });
    let at = 0;
    let sum = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum);
      const skipped = Math.max(0, Math.min(chunk.length, fromByte - at));
      at += chunk.length;
      if (skipped < chunk.length) yield chunk.subarray(skipped);
    }
    if (sum !== entry.crc32) throw new SourceProblem('damaged-archive');
  } catch (error) {
    throw asDamaged(error);
  }
}

function asDamaged(error: unknown): SourceProblem {
  return error instanceof SourceProblem ? error : new SourceProblem('damaged-archive', { cause: error });
}
