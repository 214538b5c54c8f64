// Standing blocks: a professional, or one mailbox of a structure, wants no letter from a citizen until they say otherwise.
// Nothing else lifts a block, and it wins over every exchange. Requirement 33.
import type { Db, Trx } from '../src/database/tables.ts';
import type { Blocker } from './blocker.ts';

/** Blocks a citizen; false when it was done already. `by` says whom to ask: a mailbox, or the command that was given. */
export async function block(
  trx: Trx,
  one: { readonly citizenId: number; readonly blocker: Blocker; readonly by: string },
  now: Date,
): Promise<boolean> {
  const written = await trx
    .insertInto('blocks')
    .values({ blocker: one.blocker, citizen_id: one.citizenId, blocked_by: one.by, since: now })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return written.numInsertedOrUpdatedRows === 1n;
}

/** Lifts a block; false when there was none. */
export async function unblock(trx: Trx, one: { readonly citizenId: number; readonly blocker: Blocker }): Promise<boolean> {
  const gone = await trx.deleteFrom('blocks').where('blocker', '=', one.blocker).where('citizen_id', '=', one.citizenId).executeTakeFirst();
  return gone.numDeletedRows === 1n;
}

/** The citizens someone blocks, the latest first. */
export async function listBlocks(
  db: Db,
  blocker: Blocker,
): Promise<{ readonly citizenId: number; readonly since: Date; readonly by: string }[]> {
  return db
    .selectFrom('blocks')
    .select(['citizen_id as citizenId', 'since', 'blocked_by as by'])
    .where('blocker', '=', blocker)
    .orderBy('since', 'desc')
    .orderBy('citizen_id')
    .execute();
}
