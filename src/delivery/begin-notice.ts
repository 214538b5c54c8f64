// What becomes of a notice whose turn has come: whether there is still something to tell, whom, and whether it is quiet time.
// Decided behind the lock that every event takes (notices.ts): an event is either seen here, or owes another notice.
import { openAddressesOf } from '../../directory/citizen-addresses.ts';
import { inbox } from '../../mailboxes/folder-names.ts';
import { findFolder } from '../../mailboxes/folders.ts';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { findMailboxes } from '../../mailboxes/mailbox.ts';
import { readNoticePreference } from '../../policies/notice-preferences.ts';
import type { Address } from '../core/address.ts';
import type { Db, Trx } from '../database/tables.ts';
import { addNotices } from './notices.ts';

/**
 * Begins a notice; the quiet period begins with it. The address to write to; undefined when nothing is to be sent: a later notice has
 * taken its place, the citizen has read everything or wants no notices any more, or was told too short a time ago, in which case the
 * notice is owed anew for the end of that quiet period. Beginning the same notice again, after an attempt that failed, is always allowed.
 */
export async function beginNotice(
  db: Db,
  { citizenId, dueAt }: { readonly citizenId: number; readonly dueAt: Date },
  now: Date,
  { quietMs, citizensDomain }: { readonly quietMs: number; readonly citizensDomain: string },
): Promise<Address | undefined> {
  return await inTransaction(db, async (trx) => {
    const held = await trx.selectFrom('notices').selectAll().where('citizen_id', '=', citizenId).forUpdate().executeTakeFirst();
    const isBegun = held?.begun_due?.getTime() === dueAt.getTime();
    if (!held || (!isBegun && held.due_at.getTime() !== dueAt.getTime())) return undefined;
    const address = await whomToTell(trx, citizensDomain, citizenId);
    const quietUntil = new Date((held.begun_at?.getTime() ?? Number.NEGATIVE_INFINITY) + quietMs);
    if (address !== undefined && !isBegun && quietUntil > now) {
      await trx.updateTable('notices').set({ due_at: quietUntil }).where('citizen_id', '=', citizenId).execute();
      await addNotices(trx, [{ citizenId, dueAt: quietUntil }], now);
      return undefined;
    }
    // A notice that is not sent makes nothing quiet.
    const begun = { begun_due: dueAt, ...(address !== undefined && { begun_at: now }) };
    await trx.updateTable('notices').set(begun).where('citizen_id', '=', citizenId).execute();
    return address;
  });
}

/** The address of a citizen who wants notices, and has something unread; undefined for any other. */
async function whomToTell(trx: Trx, domain: string, citizenId: number): Promise<Address | undefined> {
  const preference = await readNoticePreference(trx, citizenId);
  if (!preference || preference.isFailing || !Object.values(preference.told).includes(true)) return undefined;
  const mailboxes = await findMailboxes(trx, await openAddressesOf(trx, domain, citizenId));
  for (const mailboxId of new Set([...mailboxes.values()].map((mailbox) => mailbox.mailboxId))) {
    const folder = await findFolder(trx, mailboxId, inbox);
    if (folder && folder.unseen > 0) return preference.address;
  }
  return undefined;
}
