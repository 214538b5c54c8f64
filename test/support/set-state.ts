// A mailbox that opens and shuts in the middle of a test, as a directory admin would do it.
import { changeState } from '../../directory/change-state.ts';
import type { RegistryState } from '../../directory/states.ts';
import type { Address } from '../../src/core/address.ts';
import type { Db } from '../../src/database/tables.ts';

/** Puts the mailbox of an address into a state, whatever the state it is in; throws when the life cycle does not allow it. */
export async function setState(db: Db, address: Address, state: RegistryState, domain = 'patient.mssante.fr'): Promise<void> {
  const change = await db.transaction().execute((trx) => changeState(trx, domain, address, state));
  if (change !== 'changed') throw new Error(`The state is ${change}`);
}
