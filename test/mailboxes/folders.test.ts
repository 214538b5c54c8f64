// Folders: names, creation, removal, renaming, subscriptions. RFC 9051 §5.1 and §6.3.4 to §6.3.9.
import { describe, expect, test } from 'vitest';
import { canonicalFolderName } from '../../mailboxes/folder-names.ts';
import {
  createFolder,
  deleteFolder,
  findFolder,
  listFolders,
  listSubscriptions,
  renameFolder,
  setSubscribed,
} from '../../mailboxes/folders.ts';
import { createMailbox, findMailboxes } from '../../mailboxes/mailbox.ts';
import { changesSince, openFolder } from '../../mailboxes/read-messages.ts';
import { recount } from '../../mailboxes/recount.ts';
import { until } from '../support/until.ts';
import { mailboxWorld } from './mailbox-world.ts';

describe('a folder name has one spelling', () => {
  test.each([
    ['inbox', 'INBOX'],
    ['Inbox/Été', 'INBOX/Été'],
    ['Patients/', 'Patients'],
    ['E\u0301te\u0301', 'Été'],
    ['a & b ~ c', 'a & b ~ c'],
    ['Inboxes', 'Inboxes'],
  ])('%s is kept as %s', (text, name) => expect(canonicalFolderName(text)).toBe(name));

  test.each(
    [
      ['', '/', 'a//b', '/a', 'a/ /b', 'a\nb', 'a\0', 'a%', '*', '\ud800', 'a\u2028', 'x'.repeat(801), 'é'.repeat(401), 'a/'.repeat(21)],
    ].flat(),
  )('%j is refused', (text) => expect(canonicalFolderName(text)).toBeUndefined());
});

test('a new mailbox has INBOX and the special folders of RFC 6154, subscribed; making it twice changes nothing', async () => {
  const { db, mailbox } = await mailboxWorld();
  const [lea, again] = await Promise.all([mailbox('lea', 1000), mailbox('lea', 1000)]);
  expect(again).toEqual(lea);
  const folders = await listFolders(db, lea.mailboxId);
  expect(folders.map((folder) => [folder.name, folder.specialUse])).toEqual([
    ['Archive', 'Archive'],
    ['Drafts', 'Drafts'],
    ['INBOX', null],
    ['Sent', 'Sent'],
    ['Trash', 'Trash'],
  ]);
  expect(await listSubscriptions(db, lea.mailboxId)).toEqual(folders.map((folder) => folder.name));
  expect((await createMailbox(db, lea.address, 5, 'citizen')).quotaBytes).toBe(1000);
  const found = await findMailboxes(db, [lea.address, 'nobody@mssante.example' as never]);
  expect([...found.keys()]).toEqual([lea.address]);
  expect(found.get(lea.address)?.inboxId).toBe(folders.find((folder) => folder.name === 'INBOX')?.folderId);
});

test('creating makes the missing folders above; INBOX exists in any case', async () => {
  const { db, mailbox } = await mailboxWorld();
  const { mailboxId } = await mailbox('lea');
  expect(await createFolder(db, mailboxId, 'Patients/2026/Novembre/')).toBe('created');
  expect(await createFolder(db, mailboxId, 'Patients/2026')).toBe('exists');
  expect(await createFolder(db, mailboxId, 'iNbOx')).toBe('exists');
  expect(await createFolder(db, mailboxId, 'a//b')).toBe('invalid');
  expect(await createFolder(db, mailboxId, 'Indésirables', 'Junk')).toBe('created');
  expect((await findFolder(db, mailboxId, 'Patients'))?.name).toBe('Patients');
  const validities = (await listFolders(db, mailboxId)).map((folder) => folder.uidValidity);
  expect(new Set(validities).size).toBe(validities.length);
});

test('a name made again has a UIDVALIDITY of its own, greater than before', async () => {
  const { db, mailbox, wakeups } = await mailboxWorld();
  const { mailboxId } = await mailbox('lea');
  let last = 0;
  for (let round = 0; round < 5; round += 1) {
    await createFolder(db, mailboxId, 'Essai');
    const uidValidity = (await findFolder(db, mailboxId, 'Essai'))?.uidValidity ?? 0;
    expect(uidValidity).toBeGreaterThan(last);
    last = uidValidity;
    expect(await deleteFolder(db, wakeups, mailboxId, 'Essai')).toBe('deleted');
  }
});

