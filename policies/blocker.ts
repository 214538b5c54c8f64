// Who it is that blocks: a person over all their mailboxes here, or one mailbox of a structure. Requirement 33.
import type { Address } from '../src/core/address.ts';

declare const blockerBrand: unique symbol;

/** The holder of a block, as the register compares it. Build one only with blockerOf(). */
export type Blocker = string & { readonly [blockerBrand]: true };

/**
 * The one who blocks by this mailbox. With an RPPS (types PER and CAB) the person, whichever of their mailboxes is written to;
 * without (ORG and APP) the mailbox alone: a hospital is not closed to somebody by one ward.
 */
export function blockerOf(holder: { readonly rpps?: string; readonly address: Address }): Blocker {
  return (holder.rpps === undefined ? `box:${holder.address}` : `rpps:${holder.rpps}`) as Blocker;
}
