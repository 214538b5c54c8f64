// A login that changes its name: when a citizen's matricule is replaced, the address they sign in with is a new one, and the
// passwords in their software go on working.
import type { Address } from '../core/address.ts';
import type { Db, Trx } from '../database/tables.ts';
import type {} from './schema.ts';

/**
 * From now on the account signs in as `to`, with the passwords it has; `from` opens nothing any more. Returns how many passwords there
 * are. Whoever calls makes sure that nobody else holds `to`.
 */
export async function renameLogin(trx: Trx, from: Address, to: Address): Promise<number> {
  if (from === to) return 0;
  const firstLogin = await firstLoginOf(trx, from);
  await trx.deleteFrom('renamed_logins').where('login', '=', from).execute();
  if (firstLogin !== to) {
    await trx.insertInto('renamed_logins').values({ login: to, first_login: firstLogin }).execute();
  }
  // Issued to a name that was nobody's: keyed otherwise, they would never open anything.
  await trx.deleteFrom('application_passwords').where('address', '=', to).execute();
  const renamed = await trx.updateTable('application_passwords').set({ address: to }).where('address', '=', from).executeTakeFirst();
  return Number(renamed.numUpdatedRows);
}

/** The name an account began with: what the hashes of its passwords are keyed by, for ever. */
export async function firstLoginOf(db: Db, login: Address): Promise<Address> {
  const renamed = await db.selectFrom('renamed_logins').select('first_login').where('login', '=', login).executeTakeFirst();
  return renamed?.first_login ?? login;
}
