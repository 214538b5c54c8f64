// From a citizen to their addresses, and back: the address is the matricule and the citizens' domain, and stands nowhere else.
import { sql } from 'kysely';
import { type Address, domainOf, localPart, parseAddress } from '../src/core/address.ts';
import { type Ins, parseIns } from '../src/core/ins.ts';
import type { Db, Trx } from '../src/database/tables.ts';

/** The address a matricule makes. Throws when the domain is none. */
export function citizenAddress(ins: Ins, domain: string): Address {
  const address = parseAddress(`${ins}@${domain}`);
  if (!address) throw new Error('The citizens’ domain is not a mail domain');
  return address;
}

/** The matricule in an address of the citizens' domain; undefined for any other address. */
export function insOf(address: Address, domain: string): Ins | undefined {
  return domainOf(address) === domain ? parseIns(localPart(address)) : undefined;
}

/** A citizen's addresses that are open, that of their matricule first, then those of former ones; none when their mailbox is shut. */
export async function openAddressesOf(db: Db, domain: string, citizenId: number): Promise<Address[]> {
  const { rows } = await sql<{ ins: Ins }>`
    select ins from (
      select ins, 0 as age, citizen_id from citizens where citizen_id = ${citizenId}
      union all
      select ins, 1, citizen_id from former_matricules where citizen_id = ${citizenId}) known
    where exists (select from citizens c where c.citizen_id = known.citizen_id and c.state in ('created', 'activated', 'reopened'))
    order by age, ins`.execute(db);
  return rows.map(({ ins }) => citizenAddress(ins, domain));
}

/**
 * Every address of these citizens, whatever the state of their mailboxes: the present one first, then those of former matricules.
 * Numbers of nobody are absent from the answer.
 */
export async function addressesOf(db: Db, domain: string, citizenIds: readonly number[]): Promise<Map<number, [Address, ...Address[]]>> {
  const { rows } = await sql<{ citizen_id: number; ins: Ins; former: Ins[] }>`
    select citizen_id, ins, array(select f.ins from former_matricules f where f.citizen_id = c.citizen_id order by f.ins) as former
    from citizens c where citizen_id = any(${citizenIds}::bigint[])`.execute(db);
  return new Map(
    rows.map(({ citizen_id, ins, former }) => [
      citizen_id,
      [citizenAddress(ins, domain), ...former.map((one) => citizenAddress(one, domain))],
    ]),
  );
}

/** Keeps the matricules of these citizens as they are until the transaction ends, and nothing else of them: whoever replaces one waits. */
export async function keepMatricules(trx: Trx, citizenIds: readonly number[]): Promise<void> {
  await sql`select from citizens where citizen_id = any(${citizenIds}::bigint[]) order by citizen_id for key share`.execute(trx);
}
