// What stored mail tells of what people do: a letter read that asked for a receipt, senders blocked and unblocked by moving letters.
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { copyMessages, moveMessages } from '../../mailboxes/copy-messages.ts';
import { expungeMessages } from '../../mailboxes/expunge.ts';
import { type FlagChange, SystemFlag, storeFlags } from '../../mailboxes/flags.ts';
import { blockedPatientsFolder } from '../../mailboxes/folder-names.ts';
import { createFolder, deleteFolder } from '../../mailboxes/folders.ts';
import { renameMailbox } from '../../mailboxes/mailbox.ts';
import { type MessageEvent, takeMessageEvents } from '../../mailboxes/message-events.ts';
import { readLetterForReceipt } from '../../mailboxes/read-messages.ts';
import { recount } from '../../mailboxes/recount.ts';
import type { Db } from '../../src/database/tables.ts';
import { until } from '../support/until.ts';
import { addressOf, mailboxWorld, sampleLetter } from './mailbox-world.ts';

const { Seen, Flagged, Deleted } = SystemFlag;
const doctor = addressOf('docteur');
const seen: FlagChange = { mode: 'add', flags: Seen, keywords: [] };
const unseen: FlagChange = { mode: 'remove', flags: Seen, keywords: [] };

const takeAll = (db: Db): Promise<MessageEvent[]> => db.transaction().execute((trx) => takeMessageEvents(trx, 1000));
const inShort = (events: readonly MessageEvent[]): string[] =>
  events.map((one) => `${one.kind} ${one.kind === 'read' ? one.receiptTo : one.sender}`);

async function citizenWorld(poolSize?: number) {
  const world = await mailboxWorld(poolSize);
  const citizen = await world.mailbox('patient');
  const archive = (await world.folder(citizen, 'Archive')).folderId;
  const store = (uids: number[], change: FlagChange, folderId = citizen.inboxId) =>
    storeFlags(world.db, world.wakeups, citizen.mailboxId, folderId, uids, change);
  return { ...world, citizen, archive, store, events: async () => inShort(await takeAll(world.db)) };
}

async function doctorWorld() {
  const world = await mailboxWorld();
  const box = await world.mailbox('docteur', undefined, 'professional');
  const { mailboxId, inboxId } = box;
  const blocked = (await world.folder(box, blockedPatientsFolder)).folderId;
  const trash = (await world.folder(box, 'Trash')).folderId;
  const { db, wakeups } = world;
  return {
    ...world,
    box,
    blocked,
    trash,
    inboxId,
    receive: (sender: string) => world.append(box, { sender: addressOf(sender) }),
    move: (from: number, to: number, ...uids: number[]) => moveMessages(db, wakeups, mailboxId, from, to, uids),
    copy: (from: number, to: number, ...uids: number[]) => copyMessages(db, wakeups, mailboxId, from, to, uids),
    remove: async (folderId: number, ...uids: number[]) => {
      await storeFlags(db, wakeups, mailboxId, folderId, uids, { mode: 'add', flags: Deleted, keywords: [] });
      await expungeMessages(db, wakeups, mailboxId, folderId, 'all-deleted');
    },
    events: async () => inShort(await takeAll(db)),
  };
}

