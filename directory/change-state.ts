// A mailbox passes from one state to another: opened, suspended, closed, reopened. One door for commands, feeds and upkeep, so that the
// life cycle is the same everywhere. Requirement 21.
import { sql } from 'kysely';
import type { Address } from '../src/core/address.ts';
import type { Ins } from '../src/core/ins.ts';
import type { Trx } from '../src/database/tables.ts';
import { insOf } from './citizen-addresses.ts';
import {
  type BoxState,
  boxMayBecome,
  type CitizenState,
  citizenMayBecome,
  isBoxState,
  isCitizenState,
  type RegistryState,
} from './states.ts';

/** How a change ended. `impossible`: the life cycle knows no such step, or no such state for this kind of holder. */
export type StateChange = 'changed' | 'unchanged' | 'unknown' | 'impossible';

/**
 * Puts the mailbox of an address kept here into a state. A citizen has one mailbox, whatever the number of their addresses. `domain` is
 * the citizens'. A suspension here is a person's decision; that of silence is in idle-boxes.ts. Reopening brings back to the address book
 * what had left it for silence. Repeating it is `unchanged`.
 */
export async function changeState(trx: Trx, domain: string, address: Address, to: RegistryState): Promise<StateChange> {
  const ins = insOf(address, domain);
  return ins ? changeCitizen(trx, ins, to) : changeBox(trx, address, to);
}

async function changeCitizen(trx: Trx, ins: Ins, to: RegistryState): Promise<StateChange> {
  const { rows } = await sql<{ citizen_id: number; state: CitizenState }>`
    select citizen_id, state from citizens
    where citizen_id = (
      select citizen_id from citizens where ins = ${ins} union all select citizen_id from former_matricules where ins = ${ins} limit 1)
    for no key update`.execute(trx);
  const [citizen] = rows;
  if (!citizen) return 'unknown';
  if (citizen.state === to) return 'unchanged';
  if (!isCitizenState(to) || !citizenMayBecome(citizen.state, to)) return 'impossible';
  await sql`update citizens set state = ${to}, state_since = now() where citizen_id = ${citizen.citizen_id}`.execute(trx);
  return 'changed';
}

async function changeBox(trx: Trx, address: Address, to: RegistryState): Promise<StateChange> {
  const { rows } = await sql<{ state: BoxState; suspended_for: 'idle' | 'decision' | null }>`
    select state, suspended_for from addresses where address = ${address} and hosted for update`.execute(trx);
  const [box] = rows;
  if (!box) return 'unknown';
  // A person's decision stands where silence alone had shut: its holder's return does not undo it.
  const isDecided = to === 'suspended' && box.suspended_for === 'idle';
  if (box.state === to && !isDecided) return 'unchanged';
  if (!isBoxState(to) || (!boxMayBecome(box.state, to) && !isDecided)) return 'impossible';
  await sql`
    update addresses set state = ${to}, state_since = now(), suspended_for = ${to === 'suspended' ? 'decision' : null},
      published = published or (unpublished_for is not null and ${to === 'reopened'}),
      unpublished_for = case when ${to === 'reopened'} then null else unpublished_for end
    where address = ${address}`.execute(trx);
  return 'changed';
}
