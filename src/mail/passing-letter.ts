// A letter on its way through: chunk after chunk at the pace of whoever reads it, never held as a whole. Plain iteration and no
// stream of Node's: a letter of 2 KB would spend more time in making and ending streams than in being read.
import type { Headers } from './headers.ts';

/** A letter that is being read. Reading it to its end, or giving up, reads or gives up its source alike. */
export type PassingLetter = {
  /** The letter's bytes; may be read once. Throws what its source throws. */
  readonly bytes: AsyncIterable<Buffer>;
  /** The final header, once it has passed; throws before. */
  headers(): Headers;
  /** False until then: a letter may break off inside its header. */
  hasHeaders(): boolean;
};

/** Where a reader of the header notes it, and the letter's user finds it. */
export class PassedHeaders {
  #headers: Headers | undefined;

  get isKnown(): boolean {
    return this.#headers !== undefined;
  }

  note(headers: Headers): void {
    this.#headers = headers;
  }

  read(): Headers {
    if (!this.#headers) throw new Error('The header of the letter has not passed yet');
    return this.#headers;
  }
}