describe('a letter that asked for a receipt', () => {
  test('requirement 43: is told read at its first \\Seen, with what the receipt needs', async () => {
    const { db, store, append, citizen } = await citizenWorld();
    const before = new Date();
    const text = sampleLetter('analyses');
    const { letterId } = await append(citizen, { sender: doctor, receiptTo: doctor, text, prefix: 'Return-Path: <>\r\n' });
    await store([1], seen);
    const [event, ...others] = await takeAll(db);
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      kind: 'read',
      mailboxAddress: citizen.address,
      mailboxId: citizen.mailboxId,
      letterId,
      messageId: '<analyses@mssante.example>',
      receiptTo: doctor,
    });
    expect(Math.abs(Number(event?.at) - before.getTime())).toBeLessThan(60_000);
    const letter = await readLetterForReceipt(db, citizen.mailboxId, letterId);
    expect(letter).toMatchObject({ messageId: '<analyses@mssante.example>', sizeBytes: 17 + text.length });
    expect(letter?.prefix.toString()).toBe('Return-Path: <>\r\n');
    expect(letter?.bodyStart).toBe(17 + text.indexOf('Bonjour'));
    expect(letter?.blob.size_bytes).toBe(text.length);
    expect(await recount(db)).toEqual([]);
  });

  test('requirement 43: once, whatever is done to \\Seen afterwards', async () => {
    const { store, append, citizen, events } = await citizenWorld();
    await append(citizen, { receiptTo: doctor });
    await store([1], { mode: 'replace', flags: Seen | Flagged, keywords: ['$MDNSent'] });
    expect(await events()).toEqual([`read ${doctor}`]);
    await store([1], unseen);
    await store([1], seen);
    await store([1], { mode: 'replace', flags: 0, keywords: [] });
    await store([1], { mode: 'replace', flags: Seen, keywords: [] });
    expect(await events()).toEqual([]);
  });

  test('requirement 43: once for all its copies, and moving it changes nothing', async () => {
    const { db, wakeups, store, append, citizen, archive, events } = await citizenWorld();
    await append(citizen, { receiptTo: doctor });
    await copyMessages(db, wakeups, citizen.mailboxId, citizen.inboxId, archive, [1]);
    await copyMessages(db, wakeups, citizen.mailboxId, citizen.inboxId, citizen.inboxId, [1]);
    await moveMessages(db, wakeups, citizen.mailboxId, citizen.inboxId, archive, [1]);
    expect(await events()).toEqual([]);
    await store([1, 2], seen, archive);
    await store([2], seen);
    expect(await events()).toEqual([`read ${doctor}`]);
    expect(await recount(db)).toEqual([]);
  });

  test('requirement 43: once, when many sessions mark it read at one instant', async () => {
    const { store, append, citizen, events } = await citizenWorld(10);
    for (let round = 1; round <= 10; round += 1) {
      await append(citizen, { receiptTo: doctor });
      await Promise.all(
        Array.from({ length: 10 }, (_, at) => store([round], at % 2 ? seen : { mode: 'replace', flags: Seen, keywords: [`k${at}`] })),
      );
      expect(await events()).toEqual([`read ${doctor}`]);
    }
  });

  test('requirement 45: nothing is told of letters that asked for none, of other flags, of letters removed unread or placed read', async () => {
    const { db, wakeups, store, append, citizen, events } = await citizenWorld();
    await append(citizen, { sender: doctor });
    await append(citizen, { receiptTo: doctor });
    await append(citizen, { receiptTo: doctor, flags: Seen });
    await store([1, 3], seen);
    await store([2], { mode: 'add', flags: Deleted | Flagged, keywords: [] });
    await store([2, 3], unseen);
    await store([3], seen);
    await expungeMessages(db, wakeups, citizen.mailboxId, citizen.inboxId, 'all-deleted');
    expect(await events()).toEqual([]);
    expect(await recount(db)).toEqual([]);
  });

  test('is still told when it has been removed since, under the address its mailbox has by then', async () => {
    const { db, wakeups, store, append, citizen } = await citizenWorld();
    const { letterId } = await append(citizen, { receiptTo: doctor });
    await store([1], { mode: 'add', flags: Seen | Deleted, keywords: [] });
    await expungeMessages(db, wakeups, citizen.mailboxId, citizen.inboxId, 'all-deleted');
    await db.transaction().execute((trx) => renameMailbox(trx, citizen.address, addressOf('nouveau')));
    expect(await takeAll(db)).toMatchObject([{ kind: 'read', mailboxAddress: addressOf('nouveau'), letterId }]);
    expect(await readLetterForReceipt(db, citizen.mailboxId, letterId)).toBeUndefined();
  });
});

