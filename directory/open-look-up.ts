// The chain of look-up.ts over this gateway's database and settings: for a process, and for a command.
import type { Config } from '../src/config/schema.ts';
import type { Address } from '../src/core/address.ts';
import type { Db } from '../src/database/tables.ts';
import { citizenAddress } from './citizen-addresses.ts';
import { type DomainListing, LookUp } from './look-up.ts';
import { resolveAddresses } from './resolve-addresses.ts';
import { openUpstreams } from './upstream/open-upstreams.ts';
import type { UpstreamEvents } from './upstream/upstream-directory.ts';

/**
 * Opens it; connections are made when something is asked, and ended by close(). A command has nobody to tell of `events`. Throws ConfigError
 * when a file cannot be used.
 */
export async function openLookUp(
  { directory, hostedDomains, smtp }: Pick<Config, 'directory' | 'hostedDomains' | 'smtp'>,
  db: Db,
  events: UpstreamEvents = { upstreamAsked: () => undefined, upstreamFailed: () => undefined },
): Promise<LookUp> {
  const hosted = new Set([hostedDomains.citizens, ...hostedDomains.professionals]);
  // Asked for seldom, and told to a person: read afresh.
  const holderOf = async (address: Address) => (await resolveAddresses(db, hostedDomains.citizens, [address])).get(address);
  return new LookUp({
    own: { byAddress: holderOf, byIns: (ins) => holderOf(citizenAddress(ins, hostedDomains.citizens)) },
    upstreams: await openUpstreams(directory, events),
    isHosted: (domain) => hosted.has(domain),
    listing: (domain) => listingAmong(smtp.mx.peers, domain),
  });
}

/** Until the signed list is read, those who may deliver here are those who are known to be in the space. */
function listingAmong(peers: Config['smtp']['mx']['peers'], domain: string): DomainListing {
  if (peers === undefined) return 'unknown';
  return Object.hasOwn(peers, domain) ? 'listed' : 'not-listed';
}
