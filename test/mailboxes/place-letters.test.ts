// The only way in: UID, MODSEQ, counters and quota move together, and a letter that does not fit fails alone.
import { describe, expect, test } from 'vitest';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { findMailboxes } from '../../mailboxes/mailbox.ts';
import { placeLetters } from '../../mailboxes/place-letters.ts';
import { fetchMessages, openFolder } from '../../mailboxes/read-messages.ts';
import { recount } from '../../mailboxes/recount.ts';
import { asRow, readAll } from './blobs/stored.ts';
import { mailboxWorld, sampleLetter } from './mailbox-world.ts';

describe('placing letters', () => {
  test('a group gets ascending UIDs in the order asked, one MODSEQ per folder, and is read back byte for byte', async () => {
    const { db, mailbox, folder, letter, store } = await mailboxWorld();
    const [lea, paul] = [await mailbox('lea'), await mailbox('paul')];
    const sent = await folder(lea, 'Sent');
    const prefix = 'Received: from mx\r\n';
    const letters = [
      await letter(lea, { text: sampleLetter('un') }),
      await letter(paul, { text: sampleLetter('deux'), prefix }),
      await letter(lea, { text: sampleLetter('trois'), folderId: sent.folderId, flags: 1, keywords: ['b', 'A', 'a'] }),
      await letter(lea, { text: sampleLetter('quatre', 'x'.repeat(40_000)) }),
    ];
    const placed = await inTransaction(db, (trx) => placeLetters(trx, letters));
    expect(placed.map((one) => typeof one === 'object' && [one.mailboxId, one.uid])).toEqual([
      [lea.mailboxId, 1],
      [paul.mailboxId, 1],
      [lea.mailboxId, 1],
      [lea.mailboxId, 2],
    ]);
    for (const [at, one] of placed.entries()) {
      if (typeof one !== 'object') return expect.fail();
      const [row] = await fetchMessages(db, one.mailboxId, one.folderId, [one.uid], {
        letter: true,
        envelope: true,
        bodystructure: true,
        structure: true,
      });
      const asked = letters[at] ?? expect.fail();
      expect(row?.modseq).toBe(one.modseq);
      expect(row?.sizeBytes).toBe(asked.prefix.length + asked.blob.sizeBytes);
      expect(row?.envelope).toEqual(asked.index.envelope);
      expect(row?.bodystructure).toEqual(asked.index.bodystructure);
      expect(row?.letter?.prefix).toEqual(asked.prefix);
      expect(row?.letter?.blob).toEqual(asRow(asked.blob));
      const bytes = await readAll(store.read(row?.letter?.blob ?? expect.fail(), 0, asked.blob.sizeBytes));
      const text = Buffer.concat([asked.prefix, bytes]);
      expect(text.subarray(row?.structure?.bodyStart).toString()).toMatch(/^(Bonjour|x+)\r\n$/);
      expect(row?.structure?.end).toBe(text.length);
    }
    expect((await openFolder(db, lea.mailboxId, sent.folderId))?.messages).toEqual([{ uid: 1, flags: 1, keywords: ['A', 'b'].sort() }]);
    expect(await recount(db)).toEqual([]);
  });

  test('over quota and no such folder fail alone, whatever stands beside them', async () => {
    const { db, mailbox, letter } = await mailboxWorld();
    const [small, large] = [await mailbox('petit', 300), await mailbox('grand')];
    const one = await letter(small);
    const placed = await inTransaction(db, async (trx) =>
      placeLetters(trx, [
        await letter(small, { text: sampleLetter('trop', 'x'.repeat(500)) }),
        { ...(await letter(large)), folderId: 999_999 },
        one,
        await letter(small),
        await letter(large),
        { ...(await letter(large)), mailboxId: 0 },
      ]),
    );
    expect(placed.map((answer) => (typeof answer === 'object' ? answer.uid : answer))).toEqual([
      'over-quota',
      'no-folder',
      1,
      'over-quota',
      1,
      'no-folder',
    ]);
    expect(await recount(db)).toEqual([]);
    expect((await findMailboxes(db, [small.address])).get(small.address)?.usedBytes).toBe(one.blob.sizeBytes);
  });

  test("another mailbox's folder is no folder", async () => {
    const { db, mailbox, folder, letter } = await mailboxWorld();
    const [lea, paul] = [await mailbox('lea'), await mailbox('paul')];
    const sent = await folder(paul, 'Sent');
    expect(await inTransaction(db, async (trx) => placeLetters(trx, [await letter(lea, { folderId: sent.folderId })]))).toEqual([
      'no-folder',
    ]);
  });

  test('one blob for several people is one row, a letter each', async () => {
    const { db, mailbox, letter } = await mailboxWorld();
    const [lea, paul] = [await mailbox('lea'), await mailbox('paul')];
    const one = await letter(lea);
    await inTransaction(db, (trx) => placeLetters(trx, [one, { ...one, mailboxId: paul.mailboxId, folderId: paul.inboxId }]));
    await inTransaction(db, (trx) => placeLetters(trx, [one]));
    expect(await db.selectFrom('blobs').select('blob_id').execute()).toEqual([{ blob_id: one.blob.blobId }]);
    expect(await db.selectFrom('letters').select('mailbox_id').execute()).toHaveLength(3);
  });

  test('texts that PostgreSQL cannot hold do not fail the group', async () => {
    const { db, mailbox, letter } = await mailboxWorld();
    const lea = await mailbox('lea');
    const odd = await letter(lea);
    const search = { ...odd.index.search, subject: 'a\0b\\"{,}\'' };
    const placed = await inTransaction(db, (trx) => placeLetters(trx, [{ ...odd, index: { ...odd.index, search, messageId: '<\0>' } }]));
    expect(placed[0]).toBeTypeOf('object');
    expect(await db.selectFrom('letters').select(['search_subject', 'message_id']).execute()).toEqual([
      { search_subject: 'ab\\"{,}\'', message_id: '<>' },
    ]);
  });

  test('nothing is placed when the transaction does not commit', async () => {
    const { db, mailbox, letter } = await mailboxWorld();
    const lea = await mailbox('lea');
    const one = await letter(lea);
    const undone = db.transaction().execute(async (trx) => {
      await placeLetters(trx, [one]);
      throw new Error('power cut');
    });
    await expect(undone).rejects.toThrow('power cut');
    expect(await db.selectFrom('messages').selectAll().execute()).toEqual([]);
    expect(await recount(db)).toEqual([]);
  });
});
