import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Blocker, blockerOf } from '../../policies/blocker.ts';
import { block, listBlocks, unblock } from '../../policies/blocks.ts';
import { disinviteCitizen, inviteCitizen, readFirstContact, setFirstContact } from '../../policies/first-contacts.ts';
import { policiesMigrations } from '../../policies/migrations/set.ts';
import { applyEffects, countFirstLetters, type Pair, readStandings } from '../../policies/register.ts';
import type { Trx } from '../../src/database/tables.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([policiesMigrations]);
});
afterAll(() => database.close());

const doctor = address('lea.martin@medecin.demo.mssante.fr');
const practice = address('cabinet.martin@medecin.demo.mssante.fr');
const ward = address('cardiologie@hopital.demo.mssante.fr');
const pharmacy = address('contact@pharmacie.demo.mssante.fr');
const drMartin = blockerOf({ rpps: '99700101005', address: doctor });

const noon = new Date('2026-11-22T11:00:00Z');
const later = new Date('2026-11-22T13:00:00Z');

let citizens = 0;
/** A citizen of one's own for each test: the number of nobody else. */
const someone = (): number => ++citizens;

const inTransaction = <Result>(work: (trx: Trx) => Promise<Result>) => database.db.transaction().execute(work);
const standing = async (pair: Pair, now = noon) => (await readStandings(database.db, [pair], now))[0];

describe('requirement 33: blocks', () => {
  test('a block stands over all the mailboxes of the one who blocks, until it is lifted', async () => {
    const citizenId = someone();
    expect(await inTransaction((trx) => block(trx, { citizenId, blocker: drMartin, by: doctor }, noon))).toBe(true);
    expect(await inTransaction((trx) => block(trx, { citizenId, blocker: drMartin, by: practice }, later))).toBe(false);
    const pairs = [
      { citizenId, correspondent: doctor, blocker: drMartin },
      { citizenId, correspondent: practice, blocker: drMartin },
      { citizenId, correspondent: ward, blocker: blockerOf({ address: ward }) },
      { citizenId: someone(), correspondent: doctor, blocker: drMartin },
      { citizenId, correspondent: doctor },
    ];
    const blocked = async () => (await readStandings(database.db, pairs, noon)).map((one) => one.isBlocked);
    expect(await blocked()).toEqual([true, true, false, false, false]);
    expect(await inTransaction((trx) => unblock(trx, { citizenId, blocker: drMartin }))).toBe(true);
    expect(await inTransaction((trx) => unblock(trx, { citizenId, blocker: drMartin }))).toBe(false);
    expect(await blocked()).toEqual([false, false, false, false, false]);
  });

  test('a block and an exchange do not touch each other', async () => {
    const citizenId = someone();
    await inTransaction((trx) => applyEffects(trx, [{ do: 'open', citizenId, correspondent: doctor, openedBy: doctor }], noon));
    await inTransaction((trx) => block(trx, { citizenId, blocker: drMartin, by: doctor }, noon));
    await inTransaction((trx) => applyEffects(trx, [{ do: 'open', citizenId, correspondent: doctor, openedBy: ward }], later));
    expect(await standing({ citizenId, correspondent: doctor, blocker: drMartin })).toMatchObject({ exchange: 'open', isBlocked: true });
  });

  test('one is lifted, the others stay; they are listed, the latest first', async () => {
    const blocker = 'box:liste@hopital.demo.mssante.fr' as Blocker;
    const [a, b, c, d] = [someone(), someone(), someone(), someone()];
    await inTransaction((trx) => block(trx, { citizenId: d, blocker, by: ward }, noon));
    await inTransaction((trx) => block(trx, { citizenId: a, blocker, by: 'commande' }, noon));
    await inTransaction((trx) => block(trx, { citizenId: b, blocker, by: ward }, later));
    await inTransaction((trx) => block(trx, { citizenId: c, blocker, by: ward }, noon));
    await inTransaction((trx) => block(trx, { citizenId: a, blocker: drMartin, by: doctor }, noon));
    await inTransaction((trx) => unblock(trx, { citizenId: c, blocker }));
    expect(await listBlocks(database.db, blocker)).toEqual([
      { citizenId: b, since: later, by: ward },
      { citizenId: a, since: noon, by: 'commande' },
      { citizenId: d, since: noon, by: ward },
    ]);
    await inTransaction((trx) => unblock(trx, { citizenId: a, blocker }));
    expect(await listBlocks(database.db, drMartin)).toContainEqual({ citizenId: a, since: noon, by: doctor });
  });
});

