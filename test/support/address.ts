// Addresses that tests write down.
import { type Address, parseAddress } from '../../src/core/address.ts';

/** An address that must be one. */
export function address(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error('Not an address');
  return parsed;
}
