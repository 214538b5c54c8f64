// A mailbox and what its holder chose: receipts, the folder of blocked patients, other names.
import { expect, test } from 'vitest';
import { SystemFlag, storeFlags } from '../../mailboxes/flags.ts';
import { blockedPatientsFolder } from '../../mailboxes/folder-names.ts';
import { createFolder, deleteFolder, findFolder, listFolders, listSubscriptions, renameFolder } from '../../mailboxes/folders.ts';
import { createMailbox, findMailboxes, renameMailbox, setReceipts } from '../../mailboxes/mailbox.ts';
import { takeMessageEvents } from '../../mailboxes/message-events.ts';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import { recount } from '../../mailboxes/recount.ts';
import { migrateAll } from '../../src/database/migrate.ts';
import { createTestDatabase } from '../support/database.ts';
import { addressOf, mailboxWorld } from './mailbox-world.ts';

test('requirement 33: a professional has a folder of blocked patients, subscribed, that cannot be removed, renamed or divided', async () => {
  const { db, wakeups, mailbox } = await mailboxWorld();
  const { mailboxId } = await mailbox('lea', undefined, 'professional');
  const before = await listFolders(db, mailboxId);
  expect(before.filter(({ role }) => role !== null).map(({ name, role }) => [name, role])).toEqual([
    ['Patients bloqués', 'blocked-patients'],
  ]);
  expect(await listSubscriptions(db, mailboxId)).toContain(blockedPatientsFolder);
  expect(await deleteFolder(db, wakeups, mailboxId, 'Patients bloque\u0301s')).toBe('protected');
  expect(await renameFolder(db, wakeups, mailboxId, blockedPatientsFolder, 'Autre')).toBe('protected');
  expect(await createFolder(db, mailboxId, `${blockedPatientsFolder}/2026`)).toBe('invalid');
  expect(await renameFolder(db, wakeups, mailboxId, 'Trash', `${blockedPatientsFolder}/Trash`)).toBe('invalid');
  expect(await renameFolder(db, wakeups, mailboxId, 'INBOX', `${blockedPatientsFolder}/INBOX`)).toBe('invalid');
  expect(await createFolder(db, mailboxId, blockedPatientsFolder)).toBe('exists');
  expect(await listFolders(db, mailboxId)).toEqual(before);
});

test('requirements 43 and 45: a citizen always sends receipts, a professional is asked until they choose', async () => {
  const { db, mailbox } = await mailboxWorld();
  const [citizen, doctor] = [await mailbox('patient'), await mailbox('docteur', undefined, 'professional')];
  expect([citizen.receipts, doctor.receipts]).toEqual(['always', 'ask']);
  for (const choice of ['never', 'always', 'ask'] as const) {
    expect(await setReceipts(db, doctor.address, choice)).toBe(true);
    expect((await findMailboxes(db, [doctor.address])).get(doctor.address)?.receipts).toBe(choice);
  }
  expect(await setReceipts(db, citizen.address, 'never')).toBe(false);
  expect(await setReceipts(db, addressOf('personne'), 'never')).toBe(false);
  expect((await findMailboxes(db, [citizen.address])).get(citizen.address)?.receipts).toBe('always');
});

test('requirement 45: a professional who wants no receipt sent sends none for what they had not read', async () => {
  const { db, wakeups, mailbox, append } = await mailboxWorld();
  const doctor = await mailbox('docteur', undefined, 'professional');
  const { mailboxId, inboxId } = doctor;
  await setReceipts(db, doctor.address, 'always');
  for (let count = 0; count < 2; count += 1) await append(doctor, { receiptTo: addressOf('confrere') });
  await storeFlags(db, wakeups, mailboxId, inboxId, [1], { mode: 'add', flags: SystemFlag.Seen, keywords: [] });
  await setReceipts(db, doctor.address, 'never');
  await storeFlags(db, wakeups, mailboxId, inboxId, [2], { mode: 'add', flags: SystemFlag.Seen, keywords: [] });
  expect(await db.transaction().execute((trx) => takeMessageEvents(trx, 10))).toHaveLength(1);
});

test('a mailbox that changes address is found by both, and no other mailbox takes either', async () => {
  const { db, mailbox } = await mailboxWorld();
  const [nia, nir, other] = [addressOf('nia'), addressOf('nir'), addressOf('autre')];
  const rename = (from: typeof nia, to: typeof nia) => db.transaction().execute((trx) => renameMailbox(trx, from, to));
  const { mailboxId } = await mailbox('nia');
  await mailbox('autre');
  expect(await rename(nia, other)).toBe(false);
  expect(await rename(addressOf('personne'), nir)).toBe(false);
  expect(await rename(nia, nia)).toBe(false);
  expect(await rename(nia, nir)).toBe(true);
  expect(await rename(nia, nir)).toBe(false);
  const found = await findMailboxes(db, [nia, nir, other, addressOf('personne')]);
  expect([...found.keys()].sort()).toEqual([other, nia, nir]);
  expect([found.get(nia), found.get(nir)].map((one) => [one?.mailboxId, one?.address])).toEqual([
    [mailboxId, nir],
    [mailboxId, nir],
  ]);
  expect(await rename(other, nia)).toBe(false);
  expect((await createMailbox(db, nia, 5, 'citizen')).mailboxId).toBe(mailboxId);
  // And back again: an address is never both a mailbox's own and another name.
  expect(await rename(nir, nia)).toBe(true);
  expect((await findMailboxes(db, [nir])).get(nir)?.address).toBe(nia);
  expect(await db.selectFrom('mailbox_names').selectAll().execute()).toEqual([{ address: nir, mailbox_id: mailboxId }]);
  expect(await db.selectFrom('mailboxes').select('address').execute()).toHaveLength(2);
});

test('a mailbox asked for at the address that another is leaving at this instant is the one that leaves', async () => {
  const { db, mailbox } = await mailboxWorld();
  for (let round = 0; round < 10; round += 1) {
    const [from, to] = [addressOf(`avant${round}`), addressOf(`apres${round}`)];
    const { mailboxId } = await mailbox(`avant${round}`);
    const [renamed, made] = await Promise.all([
      db.transaction().execute((trx) => renameMailbox(trx, from, to)),
      createMailbox(db, from, 5, 'citizen'),
    ]);
    expect([renamed, made.mailboxId]).toEqual([true, mailboxId]);
  }
  expect(await recount(db)).toEqual([]);
});

test('letters and mailboxes of before the migration are kept', async () => {
  const [first] = Object.entries(mailboxesMigrations.migrations);
  const { db, close } = await createTestDatabase([{ owner: 'mailboxes', migrations: Object.fromEntries(first ? [first] : []) }], 2);
  try {
    await db
      .insertInto('mailboxes')
      .values({ address: addressOf('ancien'), quota_bytes: 5, used_bytes: 0 } as never)
      .execute();
    await migrateAll(db, [mailboxesMigrations]);
    expect(await db.selectFrom('mailboxes').select(['holder', 'receipts']).execute()).toEqual([
      { holder: 'professional', receipts: 'ask' },
    ]);
    expect(await findFolder(db, 1, blockedPatientsFolder)).toBeUndefined();
  } finally {
    await close();
  }
});
