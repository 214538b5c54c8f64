// A deadlock is done again, never answered.
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { mailboxWorld } from './mailbox-world.ts';

test('two transactions that lock each other out both end well', async () => {
  const { db, mailbox } = await mailboxWorld();
  const [a, b] = [await mailbox('a'), await mailbox('b')];
  let attempts = 0;
  let arrived = 0;
  let meet = () => {};
  const bothHoldOne = new Promise<void>((resolve) => {
    meet = resolve;
  });
  const crossing = (first: number, second: number) =>
    inTransaction(db, async (trx) => {
      attempts += 1;
      await sql`update mailboxes set used_bytes = used_bytes + 1 where mailbox_id = ${first}`.execute(trx);
      arrived += 1;
      if (arrived === 2) meet();
      await bothHoldOne;
      await sql`update mailboxes set used_bytes = used_bytes + 1 where mailbox_id = ${second}`.execute(trx);
    });
  await Promise.all([crossing(a.mailboxId, b.mailboxId), crossing(b.mailboxId, a.mailboxId)]);
  expect(attempts).toBe(3);
  expect(await db.selectFrom('mailboxes').select('used_bytes').execute()).toEqual([{ used_bytes: 2 }, { used_bytes: 2 }]);
});

test('any other error is thrown at once', async () => {
  const { db } = await mailboxWorld();
  let attempts = 0;
  const failing = inTransaction(db, async (trx) => {
    attempts += 1;
    await sql`select 1 / 0`.execute(trx);
  });
  await expect(failing).rejects.toMatchObject({ code: '22012' });
  expect(attempts).toBe(1);
});
