// Mailboxes that are made when they are needed: many at once, by several processes at the same time, one for each person.
import { expect, test } from 'vitest';
import { createMailbox, ensureMailboxes, findMailboxes, type WantedMailbox } from '../../mailboxes/mailbox.ts';
import { recount } from '../../mailboxes/recount.ts';
import { address } from '../support/address.ts';
import { mailboxWorld } from './mailbox-world.ts';

const at = (name: string) => address(`${name}@mssante.example`);
const wanted = (name: string, ...otherNames: string[]): WantedMailbox => ({
  address: at(name),
  otherNames: otherNames.map(at),
  holder: 'citizen',
  quotaBytes: 1000,
});

test('many are made at once, with the folders of their kind; those that exist are answered as they stand', async () => {
  const { db, mailbox } = await mailboxWorld();
  const { mailboxId } = await mailbox('lea', 7);
  const many = Array.from({ length: 50 }, (_, n) => ({
    ...wanted(`n${n}`),
    holder: n % 2 ? ('professional' as const) : ('citizen' as const),
  }));
  const found = await db.transaction().execute((trx) => ensureMailboxes(trx, [...many, wanted('lea')]));
  expect(found.size).toBe(51);
  expect(found.get(at('lea'))).toMatchObject({ mailboxId, quotaBytes: 7 });
  expect(found.get(at('n0'))).toMatchObject({ receipts: 'always', quotaBytes: 1000, usedBytes: 0 });
  expect(found.get(at('n1'))).toMatchObject({ receipts: 'ask' });
  const rows = await db
    .selectFrom('folders')
    .select(['mailbox_id', 'name', 'special_use', 'role', 'uidvalidity'])
    .orderBy('uidvalidity')
    .execute();
  const of = (name: string) => rows.filter((row) => row.mailbox_id === found.get(at(name))?.mailboxId);
  expect(of('n0').map((row) => [row.name, row.special_use])).toEqual([
    ['INBOX', null],
    ['Drafts', 'Drafts'],
    ['Sent', 'Sent'],
    ['Archive', 'Archive'],
    ['Trash', 'Trash'],
  ]);
  expect(of('n1').map((row) => row.role)).toEqual([null, null, null, null, null, 'blocked-patients']);
  expect(new Set(of('n1').map((row) => row.uidvalidity)).size).toBe(6);
  expect(await db.selectFrom('subscriptions').select('name').execute()).toHaveLength(rows.length);
  expect(await recount(db)).toEqual([]);
});

test('processes that make the same ones in different orders end with the same ones', async () => {
  const { db } = await mailboxWorld(8);
  const names = Array.from({ length: 20 }, (_, n) => `p${n}`);
  const rounds = await Promise.all(
    Array.from({ length: 6 }, (_, round) =>
      db.transaction().execute((trx) =>
        ensureMailboxes(
          trx,
          (round % 2 ? names : names.toReversed()).map((name) => wanted(name)),
        ),
      ),
    ),
  );
  for (const found of rounds) for (const name of names) expect(found.get(at(name))?.mailboxId).toBe(rounds[0]?.get(at(name))?.mailboxId);
  expect(await db.selectFrom('mailboxes').select('mailbox_id').execute()).toHaveLength(20);
  expect(await db.selectFrom('folders').select('folder_id').execute()).toHaveLength(100);
});

test('one person’s addresses lead to one mailbox, whichever came first', async () => {
  const { db, mailbox } = await mailboxWorld();
  const ensure = (...all: WantedMailbox[]) => db.transaction().execute((trx) => ensureMailboxes(trx, all));
  const made = await ensure(wanted('nir', 'nia'));
  expect(made.get(at('nia'))).toEqual(made.get(at('nir')));
  expect(await ensure(wanted('nir', 'nia'))).toEqual(made);
  // The mailbox stood under the former name alone: it takes the present one, and keeps the former beside.
  const { mailboxId } = await mailbox('avant');
  const renamed = await ensure(wanted('apres', 'avant'));
  expect([renamed.get(at('avant')), renamed.get(at('apres'))]).toMatchObject([
    { mailboxId, address: at('apres') },
    { mailboxId, address: at('apres') },
  ]);
  // Made before the former name was known.
  const alone = await mailbox('seul');
  expect((await ensure(wanted('seul', 'jadis'))).get(at('jadis'))?.mailboxId).toBe(alone.mailboxId);
  expect((await findMailboxes(db, [at('jadis')])).get(at('jadis'))?.address).toBe(at('seul'));
  // Asked for by its other name, a mailbox keeps its own.
  expect(await createMailbox(db, at('avant'), 5, 'citizen')).toMatchObject({ mailboxId, address: at('apres') });
  expect(await db.selectFrom('mailboxes').select('mailbox_id').execute()).toHaveLength(3);
});
