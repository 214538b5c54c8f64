// Tells open sessions that a folder changed, without saying what: they pull the change log by MODSEQ (changesSince).
// Made by every mutation, after its commit and never inside it. Several wake-ups of one folder become one.

/** A folder that changed. */
export type ChangedFolder = { readonly mailboxId: number; readonly folderId: number };

/** The wake-ups of this process. connectWakeups() joins those of the others. */
export class Wakeups {
  readonly #listeners = new Map<number, Set<() => void>>();
  readonly #remotes = new Set<(folderIds: readonly number[]) => void>();
  readonly #pending = new Set<number>();

  /** To be called once the change has committed. Listeners run soon after, not within this call. */
  publish(folders: readonly ChangedFolder[]): void {
    const folderIds = [...new Set(folders.map((folder) => folder.folderId))];
    if (folderIds.length === 0) return;
    this.wake(folderIds);
    for (const tell of this.#remotes) tell(folderIds);
  }

  /** Calls the listener after changes of a folder, at least once for each burst. Returns the way to stop. A listener must not throw. */
  subscribe(folderId: number, listener: () => void): () => void {
    const listeners = this.#listeners.get(folderId) ?? new Set();
    this.#listeners.set(folderId, listeners);
    // Wrapped, so that the same function subscribed twice is two subscriptions.
    const subscription = (): void => listener();
    listeners.add(subscription);
    return () => {
      listeners.delete(subscription);
      if (listeners.size === 0 && this.#listeners.get(folderId) === listeners) this.#listeners.delete(folderId);
    };
  }

  /** Wakes the listeners of this process alone: what other processes published comes in here. */
  wake(folderIds: readonly number[]): void {
    const scheduled = this.#pending.size > 0;
    for (const folderId of folderIds) if (this.#listeners.has(folderId)) this.#pending.add(folderId);
    if (!scheduled && this.#pending.size > 0) setImmediate(() => this.#flush());
  }

  /** Wakes every listener of this process: wake-ups may have been missed while the connection was down. */
  wakeAll(): void {
    this.wake([...this.#listeners.keys()]);
  }

  /** Also hands what is published here to `tell`. Returns the way to stop. */
  forward(tell: (folderIds: readonly number[]) => void): () => void {
    this.#remotes.add(tell);
    return () => this.#remotes.delete(tell);
  }

  #flush(): void {
    const folderIds = [...this.#pending];
    this.#pending.clear();
    for (const folderId of folderIds) {
      for (const listener of [...(this.#listeners.get(folderId) ?? [])]) listener();
    }
  }
}
