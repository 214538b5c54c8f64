// From a citizen to their addresses: whoever knows a person by their number asks here where their letters arrive.
import type { Address } from '../src/core/address.ts';
import type { Db } from '../src/database/tables.ts';

/** A citizen's addresses that are open, the newest first: several when their matricule has changed, none when their mailbox is shut. */
export async function openAddressesOf(db: Db, citizenId: number): Promise<Address[]> {
  const rows = await db
    .selectFrom('addresses')
    .select('address')
    .where('citizen_id', '=', citizenId)
    .where('state', '=', 'active')
    .orderBy('created_at', 'desc')
    .orderBy('address')
    .execute();
  return rows.map((row) => row.address);
}
