// Documents of letters reach the national record once, whatever goes wrong on the way, and a sender hears why one did not. Requirements 49, 52 to 54.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findCitizens, replaceMatricule } from '../../directory/matricules.ts';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { renameMailbox } from '../../mailboxes/mailbox.ts';
import { objectToCopies } from '../../policies/record-objections.ts';
import { parseIns } from '../../src/core/ins.ts';
import { retryDead } from '../../src/delivery/dead-letters.ts';
import { listQuarantine, releaseHeld } from '../../src/delivery/quarantine.ts';
import { copyRowKind, integrationErrorRowKind } from '../../src/delivery/record-copies.ts';
import { dominiquePatTrois } from '../../src/demo/cast.ts';
import { copyToDmp } from '../../src/pipeline/tasks/copy-to-dmp.ts';
import { address } from '../support/address.ts';
import { people } from '../support/one-path.ts';
import { until } from '../support/until.ts';
import { inGerman, openRecordTown, type RecordTown } from './record-town.ts';
import { partOf } from './working-town.ts';

const { doctor, colleague, citizen, neighbour, elsewhere } = people;

let town: RecordTown;
beforeEach(async () => {
  town = await openRecordTown();
});
afterEach(() => town.close());

const day = (number: number) => new Date(Date.UTC(2026, 10, number, 9));
const later = { do: 'later', because: 'down' } as const;
const receiptPlease = { headers: { 'Disposition-Notification-To': `<${doctor}>` } };
const settle = () => town.settle();
const kinds = async () => (await town.rows()).map(({ kind, state }) => `${kind} ${state}`).sort();
const putOff = (because: string) => town.putOff(because);

test('requirements 49, 52: the document of a letter is in the record, as the letter has it, and the letter is let go', async () => {
  const { letterId, uniqueId } = await town.write(doctor, [citizen, colleague]);
  await settle();
  expect([...town.connector.held.keys()]).toEqual([uniqueId]);
  expect(town.connector.held.get(uniqueId)?.entry).toMatchObject({ uniqueId, patient: { matricule: dominiquePatTrois.ins } });
  expect(town.connector.sets[0]).toMatch(/^1\.2\.250\.1\.999\.1\.\d{1,29}$/);
  expect(await town.copies(letterId)).toEqual([{ uniqueId, state: 'fed', code: null }]);
  expect(await kinds()).toEqual([`${copyRowKind} done`]);
  expect(await town.db.selectFrom('blob_holds').selectAll().execute()).toEqual([]);
  expect(town.services.told).toContainEqual({ event: 'documentCopied', facts: { outcome: 'fed', code: 'fed' } });
});

