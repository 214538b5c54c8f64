// What each address has of the door: so many connections, and so many searches at once. One set of software gone wrong takes neither the
// room nor the turn of everyone.
import type { Address } from '../core/address.ts';
import { type AtMost, atMost } from '../core/at-most.ts';

/** Bounds of what one address may have at once. */
type ShareLimits = { readonly maxConnectionsPerAddress: number; readonly maxSearchesPerAddress: number };

/** What every address has, and the bounds. */
type Shares = { readonly bound: Map<Address, Share>; readonly limits: ShareLimits };

/** What one address has at present. */
export type Share = { connections: number; readonly searches: AtMost };

/** Counts a connection in; undefined when the address has all it may have. */
export function countIn({ bound, limits }: Shares, address: Address): Share | undefined {
  const share = bound.get(address) ?? { connections: 0, searches: atMost(limits.maxSearchesPerAddress) };
  if (share.connections >= limits.maxConnectionsPerAddress) return undefined;
  share.connections += 1;
  bound.set(address, share);
  return share;
}

/** A connection of that address is over, or is someone else's now. */
export function countOut({ bound }: Pick<Shares, 'bound'>, address: Address): void {
  const share = bound.get(address);
  if (!share) return;
  share.connections -= 1;
  if (share.connections === 0) bound.delete(address);
}
