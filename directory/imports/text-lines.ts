// The lines of a stream of bytes, with the byte each one ends at: what makes it possible to go on later where an import stopped.
// A line of any length costs no more memory than the longest one allowed.

/** A line without its end (LF or CRLF). */
export type TextLine = {
  /** 1 is the file's first line. */
  readonly line: number;
  /** Undefined when it is longer than allowed. */
  readonly bytes: Buffer | undefined;
  /** The byte of the text after its end: the next line begins there. */
  readonly endsAt: number;
};

/** Where to begin: at this byte, which begins the line after `line`. */
export type TextPlace = { readonly byte: number; readonly line: number };

const lf = 0x0a;
const cr = 0x0d;

/** The lines of `chunks`, whose first byte is that of `from`; the last one need not have an end. `longestBytes` is that of one line. */
export async function* textLines(
  chunks: AsyncIterable<Buffer>,
  from: TextPlace,
  longestBytes: number,
): AsyncGenerator<TextLine, void, undefined> {
  let { line, byte: at } = from;
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let isTooLong = false;
  const add = (piece: Buffer) => {
    begunBytes += piece.length;
    if (begunBytes > longestBytes + 1) {
      isTooLong = true; // one byte more than the longest: it may be the CR
      begun = [];
    } else if (piece.length > 0) begun.push(piece);
  };
  const end = (): TextLine => {
    const whole = isTooLong ? undefined : withoutCr(begun.length === 1 && begun[0] ? begun[0] : Buffer.concat(begun));
    begun = [];
    begunBytes = 0;
    isTooLong = false;
    line += 1;
    return { line, bytes: whole && whole.length <= longestBytes ? whole : undefined, endsAt: at };
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let stop = chunk.indexOf(lf); stop !== -1; stop = chunk.indexOf(lf, start)) {
      add(chunk.subarray(start, stop));
      at += stop + 1 - start;
      start = stop + 1;
      yield end();
    }
    add(chunk.subarray(start));
    at += chunk.length - start;
  }
  if (begunBytes > 0) yield end();
}

function withoutCr(bytes: Buffer): Buffer {
  return bytes.at(-1) === cr ? bytes.subarray(0, -1) : bytes;
}