describe('requirement 52: no copy, and nobody is blamed', () => {
  test.each(['none', 'closed'] as const)('for a patient whose record is %s', async (status) => {
    town.connector.recordStatus = status;
    const { letterId } = await town.write(doctor, [citizen]);
    await settle();
    expect(await town.copies(letterId)).toMatchObject([{ state: 'not-fed', code: `record-${status}` }]);
    expect(town.connector.asked.feed).toBe(0);
    expect(await town.automatic(doctor)).toEqual([]);
  });

  test('for a patient who objects after the letter was taken', async () => {
    const { letterId } = await town.write(doctor, [citizen]);
    const { citizen_id } = await town.db.selectFrom('record_documents').select('citizen_id').executeTakeFirstOrThrow();
    await town.db.transaction().execute((trx) => objectToCopies(trx, { citizenId: citizen_id ?? 0, by: 'test' }, new Date()));
    await settle();
    expect(await town.copies(letterId)).toMatchObject([{ state: 'not-fed', code: 'objection' }]);
    expect(town.connector.asked).toEqual({ status: 0, find: 0, feed: 0, show: 0 });
  });

  test('for a patient who objects under the matricule that replaced the document’s own', async () => {
    const { letterId } = await town.write(doctor, [citizen]);
    const nir = parseIns('185019910000121') ?? expect.fail('no matricule');
    await inTransaction(town.db, async (trx) => {
      await renameMailbox(trx, citizen, address(`${nir}@patient.mssante.fr`));
      expect(await replaceMatricule(trx, dominiquePatTrois.ins, nir)).toBe('replaced');
      const citizenId = (await findCitizens(trx, [nir])).get(nir) ?? expect.fail('nobody');
      await objectToCopies(trx, { citizenId, by: 'test' }, new Date());
    });
    await settle();
    expect(await town.copies(letterId)).toMatchObject([{ state: 'not-fed', code: 'objection' }]);
    expect(town.connector.asked.status).toBe(0);
  });

  test('of a type the record does not keep; who asked for a copy hears of it', async () => {
    const otherType = (cda: string) => cda.replace(/<code code="[^"]+"/, '<code code="99999-9"');
    await town.write(doctor, [citizen], { change: otherType });
    await settle();
    const [one] = await town.db.selectFrom('record_documents').select(['state', 'code']).execute();
    expect(one).toEqual({ state: 'not-fed', code: 'not-a-type-of-the-record' });
    expect(await town.automatic(doctor)).toEqual([]);
    await town.write(doctor, [colleague], { change: otherType, headers: { 'X-MSS-DMP': 'O' } });
    await town.isQuiet();
    expect((await town.automatic(doctor)).map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/^\[KO Intégration système !\]\[906\] /),
    ]);
  });
});

describe('requirement 53: a replacement', () => {
  test('takes the place of the version before it, and never goes ahead of it', async () => {
    town.connector.trouble = (method) => (method === 'feed' ? later : undefined);
    const first = await town.write(doctor, [citizen], { writtenAt: day(1) });
    await town.work();
    await putOff('down');
    const second = await town.write(doctor, [citizen], { writtenAt: day(2), replaces: first.uniqueId });
    await putOff('replaced-is-waiting');
    town.connector.trouble = () => undefined;
    await town.hurry();
    await until('the first is fed', () => town.connector.held.has(first.uniqueId));
    await until('the second too', async () => {
      await town.hurry();
      return town.connector.held.has(second.uniqueId);
    });
    await town.isQuiet();
    expect(town.connector.held.get(first.uniqueId)?.state).toBe('deprecated');
    expect(town.connector.held.get(second.uniqueId)).toMatchObject({ state: 'approved', replaces: first.uniqueId });
  });

  test('of a document that another source fed is found in the record', async () => {
    const first = await town.write(doctor, [citizen], { writtenAt: day(1) });
    await settle();
    await town.db.deleteFrom('record_documents').execute();
    const second = await town.write(doctor, [citizen], { writtenAt: day(2), replaces: first.uniqueId });
    await town.isQuiet();
    expect(town.connector.asked.find).toBe(1);
    expect(town.connector.held.get(second.uniqueId)).toMatchObject({ replaces: first.uniqueId });
  });

  test('of a document that nobody knows waits a while for it, then is refused, and its sender told', async () => {
    const { letterId } = await town.write(doctor, [citizen], { replaces: '1.2.3.4.5' });
    await town.work();
    await putOff('replaced-not-there-yet');
    town.pass(1);
    await town.hurry();
    await town.isQuiet();
    expect(await town.copies(letterId)).toMatchObject([{ state: 'refused', code: 'replaced-unknown' }]);
    expect((await town.automatic(doctor)).map(({ subject }) => subject)).toEqual([expect.stringContaining('[900]')]);
    expect(town.connector.held.size).toBe(0);
  });

  test('of itself is a document like any other', async () => {
    const { uniqueId } = await town.write(doctor, [citizen]);
    await town.db.deleteFrom('outbox').execute();
    await town.db.deleteFrom('record_documents').execute();
    await town.write(doctor, [citizen], { replaces: uniqueId });
    await settle();
    expect(town.connector.held.get(uniqueId)?.state).toBe('approved');
  });
});

