// Bytes gathered piece by piece without copying what is already there more than a few times: header blocks and half lines.

/** A buffer that doubles when full. `bytes` is only valid up to `length`, and only until the next append. */
export class GrowingBuffer {
  bytes: Buffer;
  length = 0;

  /** `sizeBytes` is the room made at once. */
  constructor(sizeBytes: number) {
    this.bytes = Buffer.allocUnsafe(sizeBytes);
  }

  /** Adds `source[start, end)`. */
  append(source: Buffer, start: number, end: number): void {
    const needed = this.length + end - start;
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    source.copy(this.bytes, this.length, start, end);
    this.length = needed;
  }

  /** The gathered bytes, without a copy. */
  view(): Buffer {
    return this.bytes.subarray(0, this.length);
  }
}
