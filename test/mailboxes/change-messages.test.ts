// Flags, copies, moves and expunges, as one open session makes them and another sees them.
import { describe, expect, test } from 'vitest';
import { copyMessages, moveMessages } from '../../mailboxes/copy-messages.ts';
import { expungeMessages } from '../../mailboxes/expunge.ts';
import { SystemFlag, storeFlags } from '../../mailboxes/flags.ts';
import { findMailboxes } from '../../mailboxes/mailbox.ts';
import { changesSince, fetchMessages, openFolder } from '../../mailboxes/read-messages.ts';
import { recount } from '../../mailboxes/recount.ts';
import { RefusedError } from '../../src/core/errors.ts';
import { mailboxWorld } from './mailbox-world.ts';

const { Seen, Deleted, Flagged } = SystemFlag;

async function openInbox(quotaBytes?: number) {
  const world = await mailboxWorld();
  const lea = await world.mailbox('lea', quotaBytes);
  const inbox = await world.folder(lea, 'INBOX');
  return { ...world, lea, mailboxId: lea.mailboxId, inboxId: inbox.folderId, trash: (await world.folder(lea, 'Trash')).folderId };
}

describe('RFC 9051 §6.4.6: STORE', () => {
  test('adds, removes and replaces; only what changes has a new MODSEQ', async () => {
    const { db, wakeups, append, lea, mailboxId, inboxId, folder } = await openInbox();
    const [one, two] = [await append(lea, { keywords: ['Urgent'] }), await append(lea, { flags: Seen })];
    const added = await storeFlags(db, wakeups, mailboxId, inboxId, [2, 1, 77], { mode: 'add', flags: Seen, keywords: [] });
    expect(added).toEqual([
      { uid: 1, flags: Seen, keywords: ['Urgent'], modseq: two.modseq + 1 },
      { uid: 2, flags: Seen, keywords: [], modseq: two.modseq },
    ]);
    expect(await folder(lea, 'INBOX')).toMatchObject({ unseen: 0, highestModseq: two.modseq + 1 });
    await storeFlags(db, wakeups, mailboxId, inboxId, [1], { mode: 'add', flags: Flagged, keywords: ['urgent', 'a', 'A'] });
    const [first] = await storeFlags(db, wakeups, mailboxId, inboxId, [1], { mode: 'remove', flags: Seen, keywords: ['URGENT'] });
    expect(first).toMatchObject({ flags: Flagged, keywords: ['a'] });
    const replaced = await storeFlags(db, wakeups, mailboxId, inboxId, [1, 2], { mode: 'replace', flags: Seen, keywords: ['z', 'y'] });
    expect(replaced.map(({ flags, keywords }) => [flags, keywords])).toEqual([
      [Seen, ['y', 'z']],
      [Seen, ['y', 'z']],
    ]);
    expect(one.modseq).toBeLessThan(two.modseq);
    expect(await recount(db)).toEqual([]);
  });

  test('asking for what is already so changes nothing and wakes nobody', async () => {
    const { db, wakeups, append, lea, mailboxId, inboxId, folder } = await openInbox();
    await append(lea, { flags: Seen });
    const before = await folder(lea, 'INBOX');
    const published: unknown[] = [];
    wakeups.forward((ids) => published.push(ids));
    await storeFlags(db, wakeups, mailboxId, inboxId, [1], { mode: 'add', flags: Seen, keywords: [] });
    await storeFlags(db, wakeups, mailboxId, inboxId, [5], { mode: 'add', flags: Flagged, keywords: [] });
    expect(await storeFlags(db, wakeups, mailboxId, 987, [1], { mode: 'add', flags: Flagged, keywords: [] })).toEqual([]);
    expect(await folder(lea, 'INBOX')).toEqual(before);
    expect(published).toEqual([]);
  });

  test('a message carries a hundred keywords at most', async () => {
    const { db, wakeups, append, lea, mailboxId, inboxId } = await openInbox();
    await append(lea);
    const keywords = Array.from({ length: 101 }, (_, at) => `k${at}`);
    await expect(storeFlags(db, wakeups, mailboxId, inboxId, [1], { mode: 'add', flags: 0, keywords })).rejects.toThrow(RefusedError);
    expect(await storeFlags(db, wakeups, mailboxId, inboxId, [1], { mode: 'add', flags: 0, keywords: keywords.slice(1) })).toHaveLength(1);
  });
});

