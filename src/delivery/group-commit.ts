// Concurrent deliveries share a transaction: one fsync for all of them. What waits while a group commits makes the next group.
import { UnavailableError } from '../core/errors.ts';

/** How groups are made and committed. `commit` answers item by item, in the order given, or throws for the whole group. */
export type GroupCommitOptions<Item, Result> = {
  readonly maxItems: number;
  /** Groups on their way at the same time, each on a connection of its own. */
  readonly maxGroups: number;
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
};

type Waiting<Item, Result> = { readonly item: Item; readonly resolve: (result: Result) => void; readonly reject: (error: unknown) => void };

/** Gathers items into groups and commits each group once. */
export class GroupCommit<Item, Result> {
  readonly #options: GroupCommitOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  #groups = 0;
  #scheduled = false;

  constructor(options: GroupCommitOptions<Item, Result>) {
    this.#options = options;
  }

  /** Resolves once the item's group has committed; rejects when this item, and not merely a neighbour, cannot be committed. */
  submit(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#groups >= this.#options.maxGroups || this.#waiting.length === 0) return;
    this.#scheduled = true;
    // One turn of the event loop lets letters that end together travel together.
    setImmediate(() => {
      this.#scheduled = false;
      const group = this.#waiting.splice(0, this.#options.maxItems);
      this.#groups += 1;
      void this.#commit(group).finally(() => {
        this.#groups -= 1;
        this.#schedule();
      });
      this.#schedule();
    });
  }

  async #commit(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.commit(group.map((waiting) => waiting.item));
      group.forEach((waiting, at) => {
        const result = results[at];
        if (result === undefined) waiting.reject(new Error('A group was committed without an answer for each of its items'));
        else waiting.resolve(result);
      });
    } catch (error) {
      // Only a transaction that the database itself refused is known to have left nothing. After a lost connection the
      // group may have been committed: trying its members again would place them twice, so their senders hear « later ».
      if (group.length === 1 || !wasRolledBack(error)) {
        for (const waiting of group) waiting.reject(wasRolledBack(error) ? error : new UnavailableError('commit', { cause: error }));
        return;
      }
      for (const waiting of group) await this.#commit([waiting]);
    }
  }
}

/** True for an error that PostgreSQL itself answered to a statement: the transaction is gone. SQLSTATE classes 08, 57 and 58 say the server was leaving. */
export function wasRolledBack(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^[0-9A-Z]{5}$/.test(code) && !/^(08|57|58)/.test(code);
}
