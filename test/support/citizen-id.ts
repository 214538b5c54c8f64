// Who a citizen's address belongs to, by the number the other tables know them by.
import { insOf } from '../../directory/citizen-addresses.ts';
import { findCitizens } from '../../directory/matricules.ts';
import { type Address, domainOf } from '../../src/core/address.ts';
import type { Db } from '../../src/database/tables.ts';

/** The citizen of an address of any citizens' domain. Throws when there is none. */
export async function citizenIdOf(db: Db, address: Address): Promise<number> {
  const ins = insOf(address, domainOf(address));
  const citizenId = ins && (await findCitizens(db, [ins])).get(ins);
  if (citizenId === undefined) throw new Error('No citizen has this address');
  return citizenId;
}
