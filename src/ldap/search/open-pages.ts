// Searches that are being read page by page. What a cookie stands for stays here, with the connection it was given to: a client can hold
// a cookie, lose it or make one up, and learn nothing it may not. RFC 2696.
import { createHash, randomBytes } from 'node:crypto';
import type { Address } from '../../core/address.ts';
import type { LdapEntry } from '../entries/entry.ts';
import type { SearchRequest } from '../wire/read-message.ts';

/** Where a search has come to. */
export type SearchProgress = {
  /** Entries found before the address book was asked, and not sent yet. */
  readonly early: readonly LdapEntry[];
  /** The last address sent from the book. */
  readonly after?: Address;
  /** Entries the search may still send, over all its pages. */
  readonly leftEntries: number;
};

/** A client that opens more searches loses the oldest. */
const maxOpen = 8;

/** The cookies of one connection. */
export class OpenPages {
  readonly #open = new Map<string, { readonly progress: SearchProgress; readonly fingerprint: string }>();

  /** A cookie to go on with; good once. */
  keep(request: SearchRequest, progress: SearchProgress): Buffer {
    const cookie = randomBytes(12);
    this.#open.set(cookie.toString('hex'), { progress, fingerprint: fingerprintOf(request) });
    const [oldest] = this.#open.keys();
    if (this.#open.size > maxOpen && oldest !== undefined) this.#open.delete(oldest);
    return cookie;
  }

  /** Where the search had come to; undefined when the cookie is not known, or is another search's. */
  take(request: SearchRequest, cookie: Buffer): SearchProgress | undefined {
    const key = cookie.toString('hex');
    const kept = this.#open.get(key);
    this.#open.delete(key);
    return kept?.fingerprint === fingerprintOf(request) ? kept.progress : undefined;
  }

  /** Forgets everything: what one person has begun is not for the next to go on with. */
  clear(): void {
    this.#open.clear();
  }
}

/** All that makes it the same search, except limits: clients change those from one page to the next. */
function fingerprintOf({ base, scope, filter, attributes, typesOnly }: SearchRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([base, scope, filter.toString(), attributes, typesOnly]))
    .digest('base64');
}
