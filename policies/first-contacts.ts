// Mailboxes that agree to be written to first: by every citizen or by those of a list, so many letters a day. Requirement 32.
import type { Address } from '../src/core/address.ts';
import type { Db } from '../src/database/tables.ts';
import type { Audience } from './schema.ts';

/** What a mailbox chose. Citizens are named by their stable number. */
export type FirstContact = { readonly audience: Audience; readonly dailyLimit: number; readonly guests: readonly number[] };

/** Letters a day and citizen, for a mailbox that has not chosen. */
const usualDailyLimit = 5;

/** Writes a mailbox's choice. The list of guests stays, and the daily limit too when none is given. */
export async function setFirstContact(
  db: Db,
  address: Address,
  choice: { readonly audience: Audience; readonly dailyLimit?: number },
): Promise<void> {
  const { audience, dailyLimit } = choice;
  await db
    .insertInto('first_contacts')
    .values({ correspondent: address, audience, daily_limit: dailyLimit ?? usualDailyLimit })
    .onConflict((conflict) =>
      conflict.column('correspondent').doUpdateSet({ audience, ...(dailyLimit !== undefined && { daily_limit: dailyLimit }) }),
    )
    .execute();
}

/** Puts a citizen on a mailbox's list; false when they stand there already. The list counts while the audience is `listed`. */
export async function inviteCitizen(db: Db, address: Address, citizenId: number): Promise<boolean> {
  const written = await db
    .insertInto('first_contact_guests')
    .values({ correspondent: address, citizen_id: citizenId })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return written.numInsertedOrUpdatedRows === 1n;
}

/** Takes a citizen off a mailbox's list; false when they were not on it. */
export async function disinviteCitizen(db: Db, address: Address, citizenId: number): Promise<boolean> {
  const gone = await db
    .deleteFrom('first_contact_guests')
    .where('correspondent', '=', address)
    .where('citizen_id', '=', citizenId)
    .executeTakeFirst();
  return gone.numDeletedRows === 1n;
}

/** What a mailbox chose, with its list in the order of the citizens' numbers; `nobody` when it never chose. */
export async function readFirstContact(db: Db, address: Address): Promise<FirstContact> {
  const choice = await db.selectFrom('first_contacts').selectAll().where('correspondent', '=', address).executeTakeFirst();
  const guests = await db
    .selectFrom('first_contact_guests')
    .select('citizen_id')
    .where('correspondent', '=', address)
    .orderBy('citizen_id')
    .execute();
  return {
    audience: choice?.audience ?? 'nobody',
    dailyLimit: choice?.daily_limit ?? usualDailyLimit,
    guests: guests.map((row) => row.citizen_id),
  };
}
