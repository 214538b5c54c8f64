// Mailboxes are made when they are needed: with the first letter, or the first sign-in. Who is registered has a right to one, not yet rows.
// A citizen has one, whatever the number of their matricules.
import { addressesOf } from '../../directory/citizen-addresses.ts';
import type { Holder } from '../../directory/resolve-addresses.ts';
import { ensureMailboxes, type FoundMailbox, type WantedMailbox } from '../../mailboxes/mailbox.ts';
import type { Address } from '../core/address.ts';
import type { Trx } from '../database/tables.ts';

/** What new mailboxes are made with. `citizensDomain`: where citizens' addresses are; `quotaBytes` is each one's. */
export type MailboxRules = { readonly citizensDomain: string; readonly quotaBytes: number };

/**
 * The mailboxes of these holders, by the addresses they were found by, made where there are none. Whether they may have one is the
 * caller's to judge. Set-based; two gateways that make the same ones end with the same ones.
 */
export async function giveMailboxes(
  trx: Trx,
  { citizensDomain, quotaBytes }: MailboxRules,
  holders: readonly Holder[],
): Promise<Map<Address, FoundMailbox>> {
  const citizenIds = [...new Set(holders.flatMap((holder) => (holder.kind === 'citizen' ? [holder.citizenId] : [])))];
  const known = citizenIds.length > 0 ? await addressesOf(trx, citizensDomain, citizenIds) : new Map();
  const citizens = [...known.values()].map(([address, ...otherNames]): WantedMailbox => {
    return { address, otherNames, holder: 'citizen', quotaBytes };
  });
  const professionals = new Set(holders.flatMap((holder) => (holder.kind === 'professional' ? [holder.address] : [])));
  return ensureMailboxes(trx, [
    ...citizens,
    ...[...professionals].map((address): WantedMailbox => ({ address, holder: 'professional', quotaBytes })),
  ]);
}
