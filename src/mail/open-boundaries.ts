// The boundaries a line may match while a letter is read: one per multipart that is still open. RFC 2046 §5.1.1.
// A delimiter is a whole line, `--boundary` or `--boundary--`, with white space after it at most: a boundary that is the beginning
// of another is thus never mistaken for it. The innermost wins when two parts use the same one.

/** A delimiter line: which open multipart it belongs to, and whether it closes it. */
export type Delimiter = { readonly level: number; readonly closing: boolean };

/** RFC 2046 allows 70; longer ones are seen, this is where a boundary stops being one. */
export const maxBoundaryBytes = 250;

/** Longest line that can be a delimiter, trailing white space included. */
export const maxDelimiterBytes = 512;

type OpenBoundary = { readonly level: number; readonly shadowed: OpenBoundary | undefined };

/** Lookup costs the same whatever the number of open parts. */
export class OpenBoundaries {
  readonly #open = new Map<string, OpenBoundary>();
  /** How many open boundaries have this length: most lines are dismissed by it. */
  readonly #lengths = new Uint16Array(maxBoundaryBytes + 1);
  /** How many begin with this byte: dismisses most of the rest. */
  readonly #firstBytes = new Uint16Array(256);
  #count = 0;

  /** True when no line can be a delimiter. */
  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** A multipart at `level` begins. */
  open(boundary: string, level: number): void {
    this.#open.set(boundary, { level, shadowed: this.#open.get(boundary) });
    this.#tally(boundary, 1);
  }

  /** The innermost multipart with this boundary is over. */
  close(boundary: string): void {
    const entry = this.#open.get(boundary);
    if (!entry) return;
    if (entry.shadowed) this.#open.set(boundary, entry.shadowed);
    else this.#open.delete(boundary);
    this.#tally(boundary, -1);
  }

  /** Reads the line in `bytes[start, end)`, line break included or not. */
  match(bytes: Buffer, start: number, end: number): Delimiter | undefined {
    if (bytes[start] !== 45 || bytes[start + 1] !== 45 || !this.#firstBytes[bytes[start + 2] ?? 0]) return undefined;
    let stop = end;
    while (stop > start + 2 && isPadding(bytes[stop - 1] ?? 0)) stop -= 1;
    const length = stop - start - 2;
    const plain = this.#lengths[length] ? this.#open.get(bytes.toString('latin1', start + 2, stop)) : undefined;
    if (plain) return { level: plain.level, closing: false };
    if (!this.#lengths[length - 2] || bytes[stop - 1] !== 45 || bytes[stop - 2] !== 45) return undefined;
    const closed = this.#open.get(bytes.toString('latin1', start + 2, stop - 2));
    return closed && { level: closed.level, closing: true };
  }

  #tally(boundary: string, change: 1 | -1): void {
    const first = boundary.charCodeAt(0);
    this.#lengths[boundary.length] = (this.#lengths[boundary.length] ?? 0) + change;
    this.#firstBytes[first] = (this.#firstBytes[first] ?? 0) + change;
    this.#count += change;
  }
}

function isPadding(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === 13 || byte === 10;
}
