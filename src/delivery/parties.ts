// Who stands at either end of a letter, as facts for the judge. Requirements 15, 32, 35, 36.
import { type CitizenHolder, type Holder, resolveAddresses } from '../../directory/resolve-addresses.ts';
import type { Facts, RecipientFacts, SenderFacts } from '../../policies/facts.ts';
import { type Pair, readExchanges } from '../../policies/register.ts';
import { type Address, domainOf, localPart } from '../core/address.ts';
import { parseIns } from '../core/ins.ts';
import type { Db } from '../database/tables.ts';
import type { Arrival } from './arrival.ts';

/** The domains of this gateway, and whether there is a way to the others. */
export type Domains = {
  readonly citizens: string;
  readonly professionals: ReadonlySet<string>;
  /** True when a next hop is configured for domains that are not hosted here. */
  readonly elsewhereReachable: boolean;
};

/** One recipient of one arrival. */
export type Asked = { readonly arrival: Arrival; readonly recipient: Address };

/** The facts of one pair, and the citizens among them, whom the register knows by number. */
export type Known = { readonly facts: Facts; readonly sendingCitizen?: CitizenHolder; readonly receivingCitizen?: CitizenHolder };

/** True when letters for this domain are kept here. */
export function isHosted(domains: Domains, address: Address): boolean {
  const domain = domainOf(address);
  return domain === domains.citizens || domains.professionals.has(domain);
}

/** Gathers the facts of many recipients in at most two statements, in the order asked. */
export async function knowParties(db: Db, domains: Domains, asked: readonly Asked[]): Promise<Known[]> {
  const holders = await resolveAddresses(db, [
    ...new Set(asked.flatMap(({ arrival, recipient }) => [recipient, ...(arrival.account ? [arrival.account.address] : [])])),
  ]);
  const known = asked.map(({ arrival, recipient }) => knowParty(domains, holders, arrival, recipient));
  const pairs: { readonly at: number; readonly pair: Pair }[] = known.flatMap(({ sendingCitizen, facts }, at) => {
    const recipient = asked[at]?.recipient;
    const matters = sendingCitizen && recipient && ['professional', 'elsewhere'].includes(facts.recipient.kind);
    return matters ? [{ at, pair: { citizenId: sendingCitizen.citizenId, correspondent: recipient } }] : [];
  });
  const exchanges = await readExchanges(
    db,
    pairs.map(({ pair }) => pair),
  );
  const stateAt = new Map(pairs.map(({ at }, index) => [at, exchanges[index]]));
  return known.map((one, at) => ({ ...one, facts: { ...one.facts, exchange: stateAt.get(at) ?? 'never-opened' } }));
}

function knowParty(domains: Domains, holders: ReadonlyMap<Address, Holder>, arrival: Arrival, recipient: Address): Known {
  const sender = arrival.account && holders.get(arrival.account.address);
  const holder = holders.get(recipient);
  return {
    facts: { sender: senderFacts(arrival, sender), recipient: recipientFacts(domains, recipient, holder), exchange: 'never-opened' },
    ...(sender?.kind === 'citizen' && { sendingCitizen: sender }),
    ...(holder?.kind === 'citizen' && { receivingCitizen: holder }),
  };
}

function senderFacts(arrival: Arrival, holder: Holder | undefined): SenderFacts {
  // A citizen stays a citizen whatever reverse path the client gives: a null one must not open doors.
  if (holder?.kind === 'citizen') return { kind: 'citizen' };
  if (arrival.sender === null) return { kind: 'nobody' };
  return { kind: arrival.door === 'mx' ? 'other-operator' : 'professional' };
}

function recipientFacts(domains: Domains, address: Address, holder: Holder | undefined): RecipientFacts {
  if (holder?.kind === 'citizen') return { kind: 'citizen', state: holder.state };
  if (holder) return { kind: 'professional', state: holder.state, openToCitizens: holder.openToCitizens };
  const domain = domainOf(address);
  if (domain === domains.citizens) return { kind: parseIns(localPart(address)) ? 'unknown-citizen' : 'not-a-citizen-address' };
  if (domains.professionals.has(domain)) return { kind: 'unknown-address' };
  return { kind: 'elsewhere', reachable: domains.elsewhereReachable };
}
