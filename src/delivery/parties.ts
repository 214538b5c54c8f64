// Who stands at either end of a letter, and how they stand to each other, as facts for the judge. Requirements 15, 17, 25 to 27, 32 to 37, 40.
import { type CitizenHolder, type Holder, resolveAddresses } from '../../directory/resolve-addresses.ts';
import { blockerOf } from '../../policies/blocker.ts';
import { type Facts, type RecipientFacts, type SenderFacts, strangers, unread } from '../../policies/facts.ts';
import { type Pair, readStandings } from '../../policies/register.ts';
import { readTallies } from '../../policies/tallies.ts';
import { type Address, domainOf, localPart } from '../core/address.ts';
import { parseIns } from '../core/ins.ts';
import type { Db } from '../database/tables.ts';
import { together } from '../database/together.ts';
import type { Arrival } from './arrival.ts';
import { guessLimits, isUsedUp, limitPeriodMs, testLimits } from './hourly-limits.ts';
import type { PathPolicies } from './path-policies.ts';

/** The domains of this gateway, and whether there is a way to the others. */
export type Domains = {
  readonly citizens: string;
  readonly professionals: ReadonlySet<string>;
  /** True when a next hop is configured for domains that are not hosted here. */
  readonly elsewhereReachable: boolean;
};

/** What the facts depend on beside the database. */
export type PartyRules = { readonly domains: Domains; readonly policies: PathPolicies };

/** One recipient of one arrival. */
export type Asked = {
  readonly arrival: Arrival;
  readonly recipient: Address;
  /** At the commit: RCPT has found somebody there, so this recipient is no guess and nothing needs to be counted again. */
  readonly isFound?: boolean;
};

/** The facts of one pair, its content still unread, and who is meant by them. */
export type Known = {
  readonly facts: Facts;
  readonly sendingCitizen?: CitizenHolder;
  readonly receivingCitizen?: CitizenHolder;
  /** When a citizen writes to a professional, here or elsewhere: how the register knows the two. */
  readonly pair?: Pair;
};

/** What was found: the facts in the order asked, and who holds each address that was named. */
export type Parties = { readonly known: readonly Known[]; readonly holders: ReadonlyMap<Address, Holder> };

/** How holders are found; addresses of nobody here are absent from the answer. */
export type FindHolders = (addresses: readonly Address[]) => Promise<ReadonlyMap<Address, Holder>>;

/** What may be wanted beside: the holders of further addresses, `named`, and another way to find holders than asking the registry now. */
export type AskedBeside = { readonly named?: readonly Address[]; readonly findHolders?: FindHolders };

/** Where letters about the test of a connection go, in the citizens' domain. Requirement 40. */
const testLocalPart = 'reponse.automatique-test';

/** True when letters for this domain are kept here. */
export function isHosted(domains: Domains, address: Address): boolean {
  const domain = domainOf(address);
  return domain === domains.citizens || domains.professionals.has(domain);
}

/**
 * Gathers the facts of many recipients in one trip, and a second one when a citizen writes. `db` must be one connection: its questions
 * travel together.
 */
export async function knowParties(
  db: Db,
  rules: PartyRules,
  asked: readonly Asked[],
  now: Date,
  { named = [], findHolders = (addresses) => resolveAddresses(db, rules.domains.citizens, addresses) }: AskedBeside = {},
): Promise<Parties> {
  const addresses = asked.flatMap(({ arrival, recipient }) => [recipient, ...(arrival.account ? [arrival.account.address] : [])]);
  const [holders, tallies] = await together([
    findHolders([...new Set([...addresses, ...named])]),
    readTallies(db, subjectsToCount(rules, asked), limitPeriodMs, now),
  ]);
  const strangersYet = asked.map((one) => knowParty(rules, holders, tallies, one));
  const pairs = strangersYet.flatMap(({ pair }) => pair ?? []);
  const standings = pairs.length > 0 ? await readStandings(db, pairs, now) : [];
  const standingOf = new Map(pairs.map((pair, at) => [pair, standings[at]]));
  const known = strangersYet.map((one) => {
    const standing = one.pair && standingOf.get(one.pair);
    return standing ? { ...one, facts: { ...one.facts, standing } } : one;
  });
  return { known, holders };
}

