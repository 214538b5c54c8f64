// Counts how large a body is once decoded, while it streams by. Requirement 16: the limit speaks of decoded attachments.

/** Counts one body. Feed it every run of the body's bytes in order. */
export interface DecodedSize {
  /** `lineFeeds` and `carriageReturns` count the line breaks inside the run (CR only where LF follows). */
  add(chunk: Buffer, start: number, end: number, lineFeeds: number, carriageReturns: number): void;
  /** Decoded bytes so far; a line break that turns out to belong to the next delimiter (`breakBytes`) is taken off. */
  bytes(breakBytes: number): number;
}

/** A counter for the transfer encoding (lower case); absent or unknown encodings count bytes as they are. RFC 2045 §6. */
export function decodedSizeFor(encoding: string | undefined): DecodedSize {
  if (encoding === 'base64') return new Base64Size();
  return encoding === 'quoted-printable' ? new QuotedPrintableSize() : new RawSize();
}

class RawSize implements DecodedSize {
  #bytes = 0;

  add(_chunk: Buffer, start: number, end: number): void {
    this.#bytes += end - start;
  }

  bytes(breakBytes: number): number {
    return Math.max(0, this.#bytes - breakBytes);
  }
}

/** Everything but line breaks and padding counts as data, so foreign characters can only make the figure larger. */
class Base64Size implements DecodedSize {
  #characters = 0;

  add(chunk: Buffer, start: number, end: number, lineFeeds: number, carriageReturns: number): void {
    // A view of the run alone: searching the rest of the chunk again for every short run would be quadratic.
    const run = chunk.subarray(start, end);
    let padding = 0;
    for (let at = run.indexOf(61); at >= 0; at = run.indexOf(61, at + 1)) padding += 1;
    this.#characters += end - start - lineFeeds - carriageReturns - padding;
  }

  bytes(): number {
    return Math.floor((this.#characters * 3) / 4);
  }
}

class QuotedPrintableSize implements DecodedSize {
  #bytes = 0;
  /** How much of an escape has been read: nothing, `=`, `=` and a hex digit, `=` and CR. */
  #escape: 'none' | 'equals' | 'hex' | 'cr' = 'none';

  add(chunk: Buffer, start: number, end: number): void {
    const run = chunk.subarray(start, end);
    let at = 0;
    while (at < run.length) {
      if (this.#escape === 'none') {
        const equals = run.indexOf(61, at);
        const stop = equals < 0 ? run.length : equals;
        this.#bytes += stop - at;
        at = stop + 1;
        if (equals >= 0) this.#escape = 'equals';
      } else {
        this.#escaped(run[at] ?? 0);
        at += 1;
      }
    }
  }

  bytes(breakBytes: number): number {
    return Math.max(0, this.#bytes - breakBytes);
  }

  #escaped(byte: number): void {
    if (this.#escape === 'equals') {
      if (isHex(byte)) this.#escape = 'hex';
      else if (byte === 13) this.#escape = 'cr';
      else this.#literal(byte, byte === 10 ? 0 : 2);
    } else if (this.#escape === 'hex') this.#literal(byte, isHex(byte) ? 1 : 3);
    else this.#literal(byte, byte === 10 ? 0 : 3);
  }

  /** A broken escape counts as the characters it is written with; an `=` may at once begin the next one. */
  #literal(byte: number, bytes: number): void {
    this.#escape = byte === 61 ? 'equals' : 'none';
    this.#bytes += byte === 61 ? bytes - 1 : bytes;
  }
}

function isHex(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 70) || (byte >= 97 && byte <= 102);
}
