// What changes in the registry, as this process hears of it: whoever remembers an answer forgets it, whoever is signed in is looked at again.
// The database itself says it (the triggers of migration 004), whatever process or command made the change.
import type { ChannelListener } from '../../src/database/notification-link.ts';
import { readKeys } from './change-key.ts';

/** The channel of the triggers. */
export const directoryChannel = 'passerelle_directory';

/** Hears of changes; must not throw. `all`: anything may have changed. */
export type ChangeListener = (keys: readonly string[] | 'all') => void;

/** The changes of one process's registry. To be listened with: `link.listen(directoryChannel, changes)`. */
export class DirectoryChanges implements ChannelListener {
  readonly #listeners: ChangeListener[] = [];
  #isHeard = false;

  /** False while a change may pass unheard: nothing that is remembered may be used then. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  /** Calls the listener at each change from now on, in the order of the subscriptions. */
  subscribe(listener: ChangeListener): void {
    this.#listeners.push(listener);
  }

  heard(payload: string): void {
    this.#tell(readKeys(payload));
  }

  listening(): void {
    this.#tell('all');
    this.#isHeard = true;
  }

  lost(): void {
    this.#isHeard = false;
  }

  #tell(keys: readonly string[] | 'all'): void {
    for (const listener of this.#listeners) listener(keys);
  }
}
