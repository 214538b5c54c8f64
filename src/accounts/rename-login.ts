// A login that changes its name: when a citizen's matricule is replaced, the address they sign in with is a new one, and the
// passwords in their software go on working.
import { sql } from 'kysely';
import type { Address } from '../core/address.ts';
import type { Db, Trx } from '../database/tables.ts';
import type {} from './schema.ts';

/** A login, and the name it takes. */
export type LoginRename = { readonly from: Address; readonly to: Address };

/**
 * From now on these accounts sign in under the names they take, with the passwords they have; those they had before open nothing any
 * more. Returns how many passwords there are. Each name is given or taken once; whoever calls makes sure that nobody else holds those taken.
 */
export async function renameLogins(trx: Trx, renames: readonly LoginRename[]): Promise<number> {
  const held = await loginsWithPasswords(trx, renames);
  const moving = renames.filter(({ from, to }) => from !== to && held.has(from));
  // Issued to a name that was nobody's: keyed otherwise, they would never open anything.
  const taken = renames.filter(({ from, to }) => from !== to && held.has(to)).map(({ to }) => to);
  if (taken.length > 0) await sql`delete from application_passwords where address = any(${taken}::text[])`.execute(trx);
  if (moving.length === 0) return 0;
  const from = moving.map((one) => one.from);
  const { rows: given } = await sql<LoginRow>`
    delete from renamed_logins where login = any(${from}::text[]) returning login, first_login`.execute(trx);
  const firstOf = new Map(given.map((row) => [row.login, row.first_login]));
  const rows = moving.map((one) => ({ login: one.to, first_login: firstOf.get(one.from) ?? one.from }));
  const elsewhere = rows.filter((row) => row.login !== row.first_login);
  await sql`
    insert into renamed_logins (login, first_login)
    select * from unnest(${elsewhere.map((row) => row.login)}::text[], ${elsewhere.map((row) => row.first_login)}::text[])`.execute(trx);
  const renamed = await sql`
    update application_passwords p set address = new.login
    from unnest(${from}::text[], ${moving.map((one) => one.to)}::text[]) as new (former, login)
    where p.address = new.former`.execute(trx);
  return Number(renamed.numAffectedRows);
}

type LoginRow = { login: Address; first_login: Address };

/** Locked, so that none is withdrawn or moved meanwhile. */
async function loginsWithPasswords(trx: Trx, renames: readonly LoginRename[]): Promise<Set<Address>> {
  const names = renames.flatMap(({ from, to }) => [from, to]);
  const { rows } = await sql<{ address: Address }>`
    select address from application_passwords where address = any(${names}::text[]) order by hash for update`.execute(trx);
  return new Set(rows.map((row) => row.address));
}

/** The name an account began with: what the hashes of its passwords are keyed by, for ever. */
export async function firstLoginOf(db: Db, login: Address): Promise<Address> {
  const renamed = await db.selectFrom('renamed_logins').select('first_login').where('login', '=', login).executeTakeFirst();
  return renamed?.first_login ?? login;
}
