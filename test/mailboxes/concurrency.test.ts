// Many sessions change the same mailboxes at once, from several connections: nothing is lost, nothing is counted twice,
// no UID is given twice, nothing is told twice, and nobody is answered with a deadlock.
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { copyMessages, moveMessages } from '../../mailboxes/copy-messages.ts';
import { expungeMessages } from '../../mailboxes/expunge.ts';
import { SystemFlag, storeFlags } from '../../mailboxes/flags.ts';
import { blockedPatientsFolder } from '../../mailboxes/folder-names.ts';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { takeMessageEvents } from '../../mailboxes/message-events.ts';
import { placeLetters } from '../../mailboxes/place-letters.ts';
import { changesSince, openFolder } from '../../mailboxes/read-messages.ts';
import { recount } from '../../mailboxes/recount.ts';
import { until } from '../support/until.ts';
import { addressOf, mailboxWorld } from './mailbox-world.ts';

test('requirements 33 and 43: parallel deliveries, copies, moves, flags and expunges leave the mailboxes equal to a recount, and to what was told', async () => {
  const { db, wakeups, mailbox, folder, letter } = await mailboxWorld(12);
  const boxes = await Promise.all(['a', 'b', 'c'].map((name) => mailbox(name, undefined, 'professional')));
  const folders = await Promise.all(
    boxes.map(async (box) => [await folder(box, 'INBOX'), await folder(box, blockedPatientsFolder)] as const),
  );
  const seenUids = new Map<number, number[]>();
  let delivered = 0;
  const problems: unknown[] = [];

  // What a session sees while the others work: the change log never goes back and never skips a message that is there.
  const watch = async (mailboxId: number, folderId: number, stop: () => boolean): Promise<void> => {
    let known = 0;
    const view = new Set<number>();
    const look = async () => {
      const changes = await changesSince(db, mailboxId, folderId, known);
      if (changes === 'folder-gone') throw new Error('The folder is gone');
      if (changes.highestModseq < known) problems.push('MODSEQ went back');
      for (const { uid } of changes.changed) view.add(uid);
      for (const uid of changes.expunged) view.delete(uid);
      known = changes.highestModseq;
    };
    while (!stop()) await look();
    await look();
    const open = await openFolder(db, mailboxId, folderId);
    if (JSON.stringify([...view].sort((x, y) => x - y)) !== JSON.stringify(open?.messages.map((one) => one.uid)))
      problems.push(`The log of ${folderId} lost something`);
  };

  // Every letter asks for a receipt, to an address of its own, and comes from one of three senders.
  const asking = () => {
    delivered += 1;
    return { sender: addressOf(`s${delivered % 3}`), receiptTo: addressOf(`r${delivered}`) };
  };

  const work = async (seed: number): Promise<void> => {
    for (let round = 0; round < 15; round += 1) {
      const dice = (seed * 7 + round * 5) % 6;
      const [box, pair] = [boxes[(seed + round) % 3], folders[(seed + round) % 3]];
      if (!box || !pair) throw new Error('No box');
      const [here, there] = round % 2 ? pair : [pair[1], pair[0]];
      const uids = (await openFolder(db, box.mailboxId, here.folderId))?.messages.map((one) => one.uid).slice(-6) ?? [];
      if (dice <= 1) {
        // The mailboxes in a different order each time: taken as asked they would be locked in rings.
        const letters = await Promise.all(
          Array.from({ length: 6 }, (_, at) => letter(boxes[(seed + at * (1 + (round % 2))) % 3] ?? box, asking())),
        );
        const placed = await inTransaction(db, (trx) => placeLetters(trx, letters));
        for (const one of placed) if (typeof one === 'object') seenUids.set(one.folderId, [...(seenUids.get(one.folderId) ?? []), one.uid]);
        wakeups.publish(placed.filter((one) => typeof one === 'object'));
      } else if (dice === 2) await copyMessages(db, wakeups, box.mailboxId, here.folderId, there.folderId, uids.slice(0, 3));
      else if (dice === 3) await moveMessages(db, wakeups, box.mailboxId, here.folderId, there.folderId, uids.slice(2));
      else if (dice === 4)
        await storeFlags(db, wakeups, box.mailboxId, here.folderId, uids, {
          mode: round % 3 ? 'add' : 'remove',
          flags: SystemFlag.Seen | (round % 4 ? SystemFlag.Deleted : 0),
          keywords: ['k'],
        });
      else await expungeMessages(db, wakeups, box.mailboxId, here.folderId, 'all-deleted');
    }
  };

  let done = false;
  const watchers = folders.flat().map((one) => watch(one.mailboxId, one.folderId, () => done));
  await Promise.all(Array.from({ length: 12 }, (_, seed) => work(seed)));
  done = true;
  await Promise.all(watchers);

  expect(problems).toEqual([]);
  expect(await recount(db)).toEqual([]);
  for (const uids of seenUids.values()) expect(new Set(uids).size).toBe(uids.length);
  expect([...seenUids.values()].flat().length).toBeGreaterThan(100);

  const told = await db.transaction().execute((trx) => takeMessageEvents(trx, 100_000));
  const read = told.flatMap((one) => (one.kind === 'read' ? one.receiptTo : []));
  expect(read.length).toBeGreaterThan(50);
  expect(new Set(read).size).toBe(read.length);
  // What was told last of a sender is how the folder stands.
  const blocked = new Set<string>();
  for (const one of told) {
    if (one.kind === 'filed') blocked.add(`${one.mailboxAddress} ${one.sender}`);
    if (one.kind === 'unfiled') expect(blocked.delete(`${one.mailboxAddress} ${one.sender}`)).toBe(true);
  }
  const { rows: standing } = await sql<{ pair: string }>`
    select distinct b.address || ' ' || l.sender as pair from messages m join folders f using (mailbox_id, folder_id)
    join letters l using (mailbox_id, letter_id) join mailboxes b using (mailbox_id) where f.role = 'blocked-patients'`.execute(db);
  expect([...blocked].sort()).toEqual(standing.map((row) => row.pair).sort());
});

test('a delivery that waits for a folder being deleted finds it gone, and its neighbours are placed', async () => {
  const { db, mailbox, folder, letter } = await mailboxWorld();
  const [lea, paul] = [await mailbox('lea'), await mailbox('paul')];
  const trash = await folder(lea, 'Trash');
  const letters = [await letter(lea, { folderId: trash.folderId }), await letter(paul)];
  let commit = () => {};
  const mayCommit = new Promise<void>((resolve) => {
    commit = resolve;
  });
  let hasLock = () => {};
  const locked = new Promise<void>((resolve) => {
    hasLock = resolve;
  });
  const deletion = db.transaction().execute(async (trx) => {
    await trx.selectFrom('mailboxes').select('mailbox_id').where('mailbox_id', '=', lea.mailboxId).forNoKeyUpdate().execute();
    await trx.deleteFrom('folders').where('mailbox_id', '=', lea.mailboxId).where('folder_id', '=', trash.folderId).execute();
    hasLock();
    await mayCommit;
  });
  await locked;
  const placing = inTransaction(db, (trx) => placeLetters(trx, letters));
  await until('the delivery waits', async () => {
    const { rows } = await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
    return rows.length > 0;
  });
  commit();
  await deletion;
  expect((await placing).map((one) => (typeof one === 'object' ? one.uid : one))).toEqual(['no-folder', 1]);
  expect(await recount(db)).toEqual([]);
});
