// Whoever is signed in stays so only as long as their mailbox is open: sessions hear at once that it has been shut, in every process,
// whatever door or command shut it. Requirement 21.
import { changeKey } from '../../directory/resolver/change-key.ts';
import type { DirectoryChanges } from '../../directory/resolver/directory-changes.ts';
import type { Resolver } from '../../directory/resolver/resolver.ts';
import type { Address } from '../core/address.ts';

/** Asks to be told when the holder of an address may no longer use its mailbox; returns the way to stop. `onShut` is called once, and must not throw. */
export type WatchAccount = (address: Address, onShut: () => void) => () => void;

type Watcher = { readonly address: Address; readonly onShut: () => void };

/** What watching needs. `retryMs`: the pause after a question that failed. */
export type AccountWatchParts = {
  readonly changes: DirectoryChanges;
  readonly resolver: Resolver;
  readonly onError: (error: unknown) => void;
  readonly retryMs?: number;
};

/** Watchers asked about in one go. */
const mostAtOnce = 256;

/** The sessions of one process, by the address they signed in with. */
export class AccountWatch {
  readonly #parts: AccountWatchParts;
  readonly #watchers = new Map<string, Set<Watcher>>();
  /** Those to be looked at. */
  readonly #due = new Set<Watcher>();
  #looking = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(parts: AccountWatchParts) {
    this.#parts = parts;
    parts.changes.subscribe((keys) => {
      for (const key of keys === 'all' ? this.#watchers.keys() : keys) {
        for (const watcher of this.#watchers.get(key) ?? []) this.#due.add(watcher);
      }
      this.#look();
    });
  }

  /** See WatchAccount. The state is looked at soon after too: it may have changed between the sign-in and this. */
  watch(address: Address, onShut: () => void): () => void {
    const watcher: Watcher = { address, onShut };
    const key = this.#keyOf(watcher);
    const watchers = this.#watchers.get(key) ?? new Set();
    this.#watchers.set(key, watchers.add(watcher));
    this.#due.add(watcher);
    this.#look();
    return () => this.#leave(watcher);
  }

  /** Looks at nobody any more. */
  close(): void {
    clearTimeout(this.#retry);
    this.#watchers.clear();
    this.#due.clear();
  }

  #look(): void {
    if (this.#looking || this.#due.size === 0) return;
    this.#looking = true;
    // After everyone has heard of the change: the resolver must have forgotten what it remembered.
    setImmediate(() => {
      this.#lookAtAll().then(
        () => {
          this.#looking = false;
          this.#look();
        },
        (error: unknown) => {
          this.#parts.onError(error);
          this.#retry = setTimeout(() => {
            this.#looking = false;
            this.#look();
          }, this.#parts.retryMs ?? 1000);
          this.#retry.unref();
        },
      );
    });
  }

  async #lookAtAll(): Promise<void> {
    while (this.#due.size > 0) {
      const watchers = [...this.#due].slice(0, mostAtOnce);
      // Not after the answer: whoever becomes due meanwhile is asked about again.
      for (const watcher of watchers) this.#due.delete(watcher);
      try {
        const shut = await this.#parts.resolver.shutAmong([...new Set(watchers.map(({ address }) => address))]);
        for (const watcher of watchers) {
          if (!this.#isWatching(watcher) || !shut.has(watcher.address)) continue;
          this.#leave(watcher);
          watcher.onShut();
        }
      } catch (error) {
        for (const watcher of watchers) if (this.#isWatching(watcher)) this.#due.add(watcher);
        throw error;
      }
    }
  }

  #isWatching(watcher: Watcher): boolean {
    return this.#watchers.get(this.#keyOf(watcher))?.has(watcher) === true;
  }

  #leave(watcher: Watcher): void {
    const key = this.#keyOf(watcher);
    const watchers = this.#watchers.get(key);
    this.#due.delete(watcher);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#watchers.delete(key);
  }

  #keyOf({ address }: Watcher): string {
    return changeKey(this.#parts.resolver.nameOf(address));
  }
}