describe('the folder of blocked patients', () => {
  test('requirement 33: a letter moved or copied there tells of its sender, once for each of them', async () => {
    const { receive, move, copy, events, inboxId, blocked, append, box } = await doctorWorld();
    await receive('ruth');
    await receive('ruth');
    await receive('jean');
    await append(box); // of no sender, as a client appends it
    await move(inboxId, blocked, 1, 2, 4);
    expect(await events()).toEqual([`filed ${addressOf('ruth')}`]);
    await copy(inboxId, blocked, 3);
    expect(await events()).toEqual([`filed ${addressOf('jean')}`]);
    await copy(blocked, blocked, 1);
    await move(blocked, blocked, 2);
    expect(await events()).toEqual([]);
  });

  test('requirement 33: only the last letter of a sender to leave lifts the block', async () => {
    const { receive, move, copy, events, inboxId, blocked, trash } = await doctorWorld();
    for (const sender of ['ruth', 'ruth', 'jean']) await receive(sender);
    await move(inboxId, blocked, 1, 2, 3);
    await events();
    await copy(blocked, inboxId, 1, 2, 3);
    await move(blocked, inboxId, 1);
    expect(await events()).toEqual([]);
    await move(blocked, trash, 2, 3);
    expect((await events()).sort()).toEqual([`unfiled ${addressOf('jean')}`, `unfiled ${addressOf('ruth')}`]);
  });

  test('requirement 33: deleting the last letter lifts the block, deleting it elsewhere does not', async () => {
    const { db, receive, copy, remove, events, inboxId, blocked } = await doctorWorld();
    await receive('ruth');
    await copy(inboxId, blocked, 1);
    await copy(blocked, blocked, 1);
    await remove(inboxId, 1);
    await remove(blocked, 1);
    expect(await events()).toEqual([`filed ${addressOf('ruth')}`]);
    await remove(blocked, 2);
    expect(await events()).toEqual([`unfiled ${addressOf('ruth')}`]);
    expect(await db.selectFrom('letters').selectAll().execute()).toEqual([]);
    expect(await recount(db)).toEqual([]);
  });

  test('a folder of that name which a citizen made blocks nobody', async () => {
    const { db, wakeups, append, citizen, folder, events } = await citizenWorld();
    expect(await createFolder(db, citizen.mailboxId, blockedPatientsFolder)).toBe('created');
    await append(citizen, { sender: doctor });
    const target = (await folder(citizen, blockedPatientsFolder)).folderId;
    await moveMessages(db, wakeups, citizen.mailboxId, citizen.inboxId, target, [1]);
    expect(await events()).toEqual([]);
    expect(await deleteFolder(db, wakeups, citizen.mailboxId, blockedPatientsFolder)).toBe('deleted');
  });
});

describe('taking events', () => {
  test('a transaction that fails leaves them to the next one, in their order', async () => {
    const { db, receive, move, events, inboxId, blocked } = await doctorWorld();
    await receive('ruth');
    await move(inboxId, blocked, 1);
    await move(blocked, inboxId, 1);
    await move(inboxId, blocked, 2);
    const failing = db.transaction().execute(async (trx) => {
      expect(await takeMessageEvents(trx, 2)).toHaveLength(2);
      throw new Error('The work failed');
    });
    await expect(failing).rejects.toThrow('The work failed');
    expect(await events()).toEqual(['filed', 'unfiled', 'filed'].map((kind) => `${kind} ${addressOf('ruth')}`));
    expect(await events()).toEqual([]);
  });

  test('two who take at once have each event once, the later ones after the earlier are acted on', async () => {
    const { db, receive, move, inboxId, blocked } = await doctorWorld();
    await receive('ruth');
    await move(inboxId, blocked, 1);
    await move(blocked, inboxId, 1);
    const acted: string[] = [];
    let commit = () => {};
    const mayCommit = new Promise<void>((resolve) => {
      commit = resolve;
    });
    let hasTaken = () => {};
    const taken = new Promise<void>((resolve) => {
      hasTaken = resolve;
    });
    const first = db.transaction().execute(async (trx) => {
      acted.push(...inShort(await takeMessageEvents(trx, 1)));
      hasTaken();
      await mayCommit;
    });
    await taken;
    const second = takeAll(db).then((events) => acted.push(...inShort(events)));
    await until('the second waits', async () => {
      const { rows } = await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
      return rows.length > 0;
    });
    commit();
    await Promise.all([first, second]);
    expect(acted).toEqual([`filed ${addressOf('ruth')}`, `unfiled ${addressOf('ruth')}`]);
  });
});
