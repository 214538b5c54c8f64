// Signing in: a credential that is right opens the mailbox of its address, if the registry lets its holder use it. Requirement 21.
// The registry is asked at that instant, not what this process remembers of it: a mailbox that was shut a moment ago stays shut. What it
// answers is remembered, so that what follows need not ask again.
import type { Holder } from '../../directory/resolve-addresses.ts';
import type { Resolver } from '../../directory/resolver/resolver.ts';
import { isWellKnown, noteSignIn, readLastSignIn } from '../../directory/sign-ins.ts';
import { findMailboxes } from '../../mailboxes/mailbox.ts';
import type { Address } from '../core/address.ts';
import type { Clock } from '../core/clock.ts';
import type { Db, Trx } from '../database/tables.ts';
import { together } from '../database/together.ts';
import type { Account } from './account.ts';
import { checkApplicationPassword } from './application-passwords.ts';
import { giveMailboxes, type MailboxRules } from './give-mailboxes.ts';

/** What signing in needs. `inTransaction` opens, commits and retries deadlocks. */
export type SignInServices = {
  readonly db: Db;
  readonly resolver: Pick<Resolver, 'resolveNow'>;
  readonly inTransaction: <Result>(work: (trx: Trx) => Promise<Result>) => Promise<Result>;
  readonly pepper: Buffer;
  readonly mailboxes: MailboxRules;
  readonly clock: Clock;
};

/**
 * Who a login and a password open, or undefined: no word on which of the two was wrong, nor on whether the mailbox is shut. The first
 * sign-in makes the mailbox and activates a citizen's; one that silence alone had suspended is open again.
 */
export async function authenticate(services: SignInServices, login: string, password: string): Promise<Account | undefined> {
  const address = await checkApplicationPassword(services.db, services.pepper, login, password);
  return address && openFor(services, address);
}

async function openFor(services: SignInServices, address: Address): Promise<Account | undefined> {
  const { db, resolver, clock } = services;
  const now = clock();
  // On one connection, so that the questions travel together.
  const [holders, found, lastAt] = await db
    .connection()
    .execute((one) => together([resolver.resolveNow([address], one), findMailboxes(one, [address]), readLastSignIn(one, address)]));
  const holder = holders.get(address);
  if (!holder) return undefined;
  const mailbox = found.get(address);
  if (mailbox && isWellKnown(holder, lastAt, now)) return { address, mailboxId: mailbox.mailboxId };
  return mayComeIn(holder) ? services.inTransaction((trx) => comeIn(trx, services, holder, now)) : undefined;
}

/** As far as was seen: a person who was suspended for their silence may end it. */
function mayComeIn(holder: Holder): boolean {
  return holder.rights.signIn || (holder.kind === 'professional' && holder.suspendedFor === 'idle');
}

/** The mailbox's rows first, as everyone who changes one. */
async function comeIn(trx: Trx, { mailboxes }: SignInServices, holder: Holder, now: Date): Promise<Account | undefined> {
  const { address } = holder;
  const mailbox = (await giveMailboxes(trx, mailboxes, [holder])).get(address);
  const isOpen = await noteSignIn(trx, mailboxes.citizensDomain, address, now);
  return mailbox && isOpen ? { address, mailboxId: mailbox.mailboxId } : undefined;
}
