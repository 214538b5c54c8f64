// The numbers a client counts messages with: position in the folder as this session has been told it. RFC 3501 §2.3.1.2.
// A typed array, so that 100,000 messages cost 400 KB and a look-up a binary search; changes come in groups, one pass each.

/** UIDs in ascending order; the message at index n has sequence number n + 1. */
export class SequenceNumbers {
  #uids: Uint32Array;
  #length: number;

  constructor(ascendingUids: readonly number[]) {
    this.#uids = Uint32Array.from(ascendingUids);
    this.#length = ascendingUids.length;
  }

  /** Number of messages, which is also the highest sequence number. */
  get length(): number {
    return this.#length;
  }

  /** The highest UID, 0 in an empty folder. */
  get lastUid(): number {
    return this.#length === 0 ? 0 : this.uidAt(this.#length);
  }

  /** UID of a sequence number between 1 and `length`; 0 for any other number. */
  uidAt(sequence: number): number {
    return sequence >= 1 && sequence <= this.#length ? (this.#uids[sequence - 1] ?? 0) : 0;
  }

  /** Sequence number of a UID, 0 when this session does not know it. */
  sequenceOf(uid: number): number {
    const index = this.lowerBound(uid);
    return index < this.#length && this.#uids[index] === uid ? index + 1 : 0;
  }

  /** Index of the first UID that is not below the given one: where a range of UIDs begins. */
  lowerBound(uid: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#uids[middle] ?? 0) < uid) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The UIDs from index `from` up to and without index `to`. */
  slice(from: number, to: number): number[] {
    return Array.from(this.#uids.subarray(Math.max(0, from), Math.min(to, this.#length)));
  }

  /** Adds new messages at the end. Every UID must be above `lastUid`, in ascending order. */
  append(uids: readonly number[]): void {
    const needed = this.#length + uids.length;
    if (needed > this.#uids.length) {
      // A quarter more than needed: arrivals one by one must not copy the array each time.
      const grown = new Uint32Array(Math.ceil(needed * 1.25) + 16);
      grown.set(this.#uids.subarray(0, this.#length));
      this.#uids = grown;
    }
    this.#uids.set(uids, this.#length);
    this.#length = needed;
  }

  /**
   * Forgets messages and returns the numbers they had, highest first. Announced in that order, each number is right at the moment
   * it is announced, because only higher ones have gone before it. RFC 3501 §7.4.1. Unknown UIDs are passed over.
   */
  remove(uids: Iterable<number>): number[] {
    const removed = new Set<number>();
    for (const uid of uids) {
      const sequence = this.sequenceOf(uid);
      if (sequence > 0) removed.add(sequence);
    }
    if (removed.size === 0) return [];
    const sequences = [...removed].sort((a, b) => b - a);
    let kept = (sequences.at(-1) ?? 1) - 1;
    for (let index = kept; index < this.#length; index++) {
      if (!removed.has(index + 1)) this.#uids[kept++] = this.#uids[index] ?? 0;
    }
    this.#length = kept;
    return sequences;
  }
}
