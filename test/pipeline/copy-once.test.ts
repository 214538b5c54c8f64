// One document stays one, by whatever letters it comes: fed once, compared with what was fed, never chosen between. Requirements 49 and 54.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localPart } from '../../src/core/address.ts';
import { copyRowKind, integrationErrorRowKind } from '../../src/delivery/record-copies.ts';
import { dominiquePatTrois } from '../../src/demo/cast.ts';
import { copyToDmp } from '../../src/pipeline/tasks/copy-to-dmp.ts';
import { citizenIdOf } from '../support/citizen-id.ts';
import { people } from '../support/one-path.ts';
import { inGerman, openRecordTown, type RecordTown } from './record-town.ts';

const { doctor, colleague, citizen, neighbour, elsewhere } = people;

let town: RecordTown;
beforeEach(async () => {
  town = await openRecordTown();
});
afterEach(() => town.close());

const day = (number: number) => new Date(Date.UTC(2026, 10, number, 9));
const settle = () => town.settle();
const putOff = (because: string, times: number) => town.putOff(because, times);

test('requirement 49: of two letters at once, by two operators, one feeds it and the other finds it there', async () => {
  const letters = await Promise.all([town.write(doctor, [citizen]), town.write(elsewhere, [citizen], {}, 'mx')]);
  await Promise.all([town.work(), town.work()]);
  await town.isQuiet();
  expect(town.connector.held.size).toBe(1);
  for (const { letterId } of letters) expect(await town.copies(letterId)).toMatchObject([{ state: 'fed' }]);
  expect(await town.automatic(doctor)).toEqual([]);
});

test('requirement 49: a document that the record holds by another road already counts as copied', async () => {
  const { uniqueId } = await town.write(doctor, [citizen]);
  await settle();
  await town.db.deleteFrom('record_documents').execute();
  const { letterId } = await town.write(doctor, [citizen]);
  await town.isQuiet();
  expect(await town.copies(letterId)).toEqual([{ uniqueId, state: 'fed', code: null }]);
  expect(town.connector.held.size).toBe(1);
});

test('requirement 54: an answer that was lost is asked for again, under the same set, and nothing is fed twice', async () => {
  let lost = 0;
  town.connector.after = (method) => (method === 'feed' && lost++ < 2 ? { do: 'later', because: 'cut' } : undefined);
  const { letterId } = await town.write(doctor, [citizen]);
  await town.work();
  await putOff('cut', 1);
  await town.hurry();
  await putOff('cut', 2);
  await town.hurry();
  await town.isQuiet();
  expect(town.connector.asked.feed).toBe(3);
  expect(town.connector.sets).toHaveLength(1);
  expect(await town.copies(letterId)).toMatchObject([{ state: 'fed' }]);
  const { answers } = await town.db.selectFrom('record_documents').select('answers').executeTakeFirstOrThrow();
  expect(answers.map(({ code }) => code)).toEqual(['cut', 'cut', 'fed']);
});

const otherBytes = { change: (cda: string) => cda.replace('130 W', '140 W') };

test('requirement 49: a later letter with the same document changes nothing; one with another under its id comes back to its sender', async () => {
  const first = await town.write(doctor, [citizen]);
  await settle();
  const same = await town.write(doctor, [citizen]);
  await town.isQuiet();
  expect(await town.copies(same.letterId)).toMatchObject([{ state: 'fed' }]);
  expect(await town.automatic(doctor)).toEqual([]);
  const other = await town.write(doctor, [citizen], otherBytes);
  expect(other.uniqueId).toBe(first.uniqueId);
  await town.isQuiet();
  expect(await town.copies(other.letterId)).toMatchObject([{ state: 'refused', code: 'not-identical' }]);
  expect((await town.automatic(doctor)).map(({ text }) => text)).toEqual([
    expect.stringContaining('contient un document différent qui porte le même identifiant'),
  ]);
  // What the record holds stays, and the letter that brought it still says so.
  expect(await town.copies(first.letterId)).toMatchObject([{ state: 'fed' }]);
  expect(town.connector.asked.feed).toBe(1);
  expect(await town.db.selectFrom('record_documents').select('state').execute()).toEqual([{ state: 'fed' }]);
  expect(await town.db.selectFrom('blob_holds').selectAll().execute()).toEqual([]);
});

test('requirement 49: a letter that brings a document twice brings one; two of them under one id are not chosen between', async () => {
  await town.write(doctor, [citizen], { also: (cda) => cda });
  await settle();
  expect(await town.automatic(doctor)).toEqual([]);
  const both = await town.write(doctor, [citizen], { writtenAt: day(2), also: otherBytes.change });
  await town.isQuiet();
  expect(await town.copies(both.letterId)).toMatchObject([{ state: 'refused', code: 'one-id-for-several' }]);
  expect((await town.automatic(doctor))[0]?.text).toContain('porte deux documents différents sous le même identifiant');
  expect(town.connector.asked.feed).toBe(1);
});

test('requirement 49: of two letters of one moment with different bytes under one id, one is copied and the sender of the other told', async () => {
  let meet = () => undefined as unknown;
  const together = new Promise((resolve) => (meet = () => resolve(undefined)));
  let waiting = 0;
  town.connector.pace = async () => {
    waiting += 1;
    if (waiting === 2) meet();
    await together;
  };
  const letters = [await town.write(doctor, [citizen]), await town.write(doctor, [citizen], otherBytes)];
  await settle();
  const states = (await Promise.all(letters.map(({ letterId }) => town.copies(letterId)))).flat();
  expect(states.map(({ state }) => state).sort()).toEqual(['fed', 'refused']);
  expect(town.connector.held.size).toBe(1);
  expect(await town.automatic(doctor)).toHaveLength(1);
});

test('requirement 49: work begun three times at once ends once', async () => {
  await town.write(doctor, [citizen], inGerman);
  const [row] = (await town.rows()).filter(({ kind }) => kind === copyRowKind);
  const context = { ...town.services, signal: new AbortController().signal, rowId: row?.id ?? '' };
  const results = await Promise.all([1, 2, 3].map(() => copyToDmp.attempt(context, row?.payload)));
  for (const result of results) {
    if (result?.do !== 'done') expect.fail('not done');
    await town.db.transaction().execute(async (trx) => result.also?.(trx, new Date()));
  }
  expect(await town.owed(integrationErrorRowKind)).toHaveLength(1);
});

test('requirement 49: a mistake of one letter about whom the document is about is not kept against the patient of another', async () => {
  // Both letters wait: the first says, under the same id, that it is about somebody else.
  const neighbourOf = (cda: string) => cda.replaceAll(dominiquePatTrois.ins, localPart(neighbour));
  await town.write(doctor, [neighbour], { change: neighbourOf, isHidden: true });
  const good = await town.write(doctor, [citizen, colleague], { isHidden: true });
  await settle();
  expect(town.connector.held.get(good.uniqueId)?.entry.patient.matricule).toBe(dominiquePatTrois.ins);
  expect(await town.db.selectFrom('record_documents').select(['state', 'citizen_id']).execute()).toEqual([
    { state: 'fed', citizen_id: await citizenIdOf(town.db, citizen) },
  ]);
});
