// How many connections each address has: one set of software gone wrong does not take the room of everyone.
import type { Address } from '../core/address.ts';
import type { LdapServices } from './services.ts';

/** Counts a connection in; false when the address has all it may have. */
export function countIn({ bound, limits }: LdapServices, address: Address): boolean {
  const connections = bound.get(address) ?? 0;
  if (connections >= limits.maxConnectionsPerAddress) return false;
  bound.set(address, connections + 1);
  return true;
}

/** A connection of that address is over, or is someone else's now. */
export function countOut({ bound }: LdapServices, address: Address): void {
  const others = (bound.get(address) ?? 1) - 1;
  if (others > 0) bound.set(address, others);
  else bound.delete(address);
}