test('deleting frees the quota and tells open sessions; INBOX and parents stay', async () => {
  const { db, mailbox, folder, append, wakeups } = await mailboxWorld();
  const lea = await mailbox('lea');
  await createFolder(db, lea.mailboxId, 'A/B');
  const { folderId } = await folder(lea, 'A/B');
  await append(lea, { folderId });
  await append(lea, { folderId, flags: 1 });
  let woken = 0;
  wakeups.subscribe(folderId, () => {
    woken += 1;
  });
  expect(await deleteFolder(db, wakeups, lea.mailboxId, 'A')).toBe('has-children');
  expect(await deleteFolder(db, wakeups, lea.mailboxId, 'inbox')).toBe('protected');
  expect(await deleteFolder(db, wakeups, lea.mailboxId, 'Z')).toBe('absent');
  expect(await deleteFolder(db, wakeups, lea.mailboxId, 'A/B')).toBe('deleted');
  await until('the session is woken', () => woken === 1);
  expect(await changesSince(db, lea.mailboxId, folderId, 1)).toBe('folder-gone');
  expect(await openFolder(db, lea.mailboxId, folderId)).toBeUndefined();
  expect((await findMailboxes(db, [lea.address])).get(lea.address)?.usedBytes).toBe(0);
  expect(await db.selectFrom('letters').selectAll().execute()).toEqual([]);
  expect(await recount(db)).toEqual([]);
});

test('renaming takes the children along and keeps UIDVALIDITY; missing folders above are made', async () => {
  const { db, mailbox, folder, wakeups } = await mailboxWorld();
  const lea = await mailbox('lea');
  await createFolder(db, lea.mailboxId, 'A/B/C');
  await createFolder(db, lea.mailboxId, 'AB');
  const before = await folder(lea, 'A/B/C');
  expect(await renameFolder(db, wakeups, lea.mailboxId, 'A', 'Z/Y')).toBe('renamed');
  expect((await folder(lea, 'Z/Y/B/C')).uidValidity).toBe(before.uidValidity);
  expect((await listFolders(db, lea.mailboxId)).map((one) => one.name)).toEqual([
    'AB',
    'Archive',
    'Drafts',
    'INBOX',
    'Sent',
    'Trash',
    'Z',
    'Z/Y',
    'Z/Y/B',
    'Z/Y/B/C',
  ]);
  expect(await renameFolder(db, wakeups, lea.mailboxId, 'A', 'Q')).toBe('absent');
  expect(await renameFolder(db, wakeups, lea.mailboxId, 'AB', 'Sent')).toBe('exists');
  expect(await renameFolder(db, wakeups, lea.mailboxId, 'Z', 'Z/Y/B/D')).toBe('invalid');
  expect(await renameFolder(db, wakeups, lea.mailboxId, 'Z', 'x/'.repeat(18))).toBe('invalid');
  expect(await renameFolder(db, wakeups, lea.mailboxId, 'Z', 'a*')).toBe('invalid');
});

test('RFC 9051 §6.3.6: renaming INBOX moves its messages to a new folder and leaves it there, with its children', async () => {
  const { db, mailbox, folder, append, wakeups } = await mailboxWorld();
  const lea = await mailbox('lea');
  await createFolder(db, lea.mailboxId, 'INBOX/Tri');
  await append(lea);
  await append(lea, { flags: 1, keywords: ['vu'] });
  const before = await folder(lea, 'INBOX');
  expect(await renameFolder(db, wakeups, lea.mailboxId, 'inbox', 'Ancien/2026')).toBe('renamed');
  const [inbox, moved] = [await folder(lea, 'INBOX'), await folder(lea, 'Ancien/2026')];
  expect(inbox).toMatchObject({ folderId: before.folderId, uidValidity: before.uidValidity, uidNext: 3, messages: 0, unseen: 0 });
  expect((await openFolder(db, lea.mailboxId, moved.folderId))?.messages).toEqual([
    { uid: 1, flags: 0, keywords: [] },
    { uid: 2, flags: 1, keywords: ['vu'] },
  ]);
  expect(await changesSince(db, lea.mailboxId, inbox.folderId, before.highestModseq)).toMatchObject({ changed: [], expunged: [1, 2] });
  expect((await folder(lea, 'INBOX/Tri')).messages).toBe(0);
  expect(await renameFolder(db, wakeups, lea.mailboxId, 'INBOX', 'Sent')).toBe('exists');
  expect(await recount(db)).toEqual([]);
});

test('RFC 9051 §6.3.7: a subscription outlives its folder', async () => {
  const { db, mailbox, wakeups } = await mailboxWorld();
  const { mailboxId } = await mailbox('lea');
  expect(await setSubscribed(db, mailboxId, 'Futur', true)).toBe(true);
  expect(await setSubscribed(db, mailboxId, 'Futur', true)).toBe(true);
  await setSubscribed(db, mailboxId, 'inbox', false);
  await deleteFolder(db, wakeups, mailboxId, 'Trash');
  expect(await listSubscriptions(db, mailboxId)).toEqual(['Archive', 'Drafts', 'Futur', 'Sent', 'Trash']);
  expect(await setSubscribed(db, mailboxId, 'a//b', true)).toBe(false);
});