describe('requirement 32: mailboxes that agree to be written to first', () => {
  const mayWriteFirst = async (citizenId: number, correspondent: typeof doctor, now = noon) =>
    (await standing({ citizenId, correspondent }, now))?.mayWriteFirst;
  const count = (pairs: readonly Pair[], now = noon) => inTransaction((trx) => countFirstLetters(trx, pairs, now));

  test('nobody, those of a list, everyone', async () => {
    const [guest, other] = [someone(), someone()];
    const { db } = database;
    expect(await readFirstContact(db, pharmacy)).toEqual({ audience: 'nobody', dailyLimit: 5, guests: [] });
    expect(await inviteCitizen(db, pharmacy, guest)).toBe(true);
    expect(await inviteCitizen(db, pharmacy, guest)).toBe(false);
    expect(await inviteCitizen(db, ward, other)).toBe(true);
    expect(await inviteCitizen(db, ward, guest)).toBe(true);
    const both = async () => [await mayWriteFirst(guest, pharmacy), await mayWriteFirst(other, pharmacy)];
    expect(await both()).toEqual(['no', 'no']);
    await setFirstContact(db, pharmacy, { audience: 'listed' });
    expect(await both()).toEqual(['yes', 'no']);
    await setFirstContact(db, pharmacy, { audience: 'everyone', dailyLimit: 2 });
    expect(await both()).toEqual(['yes', 'yes']);
    await setFirstContact(db, pharmacy, { audience: 'nobody' });
    expect(await both()).toEqual(['no', 'no']);
    expect(await readFirstContact(db, pharmacy)).toEqual({ audience: 'nobody', dailyLimit: 2, guests: [guest] });
    await setFirstContact(db, pharmacy, { audience: 'listed', dailyLimit: 3 });
    const third = someone();
    await inviteCitizen(db, pharmacy, third);
    expect(await disinviteCitizen(db, pharmacy, guest)).toBe(true);
    expect(await disinviteCitizen(db, pharmacy, guest)).toBe(false);
    expect(await both()).toEqual(['no', 'no']);
    expect(await readFirstContact(db, pharmacy)).toEqual({ audience: 'listed', dailyLimit: 3, guests: [third] });
    expect((await readFirstContact(db, ward)).guests).toEqual([guest, other]);
  });

  test('a number of letters a day and citizen, from midnight to midnight in Paris', async () => {
    const [citizenId, neighbour] = [someone(), someone()];
    const [box, nextBox] = [address('garde@pharmacie.demo.mssante.fr'), address('comptoir@pharmacie.demo.mssante.fr')];
    for (const one of [box, nextBox]) await setFirstContact(database.db, one, { audience: 'everyone', dailyLimit: 2 });
    const pair = { citizenId, correspondent: box };
    const lateEvening = new Date('2026-11-22T22:59:00Z');
    await count([pair], lateEvening);
    expect(await mayWriteFirst(citizenId, box, lateEvening)).toBe('yes');
    await count([pair], lateEvening);
    expect(await mayWriteFirst(citizenId, box, lateEvening)).toBe('not-today');
    expect(await mayWriteFirst(neighbour, box, lateEvening)).toBe('yes');
    expect(await mayWriteFirst(citizenId, nextBox, lateEvening)).toBe('yes');
    expect(await mayWriteFirst(citizenId, box, new Date('2026-11-22T23:00:00Z'))).toBe('yes');
    await setFirstContact(database.db, box, { audience: 'everyone', dailyLimit: 3 });
    expect(await mayWriteFirst(citizenId, box, lateEvening)).toBe('yes');
    await count([], lateEvening);
  });

  test('every letter counts, several in one transaction and several at once', async () => {
    const [citizenId, neighbour] = [someone(), someone()];
    const box = address('foule@pharmacie.demo.mssante.fr');
    await setFirstContact(database.db, box, { audience: 'everyone', dailyLimit: 5 });
    const [pair, other] = [
      { citizenId, correspondent: box },
      { citizenId: neighbour, correspondent: box },
    ];
    await count([pair, other, pair]);
    await Promise.all([count([other, pair]), count([pair, other])]);
    expect(await mayWriteFirst(citizenId, box)).toBe('yes');
    await count([pair]);
    expect(await mayWriteFirst(citizenId, box)).toBe('not-today');
    expect(await mayWriteFirst(neighbour, box)).toBe('yes');
  });
});