describe('requirement 54: a lasting refusal', () => {
  test('requirement 37: the mail about it causes nothing, whoever sends it on', async () => {
    await town.write(doctor, [citizen], inGerman);
    await settle();
    const [told] = await town.automatic(doctor);
    const before = (await town.rows()).length;
    // A doctor's software that sends every mail on, with its documents, to another operator's, who sends it back.
    for (const [from, to] of [
      [elsewhere, colleague],
      [elsewhere, citizen],
    ] as const) {
      await town.sendAs(town.arrivalFrom(from, 'mx'), [to], Buffer.from(told?.source ?? '', 'latin1'));
    }
    await town.isQuiet();
    const after = (await town.rows()).slice(before).map(({ kind }) => kind);
    expect(after).toEqual([]);
    expect(await town.automatic(doctor)).toHaveLength(1);
  });

  test('comes back as a receipt in error when the letter asked for receipts', async () => {
    const { letterId, bytes } = await town.write(doctor, [citizen], { ...inGerman, ...receiptPlease });
    await settle();
    expect(await town.copies(letterId)).toMatchObject([{ state: 'refused', code: 'language' }]);
    const [told, ...others] = await town.automatic(doctor);
    expect(others).toEqual([]);
    const subject = /^Subject: (.*)\r$/m.exec(bytes.toString())?.[1] ?? '';
    expect(told?.subject).toMatch(/^\[KO Intégration système !\]\[906\] XDM\/1\.0\/DDM\+Lettre de liaison/);
    expect(subject).not.toBe('');
    const messageId = /^Message-ID: (.*)\r$/im.exec(bytes.toString())?.[1];
    const fields = partOf(told as NonNullable<typeof told>, 'message/disposition-notification');
    expect(fields).toContain('Disposition: automatic-action/MDN-sent-automatically; processed/error\r\n');
    expect(fields).toMatch(/^Error: 906 La langue du document/m);
    expect(fields).toContain(`Original-Message-ID: ${messageId}`);
    expect(told).toMatchObject({ inReplyTo: messageId, returnPath: '<>' });
    expect(told?.text).toContain('Cela ne change rien à votre message lui-même');
    // The letter itself arrived, and the row of the copy is done: nobody has to look at it.
    expect(await kinds()).toEqual([`${copyRowKind} done`, `${integrationErrorRowKind} done`]);
    expect(await town.db.selectFrom('blob_holds').selectAll().execute()).toEqual([]);
  });

  test('comes back as a mail with the letter’s attachments when it asked for none, once however often the letter comes', async () => {
    const { bytes } = await town.write(doctor, [citizen], inGerman);
    await settle();
    await town.sendAs(town.arrivalFrom(doctor), [citizen], bytes);
    await town.isQuiet();
    const [told, ...others] = await town.automatic(doctor);
    expect(others).toEqual([]);
    expect(told?.attachments.map(({ filename }) => filename)).toEqual(['IHE_XDM.zip', expect.stringMatching(/^20261120_.*\.pdf$/)]);
    const archive = told?.attachments[0]?.content ?? Buffer.alloc(0);
    expect(bytes.toString('latin1').replaceAll('\r\n', '')).toContain(archive.toString('base64'));
    expect(told?.text).toMatch(
      /^Bonjour,\n\nUn document joint à votre message du vendredi 20 novembre|^Bonjour,\n\nUn document joint à votre message du /,
    );
  });

  test('is told all the same when the bytes of the letter are gone', async () => {
    const { letterId } = await town.write(doctor, [citizen]);
    town.connector.trouble = () => later;
    await town.work();
    await putOff('down');
    await town.rest();
    const { blobId } = (await town.owed(copyRowKind))[0] as { blobId: string };
    await town.db.deleteFrom('messages').execute();
    await town.db.deleteFrom('letters').execute();
    await town.db.deleteFrom('blob_holds').execute();
    await town.db.deleteFrom('blobs').where('blob_id', '=', blobId).execute();
    await town.hurry();
    await settle();
    expect(await town.copies(letterId)).toMatchObject([{ state: 'refused', code: 'bytes-missing' }]);
    expect((await town.automatic(doctor)).map(({ attachments }) => attachments.length)).toEqual([0]);
  });

  test('reaches nobody twice when two letters brought the document and one of them could be copied', async () => {
    const bad = await town.write(doctor, [citizen], inGerman);
    await settle();
    const good = await town.write(elsewhere, [citizen], {}, 'mx');
    await town.isQuiet();
    expect(good.uniqueId).toBe(bad.uniqueId);
    expect(await town.copies(good.letterId)).toMatchObject([{ state: 'fed' }]);
    expect(await town.automatic(doctor)).toHaveLength(1);
  });
});

