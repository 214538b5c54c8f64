// What people do in their mail program acts on the gateway: reading a letter sends its receipt, moving a citizen's letter to the folder
// « Patients bloqués » blocks them, moving it out lifts the block.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { moveMessages } from '../../mailboxes/copy-messages.ts';
import { SystemFlag, storeFlags } from '../../mailboxes/flags.ts';
import { blockedPatientsFolder } from '../../mailboxes/folder-names.ts';
import { findFolder } from '../../mailboxes/folders.ts';
import { renameMailbox } from '../../mailboxes/mailbox.ts';
import { actOnMessageEvents } from '../../src/delivery/act-on-events.ts';
import { receiptPayload } from '../../src/delivery/automatic-letters.ts';
import { readCourse } from '../../src/delivery/ledger.ts';
import { address } from '../support/address.ts';
import { letter, openTown, people } from '../support/one-path.ts';

let town: Awaited<ReturnType<typeof openTown>>;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());

const { doctor, colleague, citizen, neighbour, pharmacy } = people;
const act = () => actOnMessageEvents(town.db, 'patient.mssante.fr', new Date());

async function folderOf(owner: typeof doctor, name: string) {
  const mailboxId = town.accounts.get(owner) ?? 0;
  const folder = await findFolder(town.db, mailboxId, name);
  if (!folder) throw new Error(`No folder ${name}`);
  return { mailboxId, folderId: folder.folderId };
}

async function move(owner: typeof doctor, from: string, to: string, uids: number[]) {
  const [left, entered] = [await folderOf(owner, from), await folderOf(owner, to)];
  const moved = await moveMessages(town.db, town.wakeups, left.mailboxId, left.folderId, entered.folderId, uids);
  if (typeof moved !== 'object') throw new Error('Not moved');
  return moved.pairs.map((pair) => pair.to);
}

async function read(owner: typeof doctor, uids: number[]) {
  const { mailboxId, folderId } = await folderOf(owner, 'INBOX');
  await storeFlags(town.db, town.wakeups, mailboxId, folderId, uids, { mode: 'add', flags: SystemFlag.Seen, keywords: [] });
}

describe('requirement 43: receipts', () => {
  test('the first reading owes one receipt, and the ledger knows at once', async () => {
    const text = letter(doctor, `Disposition-Notification-To: <${doctor}>\r\n`);
    await town.send(doctor, [citizen, neighbour], text);
    const uid = (await town.inbox(citizen)).at(-1)?.uid ?? 0;
    expect(await act()).toBe(false);
    expect(await town.owed('send-receipt')).toEqual([]);

    await read(citizen, [uid]);
    await Promise.all([act(), act()]);
    await read(citizen, [uid]);
    await act();
    expect(receiptPayload.safeParse((await town.owed('send-receipt'))[0]).error).toBeUndefined();
    expect(await town.owed('send-receipt')).toMatchObject([{ to: doctor, mailboxAddress: citizen, messageId: messageIdOf(text) }]);
    const course = await readCourse(town.db, { messageId: messageIdOf(text) });
    expect(course.map(({ recipient, state }) => [recipient, state])).toEqual([
      [neighbour, 'delivered'],
      [citizen, 'read'],
    ]);
  });
});

test('requirement 46: a letter sent to a citizen’s former address is known to be read at the new one', async () => {
  const renamed = address('277076322082910.nouveau@patient.mssante.fr');
  const text = letter(doctor, `Disposition-Notification-To: <${doctor}>\r\n`);
  await town.send(doctor, [neighbour], text);
  await town.db.transaction().execute((trx) => renameMailbox(trx, neighbour, renamed));
  await read(neighbour, [(await town.inbox(neighbour)).at(-1)?.uid ?? 0]);
  await act();
  expect((await town.owed('send-receipt')).at(-1)).toMatchObject({ to: doctor, mailboxAddress: renamed });
  expect(await readCourse(town.db, { messageId: messageIdOf(text) })).toMatchObject([{ recipient: neighbour, state: 'read' }]);
  await town.db.transaction().execute((trx) => renameMailbox(trx, renamed, neighbour));
});

describe('requirement 33: the folder of blocked patients', () => {
  const mayWrite = async (from: typeof doctor, to: typeof doctor) => (await town.path.judgeRecipient(town.arrivalFrom(from), to)).do;

  beforeEach(async () => {
    await town.send(doctor, [citizen, neighbour], letter(doctor));
    await town.send(colleague, [citizen], letter(colleague));
  });

  test('a citizen’s letter moved there blocks its sender, moved out lifts the block', async () => {
    await town.send(citizen, [doctor], letter(citizen));
    const [uid = 0] = await move(doctor, 'INBOX', blockedPatientsFolder, [(await town.inbox(doctor)).at(-1)?.uid ?? 0]);
    await act();
    expect([await mayWrite(citizen, doctor), await mayWrite(neighbour, doctor), await mayWrite(citizen, colleague)]).toEqual([
      'refuse',
      'accept',
      'accept',
    ]);
    await move(doctor, blockedPatientsFolder, 'INBOX', [uid]);
    await act();
    expect(await mayWrite(citizen, doctor)).toBe('accept');
  });

  test('moved in and out before anybody acted, the last move counts', async () => {
    await town.send(citizen, [doctor], letter(citizen));
    const inbox = (await town.inbox(doctor)).at(-1)?.uid ?? 0;
    const [inside = 0] = await move(doctor, 'INBOX', blockedPatientsFolder, [inbox]);
    const [outside = 0] = await move(doctor, blockedPatientsFolder, 'INBOX', [inside]);
    await act();
    expect(await mayWrite(citizen, doctor)).toBe('accept');
    await move(doctor, 'INBOX', blockedPatientsFolder, [outside]);
    await act();
    expect(await mayWrite(citizen, doctor)).toBe('refuse');
  });

  test('a colleague’s letter moved there blocks nobody', async () => {
    await town.send(pharmacy, [doctor], letter(pharmacy));
    await move(doctor, 'INBOX', blockedPatientsFolder, [(await town.inbox(doctor)).at(-1)?.uid ?? 0]);
    await act();
    expect(await mayWrite(pharmacy, doctor)).toBe('accept');
  });
});

const messageIdOf = (text: string) => /^Message-ID: (.*)\r$/m.exec(text)?.[1] ?? '';
