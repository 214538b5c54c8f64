// Holders this process has asked for, and names that it knows to be nobody's: bounded by number, each for a time, the one used longest
// ago forgotten first.
import type { Holder } from '../resolve-addresses.ts';
import { changeKey, type Name } from './change-key.ts';

type Entry = { readonly name: Name; readonly holder: Holder | undefined; readonly until: number };

/** An answer that is remembered; `holder` undefined is nobody. */
export type Remembered = { readonly holder: Holder | undefined };

/** `now` and `lifeMs` in milliseconds of a clock that never turns back. */
export type CacheOptions = { readonly maxEntries: number; readonly lifeMs: number; readonly now: () => number };

/** Remembered answers by the key under which their change is told. */
export class HolderCache {
  readonly #options: CacheOptions;
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: CacheOptions) {
    this.#options = options;
  }

  /** Names remembered, known or nobody's. */
  get size(): number {
    return this.#entries.size;
  }

  /** What is remembered of a name; undefined when nothing is. */
  get(name: Name): Remembered | undefined {
    const key = changeKey(name);
    const entry = this.#entries.get(key);
    // Of two names with one key the last one asked for is remembered: one is never answered for the other.
    if (!entry || entry.name !== name) return undefined;
    this.#entries.delete(key);
    if (entry.until <= this.#options.now()) return undefined;
    this.#entries.set(key, entry);
    return entry;
  }

  remember(name: Name, holder: Holder | undefined): void {
    const { maxEntries, lifeMs, now } = this.#options;
    if (maxEntries === 0) return;
    const key = changeKey(name);
    this.#entries.delete(key);
    this.#entries.set(key, { name, holder, until: now() + lifeMs });
    if (this.#entries.size <= maxEntries) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }

  forget(keys: readonly string[] | 'all'): void {
    if (keys === 'all') this.#entries.clear();
    else for (const key of keys) this.#entries.delete(key);
  }
}
