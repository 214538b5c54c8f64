// What a search covers: which of the server's own entries, and how much of each branch. RFC 4511 §4.5.1.2.
import type { Address } from '../../core/address.ts';
import type { Ins } from '../../core/ins.ts';
import { baseEntry, patientsEntry, professionalsEntry } from '../entries/container-entries.ts';
import type { LdapEntry } from '../entries/entry.ts';
import { rootDse, subschemaEntry } from '../entries/server-entries.ts';
import type { Place, Tree } from '../tree.ts';
import type { SearchRequest } from '../wire/read-message.ts';

/** What is covered. `patients: 'asked'` answers exact questions only. */
export type Reach = {
  readonly own: readonly LdapEntry[];
  readonly professionals?: 'all' | { readonly only: Address };
  readonly patients?: 'asked' | { readonly only: Ins };
  /** The mailbox that is searched below: nothing is there, but the mailbox must be. */
  readonly below?: Address;
};

/** A place that exists, or might. */
export type ReachablePlace = Exclude<Place, { is: 'nowhere' }>;

/** What the server says of itself, to anyone. RFC 4513 §5.1.1. */
export function isPublic(place: ReachablePlace, scope: SearchRequest['scope']): boolean {
  return (place.is === 'root' && scope === 'base') || place.is === 'subschema';
}

/** What a search from this place covers. From the root of everything it is the tree: clients that were given no base mean that. */
export function reachOf(tree: Tree, place: ReachablePlace, scope: SearchRequest['scope'], isSecure: boolean): Reach {
  const isBase = scope === 'base';
  switch (place.is) {
    case 'root':
      if (isBase) return { own: [rootDse(tree, isSecure)] };
      return scope === 'one' ? { own: [baseEntry(tree)] } : reachOf(tree, { is: 'base' }, scope, isSecure);
    case 'subschema':
      return { own: scope === 'one' ? [] : [subschemaEntry] };
    case 'base': {
      const branches = [professionalsEntry(tree), patientsEntry(tree)];
      if (isBase) return { own: [baseEntry(tree)] };
      return scope === 'one' ? { own: branches } : { own: [baseEntry(tree), ...branches], professionals: 'all', patients: 'asked' };
    }
    case 'professionals':
      return { own: scope === 'one' ? [] : [professionalsEntry(tree)], ...(!isBase && { professionals: 'all' }) };
    case 'patients':
      return { own: scope === 'one' ? [] : [patientsEntry(tree)], ...(!isBase && { patients: 'asked' }) };
    case 'professional':
      return { own: [], ...(scope === 'one' ? { below: place.address } : { professionals: { only: place.address } }) };
    // Whether there is such a citizen is not told to those who look below: it would be a question that nobody counts.
    case 'patient':
      return { own: [], ...(scope !== 'one' && { patients: { only: place.ins } }) };
  }
}