test('requirement 54: a record that does not answer for three days is given up, its sender told, and the row kept for a person', async () => {
  town.connector.trouble = (method) => (method === 'status' ? later : undefined);
  const { letterId } = await town.write(doctor, [citizen]);
  await town.work();
  await putOff('down');
  town.pass(73);
  await town.hurry();
  await town.isQuiet();
  expect(await kinds()).toEqual([`${copyRowKind} dead`, `${integrationErrorRowKind} done`]);
  expect(await town.copies(letterId)).toMatchObject([{ state: 'refused', code: 'not-answered' }]);
  expect((await town.automatic(doctor))[0]?.text).toContain('n’a pas répondu malgré plusieurs essais');
  // A person has it tried again once the record answers: it is copied, and nobody is told twice.
  town.connector.trouble = () => undefined;
  await town.db.transaction().execute((trx) => retryDead(trx, { limit: 10 }, 'test', town.services.clock()));
  await until('it is copied', async () => (await town.copies(letterId))[0]?.state === 'fed');
  await town.isQuiet();
  expect(await town.automatic(doctor)).toHaveLength(1);
});

test('what a letter’s sender asks for waits while it is held as about somebody else, and is done once a person has released it', async () => {
  const { letterId, uniqueId } = await town.write(doctor, [neighbour], { headers: { 'X-MSS-DMP': 'O' } });
  await settle();
  expect(await town.copies(letterId)).toEqual([]);
  const [held] = await listQuarantine(town.db);
  await releaseHeld(town.db, held?.heldId ?? '', { by: 'test', reason: 'tuteur' }, town.services.clock());
  await until('it is copied', () => town.connector.held.has(uniqueId));
  await town.isQuiet();
  expect(await town.copies(letterId)).toMatchObject([{ state: 'fed' }]);
});

test('requirement 58: nothing that is told to log and metrics names the patient, the document or its sender', async () => {
  town.connector.after = (method) => (method === 'feed' ? later : undefined);
  await town.write(doctor, [citizen]);
  await town.work();
  await putOff('down');
  town.connector.after = () => undefined;
  await town.hurry();
  await town.isQuiet();
  await town.write(doctor, [citizen], { ...inGerman, writtenAt: day(3) });
  await town.isQuiet();
  const told = JSON.stringify(town.services.told);
  expect(told).toContain('documentCopied');
  expect(told).not.toMatch(/279035121518989|PAT-TROIS|2\.25\.|medecin\.test|Lettre de liaison/i);
});

test('without a road to the record, copies that were owed wait', async () => {
  await town.write(doctor, [citizen]);
  const [row] = (await town.rows()).filter(({ kind }) => kind === copyRowKind);
  const context = { ...town.services, record: undefined, signal: new AbortController().signal, rowId: row?.id ?? '' };
  expect(await copyToDmp.attempt(context, row?.payload)).toEqual({ do: 'again', because: 'no-record' });
});
