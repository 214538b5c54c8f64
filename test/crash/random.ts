// Chance that can be repeated: the same seed gives the same letters, sizes and delays. The instant a process dies stays the machine's.

/** A source of chance. */
export class Random {
  #state: number;

  /** `seed` is any whole number. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number in [0, 1). mulberry32, public domain. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number in [least, most]. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** True in `share` of the cases. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** A source of its own, so that who asks first does not change what the others get. */
  fork(): Random {
    return new Random(this.between(0, 2 ** 32 - 1));
  }

  /** `count` different ones, or all when there are fewer. */
  pick<Item>(items: readonly Item[], count: number): Item[] {
    const left = [...items];
    const picked: Item[] = [];
    while (picked.length < count && left.length > 0) picked.push(...left.splice(this.between(0, left.length - 1), 1));
    return picked;
  }
}
