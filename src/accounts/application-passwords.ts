// Passwords for mail software: generated, never chosen, 128 bits each.
// A keyed hash is enough for a secret nobody can guess: no slow hash on a path that opens sessions by the hundred.
import { createHmac, randomBytes } from 'node:crypto';
import { type Address, parseAddress } from '../core/address.ts';
import type { Db } from '../database/tables.ts';
import { firstLoginOf } from './rename-login.ts';
import type {} from './schema.ts';

const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'; // 32 letters and digits that no one mistakes for another
const passwordShape = new RegExp(`^[${alphabet}]{26}$`);

/** Makes a password for an address and returns it, the only time it is seen: 26 characters in groups (`abcd-efgh-…`). */
export async function issueApplicationPassword(db: Db, pepper: Buffer, address: Address, label: string): Promise<string> {
  const password = [...randomBytes(26)].map((byte) => alphabet[byte & 31]).join('');
  const hash = keyedHash(pepper, await firstLoginOf(db, address), password);
  await db.insertInto('application_passwords').values({ hash, address, label }).execute();
  return password.replace(/.{4}(?=.)/g, '$&-');
}

/** Withdraws every password of an address; returns how many there were. */
export async function withdrawApplicationPasswords(db: Db, address: Address): Promise<number> {
  const withdrawn = await db.deleteFrom('application_passwords').where('address', '=', address).executeTakeFirst();
  return Number(withdrawn.numDeletedRows);
}

/**
 * The address that a login and a password belong to, or undefined: no word on which of the two was wrong. Whether its mailbox may be used
 * is another question. The login is the address in any letter case; the password may be typed with or without its dashes.
 */
export async function checkApplicationPassword(db: Db, pepper: Buffer, login: string, password: string): Promise<Address | undefined> {
  const address = parseAddress(login);
  const bare = password.replace(/[\s-]/g, '').toLowerCase();
  if (!address || !passwordShape.test(bare)) return undefined;
  // The hash is looked up, not compared: an attacker who cannot compute it learns nothing from the index's timing.
  const known = await db
    .selectFrom('application_passwords')
    .select('address')
    .where('hash', '=', keyedHash(pepper, await firstLoginOf(db, address), bare))
    // A name given up keys the hashes still, and opens nothing.
    .where('address', '=', address)
    .executeTakeFirst();
  return known?.address;
}

function keyedHash(pepper: Buffer, firstLogin: Address, password: string): Buffer {
  return createHmac('sha256', pepper).update(`${firstLogin}\0${password}`).digest();
}
