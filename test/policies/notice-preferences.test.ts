// What citizens choose to be told of at their ordinary address.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { policiesMigrations } from '../../policies/migrations/set.ts';
import {
  clearNoticePreference,
  isOrdinaryAddress,
  type NoticeKind,
  readNoticePreference,
  recordNoticeAnswer,
  setNoticePreference,
  whoWantsNotices,
} from '../../policies/notice-preferences.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const [dominique, ruth] = [1, 2] as const;
const home = address('dominique@fournisseur.example');

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([policiesMigrations]);
});
afterAll(() => database.close());
beforeEach(() => database.db.deleteFrom('notice_preferences').execute());

const wanted = (...events: [number, NoticeKind][]) =>
  database.db.transaction().execute((trx) =>
    whoWantsNotices(
      trx,
      events.map(([citizenId, kind]) => ({ citizenId, kind })),
    ),
  );
const answered = (answer: 'taken' | 'refused', at = home) =>
  database.db.transaction().execute((trx) => recordNoticeAnswer(trx, dominique, at, answer));
const choose = (told: Partial<Record<NoticeKind, boolean>> = {}, at = home) =>
  setNoticePreference(database.db, dominique, { address: at, told });

test('nobody is told without an address; with one, of everything, unless they say otherwise', async () => {
  expect(await readNoticePreference(database.db, dominique)).toBeUndefined();
  expect(await wanted([dominique, 'letter'])).toEqual([]);
  await choose();
  expect(await readNoticePreference(database.db, dominique)).toEqual({
    address: home,
    told: { letter: true, document: true, 'not-delivered': true },
    isFailing: false,
  });
  await choose({ document: false });
  await choose({ letter: true });
  expect((await readNoticePreference(database.db, dominique))?.told).toEqual({ letter: true, document: false, 'not-delivered': true });
});

test('of many events, those who want one of theirs are named, each once', async () => {
  await choose({ document: false });
  await setNoticePreference(database.db, ruth, { address: home, told: { letter: false } });
  expect(await wanted([dominique, 'document'], [ruth, 'letter'])).toEqual([]);
  expect((await wanted([dominique, 'document'], [dominique, 'letter'], [dominique, 'not-delivered'], [ruth, 'document'])).sort()).toEqual([
    dominique,
    ruth,
  ]);
  expect(await wanted([3, 'letter'])).toEqual([]);
});

test('three refusals in a row end it; one notice taken in between, or the address given anew, begins again', async () => {
  await choose();
  for (const answer of ['refused', 'refused', 'taken', 'refused', 'refused'] as const) await answered(answer);
  expect(await wanted([dominique, 'letter'])).toEqual([dominique]);
  await answered('refused');
  expect(await wanted([dominique, 'letter'])).toEqual([]);
  expect(await readNoticePreference(database.db, dominique)).toMatchObject({ isFailing: true });
  await choose();
  expect(await wanted([dominique, 'letter'])).toEqual([dominique]);
});

test('a late refusal of the address before says nothing of the new one', async () => {
  await choose();
  for (const _ of [1, 2]) await answered('refused');
  const moved = address('dominique@ailleurs.example');
  await choose({}, moved);
  for (const _ of [1, 2, 3]) await answered('refused', home);
  expect(await readNoticePreference(database.db, dominique)).toMatchObject({ address: moved, isFailing: false });
});

test('a choice is forgotten once', async () => {
  await choose();
  expect(await clearNoticePreference(database.db, dominique)).toBe(true);
  expect(await clearNoticePreference(database.db, dominique)).toBe(false);
  expect(await readNoticePreference(database.db, dominique)).toBeUndefined();
});

describe('an ordinary address', () => {
  test.each([
    ['dominique@fournisseur.example', true],
    ['dominique@mssante.fr.fournisseur.example', true],
    ['dominique@notmssante.fr', true],
    ['lea@hopital.mssante.fr', false],
    ['lea@mssante.fr', false],
    ['279035121518989@patient.test', false],
  ])('%s: %s', (text, isOrdinary) => {
    expect(isOrdinaryAddress(address(text), ['patient.test', 'medecins.test'])).toBe(isOrdinary);
  });
});
