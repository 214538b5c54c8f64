// From an address or a matricule to its holder, their state and their rights, as the doors ask: remembered, in a bounded number, until
// the registry says that it has changed. What must be true at the instant (a commit, a sign-in) asks the registry itself.
import type { Address } from '../../src/core/address.ts';
import { type Batcher, batched } from '../../src/core/batcher.ts';
import type { Ins } from '../../src/core/ins.ts';
import type { Db } from '../../src/database/tables.ts';
import { citizenAddress, insOf } from '../citizen-addresses.ts';
import { type CitizenHolder, type Holder, resolveAddresses } from '../resolve-addresses.ts';
import { changeKey, type Name } from './change-key.ts';
import type { DirectoryChanges } from './directory-changes.ts';
import { HolderCache } from './holder-cache.ts';

/** What a resolver is built from. */
export type ResolverParts = {
  readonly db: Db;
  /** The citizens' domain. */
  readonly domain: string;
  readonly changes: DirectoryChanges;
  /** Names remembered at most, known or nobody's; 0 remembers nothing. */
  readonly maxEntries: number;
  /** Milliseconds of a clock that never turns back. */
  readonly now?: () => number;
};

/** A belt beside the notifications: what is remembered is asked again after this long. */
const lifeMs = 60_000;

/** A question on its way: what has changed since it left is not remembered. */
type Question = { readonly changed: Set<string>; isOutdated: boolean };

/** The resolver of one process. */
export class Resolver {
  readonly #parts: ResolverParts;
  readonly #cache: HolderCache;
  readonly #questions = new Set<Question>();
  readonly #ask: Batcher<Address, Holder>;

  constructor(parts: ResolverParts) {
    this.#parts = parts;
    this.#cache = new HolderCache({ maxEntries: parts.maxEntries, lifeMs, now: parts.now ?? (() => performance.now()) });
    this.#ask = batched((addresses: readonly Address[]) => this.#askRegistry(parts.db, addresses));
    parts.changes.subscribe((keys) => this.#forget(keys));
  }

  /** The holders of addresses; those that nobody here holds are absent. What is not remembered is asked with whatever else is at that moment. */
  async resolve(addresses: readonly Address[]): Promise<Map<Address, Holder>> {
    const { holders, unknown } = this.#remember(addresses);
    await Promise.all(
      unknown.map(async (address) => {
        const holder = await this.#ask(address);
        if (holder) holders.set(address, holder);
      }),
    );
    return holders;
  }

  /** The same on the caller's own connection, so that it travels with their other questions. */
  async resolveThrough(db: Db, addresses: readonly Address[]): Promise<Map<Address, Holder>> {
    const { holders, unknown } = this.#remember(addresses);
    if (unknown.length === 0) return holders;
    return new Map([...holders, ...(await this.#askRegistry(db, unknown))]);
  }

  /** The holders as the registry has them at this instant, whatever was remembered; they are remembered from then on. */
  resolveNow(addresses: readonly Address[], db: Db = this.#parts.db): Promise<Map<Address, Holder>> {
    // What an earlier question will bring may be older than this.
    this.#forget(addresses.map((address) => changeKey(this.nameOf(address))));
    return this.#askRegistry(db, addresses);
  }

  /**
   * Those of these addresses whose holder may not use their mailbox. What is remembered may be older than the sign-in that has just opened it:
   * nobody is sent away on the word of it alone.
   */
  async shutAmong(addresses: readonly Address[]): Promise<Set<Address>> {
    const holders = await this.resolve(addresses);
    const inDoubt = addresses.filter((address) => !holders.get(address)?.rights.signIn);
    if (inDoubt.length === 0) return new Set();
    const now = await this.resolveNow(inDoubt);
    return new Set(inDoubt.filter((address) => !now.get(address)?.rights.signIn));
  }

  /** Who has, or had, this matricule. */
  async resolveIns(ins: Ins): Promise<CitizenHolder | undefined> {
    const address = citizenAddress(ins, this.#parts.domain);
    const holder = (await this.resolve([address])).get(address);
    return holder?.kind === 'citizen' ? holder : undefined;
  }

  /** True when it is remembered that nobody holds this address. */
  isNobodys(address: Address): boolean {
    const remembered = this.#recall(address);
    return remembered !== undefined && remembered.holder === undefined;
  }

  /** What the holder of an address is found by: the key of its changes comes from it. */
  nameOf(address: Address): Name {
    return insOf(address, this.#parts.domain) ?? address;
  }

  #remember(addresses: readonly Address[]): { readonly holders: Map<Address, Holder>; readonly unknown: readonly Address[] } {
    const holders = new Map<Address, Holder>();
    const unknown = [...new Set(addresses)].filter((address) => {
      const remembered = this.#recall(address);
      if (remembered?.holder) holders.set(address, remembered.holder);
      return !remembered;
    });
    return { holders, unknown };
  }

  #recall(address: Address) {
    return this.#parts.changes.isHeard ? this.#cache.get(this.nameOf(address)) : undefined;
  }

  async #askRegistry(db: Db, addresses: readonly Address[]): Promise<Map<Address, Holder>> {
    // A notification that comes before the answer may speak of what the answer has not seen; one that comes later finds it remembered.
    const question: Question = { changed: new Set(), isOutdated: !this.#parts.changes.isHeard };
    this.#questions.add(question);
    try {
      const holders = await resolveAddresses(db, this.#parts.domain, addresses);
      if (question.isOutdated) return holders;
      for (const address of addresses) {
        const name = this.nameOf(address);
        if (!question.changed.has(changeKey(name))) this.#cache.remember(name, holders.get(address));
      }
      return holders;
    } finally {
      this.#questions.delete(question);
    }
  }

  #forget(keys: readonly string[] | 'all'): void {
    this.#cache.forget(keys);
    for (const question of this.#questions) {
      if (keys === 'all') question.isOutdated = true;
      else for (const key of keys) question.changed.add(key);
    }
  }
}