/** True when this address may be written to in a Reply-To's place: a professional's mailbox of the trust space. Requirement 30. */
export function isProfessionalMailbox(rules: PartyRules, holders: ReadonlyMap<Address, Holder>, address: Address): boolean {
  const { domains, policies } = rules;
  if ([domains.citizens, policies.remoteCitizens.domain].includes(domainOf(address))) return false;
  if (!isHosted(domains, address)) return domains.elsewhereReachable;
  const holder = holders.get(address);
  return holder?.kind === 'professional' && holder.state === 'active';
}

/** The limits that matter are asked for every recipient in the citizens' domain: were only the unknown asked for, the time taken would tell. */
function subjectsToCount({ domains, policies }: PartyRules, asked: readonly Asked[]): string[] {
  const counted = asked.filter(({ recipient, isFound }) => !isFound && domainOf(recipient) === domains.citizens);
  const limits = counted.flatMap(({ arrival, recipient }) =>
    isTestAddress(domains, recipient) ? testLimits(arrival, policies) : guessLimits(arrival, policies),
  );
  return [...new Set(limits.map(({ subject }) => subject))];
}

function knowParty(rules: PartyRules, holders: ReadonlyMap<Address, Holder>, tallies: ReadonlyMap<string, number>, asked: Asked): Known {
  const { arrival, recipient } = asked;
  const sender = arrival.account && holders.get(arrival.account.address);
  const holder = holders.get(recipient);
  const facts: Facts = {
    sender: { ...senderFacts(rules, arrival, sender), guessesAddresses: isUsedUp(guessLimits(arrival, rules.policies), tallies) },
    recipient: isTestAddress(rules.domains, recipient)
      ? { kind: 'test-address', isBusy: isUsedUp(testLimits(arrival, rules.policies), tallies) }
      : recipientFacts(rules, recipient, holder),
    standing: strangers,
    content: unread,
  };
  const pair = sender?.kind === 'citizen' ? pairOf(sender, facts.recipient, recipient, holder) : undefined;
  return {
    facts,
    ...(sender?.kind === 'citizen' && { sendingCitizen: sender }),
    ...(holder?.kind === 'citizen' && { receivingCitizen: holder }),
    ...(pair && { pair }),
  };
}

function pairOf(citizen: CitizenHolder, facts: RecipientFacts, correspondent: Address, holder: Holder | undefined): Pair | undefined {
  const { citizenId } = citizen;
  if (holder?.kind === 'professional') return { citizenId, correspondent, blocker: blockerOf(holder) };
  return facts.kind === 'elsewhere' ? { citizenId, correspondent } : undefined;
}

function senderFacts({ policies }: PartyRules, arrival: Arrival, holder: Holder | undefined): Omit<SenderFacts, 'guessesAddresses'> {
  const hasNullPath = arrival.sender === null;
  // A citizen stays a citizen whatever reverse path the client gives: a null one must not open doors.
  // One that was shut since its holder signed in writes nothing more.
  if (arrival.door === 'submission' && holder && !holder.rights.signIn) return { kind: 'shut', hasNullPath };
  if (holder?.kind === 'citizen') return { kind: 'citizen', hasNullPath };
  if (arrival.door === 'pipeline') return { kind: 'gateway', hasNullPath };
  if (arrival.door === 'submission') return { kind: holder ? 'professional' : 'nobody', hasNullPath };
  const isCitizens = arrival.sender !== null && domainOf(arrival.sender) === policies.remoteCitizens.domain;
  return { kind: isCitizens ? 'citizen-elsewhere' : 'other-operator', hasNullPath };
}

function recipientFacts({ domains, policies }: PartyRules, address: Address, holder: Holder | undefined): RecipientFacts {
  if (holder) return { kind: holder.kind, state: holder.state };
  const domain = domainOf(address);
  if (domain === domains.citizens) return { kind: parseIns(localPart(address)) ? 'unknown-citizen' : 'not-a-citizen-address' };
  if (domains.professionals.has(domain)) return { kind: 'unknown-address' };
  return { kind: domain === policies.remoteCitizens.domain ? 'citizen-elsewhere' : 'elsewhere', reachable: domains.elsewhereReachable };
}

function isTestAddress(domains: Domains, address: Address): boolean {
  return address === `${testLocalPart}@${domains.citizens}`;
}
