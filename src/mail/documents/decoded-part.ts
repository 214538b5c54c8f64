// Random access to the content of a part through its transfer encoding. Lines of base64 may have any length, so that where byte n
// stands is only known by counting: one pass remembers a place every 16 KiB, then blocks are decoded on demand. Memory: those places
// and a few blocks, whatever the size. Requirement 47.
import type { MimePart } from '../mime-part.ts';
import { transferDecoderFor } from '../transfer-decoding.ts';
import { findBase64Places, findPlainPlaces, findQuotedPrintablePlaces, type Places } from './encoded-places.ts';
import type { LetterBytes } from './health-document.ts';
import { unhurried } from './unhurried.ts';

const cachedBlocks = 16;

/** The decoded bytes of one part. Use openPart(). */
export class DecodedPart {
  readonly sizeBytes: number;
  readonly #letter: LetterBytes;
  readonly #part: MimePart;
  readonly #places: Places;
  /** Least recently used first. */
  readonly #cache = new Map<number, Buffer>();

  constructor(letter: LetterBytes, part: MimePart, places: Places) {
    this.#letter = letter;
    this.#part = part;
    this.#places = places;
    this.sizeBytes = places.decoded.at(-1) ?? 0;
  }

  /** The bytes [start, end), fewer when the part is shorter. */
  async read(start: number, end: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.stream(start, end)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** The same, a block at a time. */
  async *stream(start: number, end: number): AsyncGenerator<Buffer, void, undefined> {
    const { decoded } = this.#places;
    let at = start;
    for (let index = lastAtOrBefore(decoded, start); at < end && index < decoded.length - 1; index += 1) {
      const from = decoded[index] ?? 0;
      const block = await this.#block(index);
      yield block.subarray(at - from, end - from);
      at = from + block.length;
    }
  }

  async #block(index: number): Promise<Buffer> {
    const block = this.#cache.get(index) ?? (await this.#decode(index));
    this.#cache.delete(index);
    this.#cache.set(index, block);
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= cachedBlocks) break;
      this.#cache.delete(oldest);
    }
    return block;
  }

  async #decode(index: number): Promise<Buffer> {
    const { encoded } = this.#places;
    const decoder = transferDecoderFor(this.#part.encoding);
    const pieces: Buffer[] = [];
    for await (const chunk of this.#letter.read(encoded[index] ?? 0, encoded[index + 1] ?? 0)) pieces.push(decoder.write(chunk));
    return Buffer.concat([...pieces, decoder.end()]);
  }
}

/** Finds the places of a part's blocks. Throws DocumentsProblem `broken-encoding`; what reading the letter throws passes through. */
export async function openPart(letter: LetterBytes, part: MimePart): Promise<DecodedPart> {
  const body = unhurried(letter.read(part.bodyStart, part.end));
  if (part.encoding === 'base64') return new DecodedPart(letter, part, await findBase64Places(body, part.bodyStart));
  if (part.encoding === 'quoted-printable') return new DecodedPart(letter, part, await findQuotedPrintablePlaces(body, part.bodyStart));
  return new DecodedPart(letter, part, findPlainPlaces(part.bodyStart, part.end));
}

/** Index of the last value that is not greater; the list is sorted and begins with 0. */
function lastAtOrBefore(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle;
    else high = middle;
  }
  return low;
}
