// Recognises a letter that comes a second time: the same sender, Message-ID, meaning fields and body give the same 32 bytes, whatever
// trace fields it gathered on its way. A replay changes nothing in the register; a failure is reported once. Requirements 29 and 36.
import { createHash } from 'node:crypto';
import type { Address } from '../../core/address.ts';
import type { Headers } from '../headers.ts';

/** What an operator on the way does not change, and what decides about exchanges. */
const meaningFields = ['message-id', 'from', 'date', 'subject', 'reply-to', 'x-mss-mes'];

/** Takes a letter as it streams by: write() for every chunk, header block included, then end() once. Holds no bytes. */
export class LetterFingerprint {
  readonly #body = createHash('sha256');
  #inHeader = true;
  #lineBytes = 0;
  #lineBeginsWithCr = false;

  /** The next bytes of the letter. */
  write(chunk: Buffer): void {
    const start = this.#inHeader ? this.#skipHeader(chunk) : 0;
    if (start < chunk.length) this.#body.update(chunk.subarray(start));
  }

  /** 32 bytes. `sender` is the return path, null for `<>`. */
  end(sender: Address | null, headers: Headers): Buffer {
    // Folds may be moved on the way: runs of blanks count as one. JSON keeps the fields apart whatever they hold.
    const values = meaningFields.map((name) => headers.allBinary(name).map((value) => value.replace(/[ \t]+/g, ' ')));
    return createHash('sha256')
      .update(JSON.stringify([sender, values]))
      .update(this.#body.digest())
      .digest();
  }

  /** Where the body begins in the chunk; its length while the header goes on. */
  #skipHeader(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length) {
      const lf = chunk.indexOf(10, at);
      const stop = lf < 0 ? chunk.length : lf;
      if (this.#lineBytes === 0 && stop > at) this.#lineBeginsWithCr = chunk[at] === 13;
      this.#lineBytes += stop - at;
      at = stop + 1;
      if (lf < 0) break;
      if (this.#lineBytes === 0 || (this.#lineBytes === 1 && this.#lineBeginsWithCr)) {
        this.#inHeader = false;
        return at;
      }
      this.#lineBytes = 0;
    }
    return chunk.length;
  }
}
