// Mailboxes are made when they are needed: with the first letter, or the first sign-in. Who is registered has a right to one, not yet rows.
// A citizen has one, whatever the number of their matricules.
import { addressesOf, keepMatricules } from '../../directory/citizen-addresses.ts';
import type { Holder } from '../../directory/resolve-addresses.ts';
import { ensureMailboxes, type FoundMailbox, type WantedMailbox } from '../../mailboxes/mailbox.ts';
import type { Address } from '../core/address.ts';
import type { Trx } from '../database/tables.ts';
import { together } from '../database/together.ts';

/** What new mailboxes are made with. `citizensDomain`: where citizens' addresses are; `quotaBytes` is each one's. */
export type MailboxRules = { readonly citizensDomain: string; readonly quotaBytes: number };

/**
 * The mailboxes of these holders, by the addresses they were found by, made where there are none. Whether they may have one is the
 * caller's to judge. Set-based; two gateways that make the same ones end with the same ones, even while a matricule is being replaced:
 * that one waits, for a mailbox that nobody else can see yet would stay behind under the former name while a second is made.
 */
export async function giveMailboxes(
  trx: Trx,
  { citizensDomain, quotaBytes }: MailboxRules,
  holders: readonly Holder[],
): Promise<Map<Address, FoundMailbox>> {
  const citizenIds = [...new Set(holders.flatMap((holder) => (holder.kind === 'citizen' ? [holder.citizenId] : [])))];
  const citizens = (await namesToStay(trx, citizensDomain, citizenIds)).map(([address, ...otherNames]): WantedMailbox => {
    return { address, otherNames, holder: 'citizen', quotaBytes };
  });
  const professionals = new Set(holders.flatMap((holder) => (holder.kind === 'professional' ? [holder.address] : [])));
  return ensureMailboxes(trx, [
    ...citizens,
    ...[...professionals].map((address): WantedMailbox => ({ address, holder: 'professional', quotaBytes })),
  ]);
}

/** All addresses of each of these citizens, which stay so until the transaction ends. */
async function namesToStay(trx: Trx, domain: string, citizenIds: readonly number[]): Promise<[Address, ...Address[]][]> {
  if (citizenIds.length === 0) return [];
  // Read behind the lock, by a statement of its own: it sees what a replacement has just committed.
  const [, names] = await together([keepMatricules(trx, citizenIds), addressesOf(trx, domain, citizenIds)]);
  return [...names.values()];
}
