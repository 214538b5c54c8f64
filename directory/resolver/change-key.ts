// How a change of the registry is named in the notifications of migration 004: by a digest, so that no matricule travels in one.
import { createHash } from 'node:crypto';
import type { Address } from '../../src/core/address.ts';
import type { Ins } from '../../src/core/ins.ts';

/** What holders are found by: a matricule for citizens, an address for everybody else. */
export type Name = Ins | Address;

/** The key of a name: the first 16 hexadecimal digits of its MD5. Two names may share one; nothing but forgetting rests on it. */
export function changeKey(name: Name): string {
  return createHash('md5').update(name).digest('hex').slice(0, 16);
}

/** The keys a notification names; `all` when it says so, or cannot be read. */
export function readKeys(payload: string): readonly string[] | 'all' {
  const keys = payload.split(' ');
  return keys.every((key) => /^[0-9a-f]{16}$/.test(key)) ? keys : 'all';
}