describe('COPY and MOVE', () => {
  test('RFC 4315: the pairs say which UID became which; flags, keywords, date and bytes follow', async () => {
    const { db, wakeups, append, lea, mailboxId, inboxId, trash } = await openInbox();
    await append(lea, { flags: Seen, keywords: ['k'], internalDate: new Date('2020-02-03T04:05:06Z') });
    await append(lea);
    const copied = await copyMessages(db, wakeups, mailboxId, inboxId, trash, [2, 1, 99]);
    expect(copied).toMatchObject({
      pairs: [
        { from: 1, to: 1 },
        { from: 2, to: 2 },
      ],
    });
    const [original] = await fetchMessages(db, mailboxId, inboxId, [1], { letter: true });
    const [copy] = await fetchMessages(db, mailboxId, trash, [1], { letter: true });
    expect({ ...copy, modseq: 0 }).toEqual({ ...original, modseq: 0 });
    expect(await db.selectFrom('letters').select('letter_id').execute()).toHaveLength(2);
    expect(await recount(db)).toEqual([]);
  });

  test('a copy takes room: all of it or nothing', async () => {
    const { db, wakeups, append, lea, mailboxId, inboxId, trash } = await openInbox(1000);
    for (let n = 0; n < 3; n += 1) await append(lea);
    expect(await copyMessages(db, wakeups, mailboxId, inboxId, trash, [1, 2, 3])).toBe('over-quota');
    expect((await openFolder(db, mailboxId, trash))?.messages).toEqual([]);
    expect(await copyMessages(db, wakeups, mailboxId, inboxId, trash, [1])).toMatchObject({ pairs: [{ from: 1, to: 1 }] });
    expect(await copyMessages(db, wakeups, mailboxId, inboxId, 424242, [1])).toBe('no-folder');
    expect(await moveMessages(db, wakeups, mailboxId, 424242, trash, [1])).toBe('no-folder');
    expect(await recount(db)).toEqual([]);
  });

  test('RFC 6851: moving is copying and expunging at one instant, even within a folder', async () => {
    const { db, wakeups, append, lea, mailboxId, inboxId, trash, folder } = await openInbox();
    for (let n = 0; n < 4; n += 1) await append(lea);
    const before = await folder(lea, 'INBOX');
    expect(await moveMessages(db, wakeups, mailboxId, inboxId, trash, [4, 2])).toMatchObject({
      pairs: [
        { from: 2, to: 1 },
        { from: 4, to: 2 },
      ],
    });
    expect(await changesSince(db, mailboxId, inboxId, before.highestModseq)).toMatchObject({ changed: [], expunged: [2, 4], uidNext: 5 });
    expect(await moveMessages(db, wakeups, mailboxId, inboxId, inboxId, [1])).toMatchObject({ pairs: [{ from: 1, to: 5 }] });
    expect(await moveMessages(db, wakeups, mailboxId, inboxId, trash, [1])).toMatchObject({ pairs: [] });
    expect((await openFolder(db, mailboxId, inboxId))?.messages.map((one) => one.uid)).toEqual([3, 5]);
    expect(await recount(db)).toEqual([]);
  });
});

describe('EXPUNGE', () => {
  test('removes what carries \\Deleted, all or among those named, and frees room and letters', async () => {
    const { db, wakeups, append, lea, mailboxId, inboxId, trash } = await openInbox();
    for (let n = 0; n < 5; n += 1) await append(lea, { flags: n < 3 ? Deleted | Seen : 0 });
    await copyMessages(db, wakeups, mailboxId, inboxId, trash, [1]);
    const first = await expungeMessages(db, wakeups, mailboxId, inboxId, [2, 5]);
    expect(first.map((one) => one.uid)).toEqual([2]);
    const rest = await expungeMessages(db, wakeups, mailboxId, inboxId, 'all-deleted');
    expect(rest.map((one) => one.uid)).toEqual([1, 3]);
    expect(await expungeMessages(db, wakeups, mailboxId, inboxId, 'all-deleted')).toEqual([]);
    const modseq = first[0]?.modseq ?? 0;
    expect(await changesSince(db, mailboxId, inboxId, modseq - 1)).toMatchObject({ expunged: [1, 2, 3], highestModseq: modseq + 1 });
    expect(await changesSince(db, mailboxId, inboxId, modseq)).toMatchObject({ expunged: [1, 3] });
    // The first letter still stands in the other folder.
    expect(await db.selectFrom('letters').select('letter_id').execute()).toHaveLength(3);
    expect(await recount(db)).toEqual([]);
    await expungeMessages(db, wakeups, mailboxId, trash, 'all-deleted');
    const left = await fetchMessages(db, mailboxId, inboxId, [4, 5], {});
    const used = (await findMailboxes(db, [lea.address])).get(lea.address)?.usedBytes;
    expect(used).toBe(left.reduce((sum, one) => sum + one.sizeBytes, 0));
  });
});
