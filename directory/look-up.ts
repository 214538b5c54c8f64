// Who an INS or an address belongs to, wherever they are: our own registry, then the directories we know, then, for a domain that is not
// ours, the white list of the space. Used by commands, and by the LDAP door for an INS that nobody has here.
import { type Address, domainOf } from '../src/core/address.ts';
import type { Ins } from '../src/core/ins.ts';
import type { Holder } from './resolve-addresses.ts';
import type { FoundElsewhere, UpstreamAnswer } from './upstream/upstream-answer.ts';
import type { AskOptions, UpstreamDirectories } from './upstream/upstream-directories.ts';

/** What the white list says of a domain; `unknown` when there is no list to ask. Requirement 24. */
export type DomainListing = 'listed' | 'not-listed' | 'unknown';

/** Where someone was found. */
export type LookUpAnswer =
  | { readonly found: 'here'; readonly holder: Holder }
  | { readonly found: 'elsewhere'; readonly entry: FoundElsewhere }
  /** A directory has several mailboxes under what names one person. */
  | { readonly found: 'several' }
  /**
   * Nobody who was asked knows. `isCertain` is false when a directory that might know did not answer. `domain` is there for an address
   * of a domain that is not ours.
   */
  | { readonly found: 'nobody'; readonly isCertain: boolean; readonly domain?: DomainListing };

/** What the chain is made of. */
export type LookUpParts = {
  /** Our registry; undefined when nobody here holds it. */
  readonly own: {
    byIns(ins: Ins): Promise<Holder | undefined>;
    byAddress(address: Address): Promise<Holder | undefined>;
  };
  readonly upstreams: Pick<UpstreamDirectories, 'findByIns' | 'findByAddress' | 'close'>;
  /** True for a domain whose mailboxes are here: what our registry does not know of it does not exist. */
  readonly isHosted: (domain: string) => boolean;
  readonly listing: (domain: string) => DomainListing | Promise<DomainListing>;
};

/** The chain. */
export class LookUp {
  readonly #parts: LookUpParts;

  constructor(parts: LookUpParts) {
    this.#parts = parts;
  }

  /** Who has this matricule. Rejects when our own database cannot be asked, or with the signal's reason. */
  async byIns(ins: Ins, options: AskOptions = {}): Promise<LookUpAnswer> {
    const holder = await this.#parts.own.byIns(ins);
    if (holder) return { found: 'here', holder };
    return read(await this.#parts.upstreams.findByIns(ins, options));
  }

  /** Who has this address. Rejects as byIns() does. */
  async byAddress(address: Address, options: AskOptions = {}): Promise<LookUpAnswer> {
    const holder = await this.#parts.own.byAddress(address);
    if (holder) return { found: 'here', holder };
    const domain = domainOf(address);
    if (this.#parts.isHosted(domain)) return { found: 'nobody', isCertain: true };
    const answer = read(await this.#parts.upstreams.findByAddress(address, options));
    return answer.found === 'nobody' ? { ...answer, domain: await this.#parts.listing(domain) } : answer;
  }

  /** Ends the connections to other directories. */
  close(): void {
    this.#parts.upstreams.close();
  }
}

function read(answer: UpstreamAnswer): LookUpAnswer {
  if (answer === undefined) return { found: 'nobody', isCertain: true };
  if (answer === 'unreachable') return { found: 'nobody', isCertain: false };
  if (answer === 'several') return { found: 'several' };
  return { found: 'elsewhere', entry: answer };
}
