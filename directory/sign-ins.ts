// The holder of a mailbox signs in: the registry knows it from then on, and a mailbox that waited for them opens. Requirement 21.
import { sql } from 'kysely';
import type { Address } from '../src/core/address.ts';
import type { Db, Trx } from '../src/database/tables.ts';
import { changeState } from './change-state.ts';
import { insOf } from './citizen-addresses.ts';
import { asAuthor } from './history.ts';
import { endIdleness } from './idle-boxes.ts';
import type { Holder } from './resolve-addresses.ts';
import { type BoxState, rightsIn } from './states.ts';

/** A sign-in within this time of the last one known is not written again, in milliseconds. */
const writtenEveryMs = 3_600_000;

/** When a mailbox was last opened under this address, as far as it is written; undefined for one never opened. */
export async function readLastSignIn(db: Db, address: Address): Promise<Date | undefined> {
  const row = await db.selectFrom('sign_ins').select('last_at').where('address', '=', address).executeTakeFirst();
  return row?.last_at;
}

/** True when this sign-in tells the registry nothing new, and needs no noteSignIn(). */
export function isWellKnown(holder: Holder, lastAt: Date | undefined, now: Date): boolean {
  const isAwaited = holder.kind === 'citizen' && holder.registryState !== 'activated';
  return holder.rights.signIn && !isAwaited && lastAt !== undefined && now.getTime() - lastAt.getTime() < writtenEveryMs;
}

/**
 * The holder of an address has shown who they are: a citizen's mailbox is activated, what a long silence had shut or withdrawn is open and
 * found again, and the time is written. False when the mailbox is shut, by them or by a decision: then nothing has changed. The rows
 * stay locked until the transaction ends, so that nobody shuts it meanwhile.
 */
export async function noteSignIn(trx: Trx, domain: string, address: Address, now: Date): Promise<boolean> {
  await asAuthor(trx, 'sign-in');
  const isOpen = insOf(address, domain) ? await activate(trx, domain, address) : await comeBack(trx, address);
  if (!isOpen) return false;
  await sql`
    insert into sign_ins as s (address, first_at, last_at) values (${address}, ${now}, ${now})
    on conflict (address) do update set last_at = greatest(s.last_at, excluded.last_at)`.execute(trx);
  return true;
}

async function activate(trx: Trx, domain: string, address: Address): Promise<boolean> {
  const change = await changeState(trx, domain, address, 'activated');
  return change === 'changed' || change === 'unchanged';
}

async function comeBack(trx: Trx, address: Address): Promise<boolean> {
  const { rows } = await sql<{ state: BoxState; suspended_for: string | null }>`
    select state, suspended_for from addresses where address = ${address} and hosted for update`.execute(trx);
  const [box] = rows;
  if (!box || !(rightsIn(box.state).signIn || box.suspended_for === 'idle')) return false;
  await endIdleness(trx, address);
  return true;
}
