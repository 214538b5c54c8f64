// Reads the header of a letter from another operator while it passes unchanged: the judge needs X-MSS-MES, Subject and From.
import { Transform, type TransformCallback } from 'node:stream';
import { deferred } from './deferred.ts';
import { HeaderBlockReader } from './header-block.ts';
import { type Headers, parseHeaders } from './headers.ts';

/** Header bytes that are read; a larger header passes all the same, its further fields unseen. */
export const maxObservedHeaderBytes = 256 * 1024;

/** Passes every byte as it is; `headers` resolves once the header block has passed, and rejects if the stream is destroyed before. */
export class ObserveHeaders extends Transform {
  readonly headers: Promise<Headers>;
  readonly #reader = new HeaderBlockReader(maxObservedHeaderBytes);
  readonly #known = deferred<Headers>();
  #inHeader = true;

  constructor() {
    super();
    this.headers = this.#known.promise;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#inHeader && this.#reader.read(chunk).is !== 'partial') this.#resolve();
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    if (this.#inHeader) this.#resolve();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#known.reject(error ?? new Error('The letter ended before its header'));
    done(error);
  }

  #resolve(): void {
    this.#inHeader = false;
    this.#known.resolve(parseHeaders(this.#reader.block));
  }
}
