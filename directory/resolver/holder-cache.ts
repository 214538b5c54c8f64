// Holders this process has asked for, and names that it knows to be nobody's: bounded by number, each for a time, the one used longest
// ago forgotten first. Names of nobody are free to invent: past their share they drive each other out, and no holder.
import type { Holder } from '../resolve-addresses.ts';
import { changeKey, type Name } from './change-key.ts';

type Entry = { readonly name: Name; readonly holder: Holder | undefined; readonly until: number };

/** An answer that is remembered; `holder` undefined is nobody. */
export type Remembered = { readonly holder: Holder | undefined };

/** `now` and `lifeMs` in milliseconds of a clock that never turns back. */
export type CacheOptions = { readonly maxEntries: number; readonly lifeMs: number; readonly now: () => number };

/** Of all places, those that names of nobody keep when holders want them. */
const nobodysShare = 1 / 4;

/** Remembered answers by the key under which their change is told. */
export class HolderCache {
  readonly #options: CacheOptions;
  /** Each in the order of their last use. */
  readonly #known = new Map<string, Entry>();
  readonly #nobodys = new Map<string, Entry>();

  constructor(options: CacheOptions) {
    this.#options = options;
  }

  /** Names remembered, known or nobody's. */
  get size(): number {
    return this.#known.size + this.#nobodys.size;
  }

  /** What is remembered of a name; undefined when nothing is. */
  get(name: Name): Remembered | undefined {
    const key = changeKey(name);
    const entries = this.#known.has(key) ? this.#known : this.#nobodys;
    const entry = entries.get(key);
    // Of two names with one key the last one asked for is remembered: one is never answered for the other.
    if (!entry || entry.name !== name) return undefined;
    entries.delete(key);
    if (entry.until <= this.#options.now()) return undefined;
    entries.set(key, entry);
    return entry;
  }

  remember(name: Name, holder: Holder | undefined): void {
    const { maxEntries, lifeMs, now } = this.#options;
    if (maxEntries === 0) return;
    const key = changeKey(name);
    this.#forgetOne(key);
    (holder ? this.#known : this.#nobodys).set(key, { name, holder, until: now() + lifeMs });
    if (this.size <= maxEntries) return;
    const crowded = this.#nobodys.size > maxEntries * nobodysShare ? this.#nobodys : this.#known;
    for (const oldest of crowded.keys()) {
      crowded.delete(oldest);
      break;
    }
  }

  forget(keys: readonly string[] | 'all'): void {
    if (keys === 'all') {
      this.#known.clear();
      this.#nobodys.clear();
    } else for (const key of keys) this.#forgetOne(key);
  }

  #forgetOne(key: string): void {
    this.#known.delete(key);
    this.#nobodys.delete(key);
  }
}
