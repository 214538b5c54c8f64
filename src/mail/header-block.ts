// Gathers the header block at the head of a stream, bounded, and says where the body begins. RFC 5322 §2.1.
import { GrowingBuffer } from './growing-buffer.ts';

/** What a chunk brought: still header, the whole block with the bytes after it, or more header than is allowed. */
export type HeaderProgress =
  | { readonly is: 'partial' }
  | { readonly is: 'whole'; readonly block: Buffer; readonly rest: Buffer }
  | { readonly is: 'too-large' };

const partial: HeaderProgress = { is: 'partial' };

/** Reads one header block, chunk by chunk. The blank line belongs to the block. */
export class HeaderBlockReader {
  readonly #limitBytes: number;
  readonly #gathered = new GrowingBuffer(2048);
  #lineStart = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Everything read so far, blank line included when it has come. */
  get block(): Buffer {
    return this.#gathered.view();
  }

  /** Takes the next bytes. After `whole` or `too-large` the reader is done. */
  read(chunk: Buffer): HeaderProgress {
    let at = 0;
    while (at < chunk.length) {
      const lf = chunk.indexOf(10, at);
      const stop = lf < 0 ? chunk.length : lf + 1;
      if (this.#gathered.length + stop - at > this.#limitBytes) return { is: 'too-large' };
      this.#gathered.append(chunk, at, stop);
      at = stop;
      if (lf >= 0 && this.#endsBlank()) return { is: 'whole', block: this.block, rest: chunk.subarray(at) };
    }
    return partial;
  }

  #endsBlank(): boolean {
    const { bytes, length } = this.#gathered;
    const lineLength = length - this.#lineStart;
    const isBlank = lineLength === 1 || (lineLength === 2 && bytes[this.#lineStart] === 13);
    this.#lineStart = length;
    return isBlank;
  }
}
