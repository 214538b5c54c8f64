// What a citizen has under the matricule that they leave goes with them: their mailbox takes the new address, and their passwords open it
// under the new login, the old one opening nothing. Whoever replaces matricules does this in the same transaction: the commands, and feeds.
import { addressesOf, citizenAddress } from '../../directory/citizen-addresses.ts';
import { lockMoves, type MatriculeMove } from '../../directory/matricules.ts';
import { lockMailboxes } from '../../mailboxes/lock-mailboxes.ts';
import { type FoundMailbox, findMailboxes, renameMailbox } from '../../mailboxes/mailbox.ts';
import type { Address } from '../core/address.ts';
import type { Trx } from '../database/tables.ts';
import { type LoginRename, renameLogins } from './rename-login.ts';

/**
 * To be called before the registry writes the new matricules, and before any row of it is locked: mailboxes come first. Whoever has neither
 * mailbox nor password has nothing to move; two moves of one citizen come one after the other. Returns how many passwords were moved. Throws when a mailbox stands at a new address already
 * and is another one: that the registry says whose matricule it is was the caller's to make sure of.
 */
export async function moveAccounts(trx: Trx, domain: string, moves: readonly Pick<MatriculeMove, 'citizenId' | 'to'>[]): Promise<number> {
  const citizenIds = moves.map(({ citizenId }) => citizenId);
  await lockMoves(trx, citizenIds);
  const known = await addressesOf(trx, domain, citizenIds);
  const people = moves.map(({ citizenId, to }) => ({ names: known.get(citizenId) ?? [], to: citizenAddress(to, domain) }));
  const names = people.flatMap(({ names, to }) => [...names, to]);
  await lockMailboxes(trx, idsOf(await findMailboxes(trx, names)));
  // As they are called now that nobody else renames them.
  const mailboxes = await findMailboxes(trx, names);
  const renames: LoginRename[] = [];
  for (const { names, to } of people) {
    // Their login is the address of their mailbox; of one that nobody has made yet, their address.
    const from = names.flatMap((name) => mailboxes.get(name)?.address ?? [])[0];
    if (from !== undefined && from !== to && !(await renameMailbox(trx, from, to))) {
      throw new Error('A mailbox of somebody else stands at the address of a new matricule');
    }
    const login = from ?? names[0];
    if (login !== undefined) renames.push({ from: login, to });
  }
  return renameLogins(trx, renames);
}

function idsOf(mailboxes: ReadonlyMap<Address, FoundMailbox>): number[] {
  return [...mailboxes.values()].map(({ mailboxId }) => mailboxId);
}
