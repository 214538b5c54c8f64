import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setFirstContact } from '../../policies/first-contacts.ts';
import type { ExchangeEffect } from '../../policies/letter-effects.ts';
import { policiesMigrations } from '../../policies/migrations/set.ts';
import {
  applyEffects,
  countFirstLetters,
  forgetRegisterLetters,
  type Pair,
  readExchange,
  readStandings,
  rememberLetters,
} from '../../policies/register.ts';
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

const noon = new Date('2026-11-22T11:00:00Z');
const later = new Date('2026-11-22T13:00:00Z');
const latest = new Date('2026-11-22T15:00:00Z');

let citizens = 0;
/** A citizen of one's own for each test: the number of nobody else. */
const someone = (): number => ++citizens;

const inTransaction = <Result>(work: (trx: Trx) => Promise<Result>) => database.db.transaction().execute(work);
const apply = (effects: readonly ExchangeEffect[], now = noon) => inTransaction((trx) => applyEffects(trx, effects, now));
const open = (citizenId: number, correspondent: typeof doctor, openedBy = correspondent): ExchangeEffect => ({
  do: 'open',
  citizenId,
  correspondent,
  openedBy,
});
const end = (citizenId: number, correspondent: typeof doctor, endedBy = correspondent): ExchangeEffect => ({
  do: 'end',
  citizenId,
  correspondent,
  endedBy,
});
const endAll = (citizenId: number, openedBy: typeof doctor): ExchangeEffect => ({ do: 'end-all', citizenId, openedBy });
const standing = async (pair: Pair, now = noon) => (await readStandings(database.db, [pair], now))[0];
const exchange = async (citizenId: number, correspondent: typeof doctor) => (await standing({ citizenId, correspondent }))?.exchange;
const row = (citizenId: number, correspondent: typeof doctor) => readExchange(database.db, { citizenId, correspondent });

describe('requirements 25-30: how letters change the register', () => {
  test('of two who never met, nothing is known', async () => {
    const citizenId = someone();
    expect(await standing({ citizenId, correspondent: doctor })).toEqual({
      exchange: 'never-opened',
      isBlocked: false,
      mayWriteFirst: 'no',
    });
    expect(await row(citizenId, doctor)).toBeUndefined();
  });

  test('requirement 26: a letter opens, and says who opened it and when', async () => {
    const citizenId = someone();
    await apply([open(citizenId, doctor)]);
    expect(await exchange(citizenId, doctor)).toBe('open');
    expect(await row(citizenId, doctor)).toEqual({ state: 'open', opened: { by: doctor, at: noon } });
  });

  test('another letter leaves an open row untouched, down to its place on the disk', async () => {
    const citizenId = someone();
    await apply([open(citizenId, doctor), open(citizenId, ward, pharmacy)]);
    const before = await placeOf(citizenId);
    await apply([open(citizenId, doctor)], later);
    await apply([open(citizenId, doctor, pharmacy)], later);
    await apply([open(citizenId, ward, pharmacy)], later);
    expect(await placeOf(citizenId)).toEqual(before);
  });

  test('requirements 27, 29: an ending ends, once; a later letter opens again', async () => {
    const citizenId = someone();
    await apply([open(citizenId, doctor)]);
    await apply([end(citizenId, doctor)], later);
    expect(await row(citizenId, doctor)).toEqual({ state: 'ended', opened: { by: doctor, at: noon }, ended: { by: doctor, at: later } });
    const before = await placeOf(citizenId);
    await apply([end(citizenId, doctor, ward)], latest);
    expect(await placeOf(citizenId)).toEqual(before);
    await apply([open(citizenId, doctor)], latest);
    expect(await row(citizenId, doctor)).toEqual({ state: 'open', opened: { by: doctor, at: latest } });
  });

  test('requirement 27: a first letter that ends the exchange leaves it ended, opened by nobody', async () => {
    const citizenId = someone();
    await apply([end(citizenId, doctor)]);
    expect(await row(citizenId, doctor)).toEqual({ state: 'ended', ended: { by: doctor, at: noon } });
    expect(await exchange(citizenId, doctor)).toBe('ended');
  });

  test('requirement 30: a borrower opens, its owner takes over, and no borrower takes it back', async () => {
    const citizenId = someone();
    await apply([open(citizenId, ward, doctor)]);
    expect(await row(citizenId, ward)).toEqual({ state: 'open', opened: { by: doctor, at: noon } });
    await apply([open(citizenId, ward, pharmacy)], later);
    expect(await row(citizenId, ward)).toEqual({ state: 'open', opened: { by: pharmacy, at: later } });
    await apply([open(citizenId, ward)], latest);
    await apply([open(citizenId, ward, doctor)], new Date(latest.getTime() + 1));
    expect(await row(citizenId, ward)).toEqual({ state: 'open', opened: { by: ward, at: latest } });
  });

  test('requirement 29: a borrower opens an ended exchange again', async () => {
    const citizenId = someone();
    await apply([open(citizenId, ward)]);
    await apply([end(citizenId, ward)]);
    await apply([open(citizenId, ward, doctor)], later);
    expect(await row(citizenId, ward)).toEqual({ state: 'open', opened: { by: doctor, at: later } });
  });

  test('requirement 28: [FIN] ends what its sender opened for this citizen, and its own exchange, and nothing else', async () => {
    const [citizenId, neighbour] = [someone(), someone()];
    await apply([
      open(citizenId, doctor, pharmacy),
      open(citizenId, practice, doctor),
      open(citizenId, ward),
      open(neighbour, practice, doctor),
      open(neighbour, doctor),
    ]);
    await apply([endAll(citizenId, doctor)], later);
    expect(await row(citizenId, doctor)).toEqual({ state: 'ended', opened: { by: pharmacy, at: noon }, ended: { by: doctor, at: later } });
    expect(await row(citizenId, practice)).toEqual({ state: 'ended', opened: { by: doctor, at: noon }, ended: { by: doctor, at: later } });
    for (const [one, other] of [
      [citizenId, ward],
      [neighbour, practice],
      [neighbour, doctor],
    ] as const)
      expect(await exchange(one, other)).toBe('open');
  });

  test('requirement 28: [FIN] leaves the end of an exchange that is over already to the one who ended it', async () => {
    const citizenId = someone();
    await apply([open(citizenId, ward, doctor), end(citizenId, ward)]);
    await apply([endAll(citizenId, doctor)], later);
    expect((await row(citizenId, ward))?.ended).toEqual({ by: ward, at: noon });
    expect(await row(citizenId, doctor)).toEqual({ state: 'ended', ended: { by: doctor, at: later } });
  });

  test('a group of letters has its effects in order, on whatever rows', async () => {
    const [a, b, c, d] = [someone(), someone(), someone(), someone()];
    await apply([
      open(a, doctor),
      open(b, ward, doctor),
      end(a, doctor),
      open(c, ward),
      endAll(b, doctor),
      open(b, ward, pharmacy),
      open(c, ward, doctor),
      open(d, ward, doctor),
      open(d, ward, pharmacy),
      endAll(d, doctor),
      end(c, doctor),
      end(c, doctor),
      open(c, doctor),
    ]);
    expect(await exchange(a, doctor)).toBe('ended');
    expect((await row(b, ward))?.opened?.by).toBe(pharmacy);
    expect(await exchange(b, doctor)).toBe('ended');
    expect((await row(c, ward))?.opened?.by).toBe(ward);
    expect(await row(d, ward)).toEqual({ state: 'open', opened: { by: pharmacy, at: noon } });
    expect(await row(c, doctor)).toEqual({ state: 'open', opened: { by: doctor, at: noon } });
  });

  test('of several letters about one exchange in a group, each has its effect', async () => {
    const [a, b] = [someone(), someone()];
    await apply([open(a, ward), open(a, ward, doctor)]);
    expect((await row(a, ward))?.opened?.by).toBe(ward);
    await apply([end(b, ward), open(b, ward, doctor), end(b, ward)], later);
    expect(await row(b, ward)).toEqual({ state: 'ended', opened: { by: doctor, at: later }, ended: { by: ward, at: later } });
  });

  test('no effect is no statement, and a failed transaction leaves nothing', async () => {
    await apply([]);
    const citizenId = someone();
    const failing = inTransaction(async (trx) => {
      await applyEffects(trx, [open(citizenId, doctor)], noon);
      throw new Error('the letter was not placed');
    });
    await expect(failing).rejects.toThrow('not placed');
    expect(await exchange(citizenId, doctor)).toBe('never-opened');
  });

  test('letters about the same citizens in many transactions at once all have their effect', async () => {
    const those = [someone(), someone(), someone()];
    const transactions = Array.from({ length: 12 }, (_, at) => {
      const effects = those.flatMap((citizenId) => [open(citizenId, doctor), open(citizenId, ward, doctor), open(citizenId, practice)]);
      return apply(at % 2 === 0 ? effects : effects.toReversed());
    });
    await Promise.all(transactions);
    for (const citizenId of those) for (const one of [doctor, ward, practice]) expect(await exchange(citizenId, one)).toBe('open');
  });
});

describe('a letter is recognised when it comes again', () => {
  const print = (byte: number) => Buffer.alloc(32, byte);

  test('once for each citizen, and in one call the first time only', async () => {
    const [a, b] = [someone(), someone()];
    const letters = [
      { citizenId: a, fingerprint: print(1) },
      { citizenId: b, fingerprint: print(1) },
      { citizenId: a, fingerprint: print(1) },
      { citizenId: a, fingerprint: print(2) },
    ];
    expect(await inTransaction((trx) => rememberLetters(trx, letters, noon))).toEqual([true, true, false, true]);
    expect(await inTransaction((trx) => rememberLetters(trx, letters, later))).toEqual([false, false, false, false]);
    expect(await inTransaction((trx) => rememberLetters(trx, [], later))).toEqual([]);
  });

  test('of two transactions at once, one sees it first', async () => {
    const letters = [{ citizenId: someone(), fingerprint: print(3) }];
    const seen = await Promise.all([1, 2, 3].map(() => inTransaction((trx) => rememberLetters(trx, letters, noon))));
    expect(seen.flat().filter(Boolean)).toHaveLength(1);
  });

  test('a letter whose transaction fails was never seen', async () => {
    const letters = [{ citizenId: someone(), fingerprint: print(4) }];
    await expect(
      inTransaction(async (trx) => {
        await rememberLetters(trx, letters, noon);
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    expect(await inTransaction((trx) => rememberLetters(trx, letters, noon))).toEqual([true]);
  });

  test('anything but 32 bytes is a mistake', async () => {
    const letters = [{ citizenId: someone(), fingerprint: Buffer.alloc(31) }];
    await expect(inTransaction((trx) => rememberLetters(trx, letters, noon))).rejects.toThrow();
  });

  test('the oldest are forgotten, so many at a time, with the days counted before', async () => {
    const citizenId = someone();
    const old = (hour: number) => new Date(`2020-01-01T0${hour}:00:00Z`);
    for (const hour of [2, 1, 3])
      await inTransaction((trx) => rememberLetters(trx, [{ citizenId, fingerprint: print(10 + hour) }], old(hour)));
    await setFirstContact(database.db, practice, { audience: 'everyone', dailyLimit: 1 });
    await inTransaction((trx) => countFirstLetters(trx, [{ citizenId, correspondent: practice }], old(1)));
    await inTransaction((trx) => countFirstLetters(trx, [{ citizenId, correspondent: practice }], noon));

    expect(await forgetRegisterLetters(database.db, old(3), 1)).toBe(1);
    const held = await database.db.selectFrom('register_letters').select('seen_at').where('citizen_id', '=', citizenId).execute();
    expect(held.map((one) => one.seen_at)).toEqual([old(2), old(3)]);
    expect(await forgetRegisterLetters(database.db, old(2), 100)).toBe(0);
    expect(await countedDays(citizenId)).toBe(2);

    expect(await forgetRegisterLetters(database.db, new Date('2020-01-02T12:00:00Z'), 100)).toBe(2);
    expect(await countedDays(citizenId)).toBe(1);
    expect(await forgetRegisterLetters(database.db, new Date('2020-01-02T12:00:00Z'), 100)).toBe(0);
  });

  async function countedDays(citizenId: number): Promise<number> {
    return (await database.db.selectFrom('first_letters').select('day').where('citizen_id', '=', citizenId).execute()).length;
  }
});

describe('one statement for any number of pairs', () => {
  test('in the order asked, a pair asked twice answered twice', async () => {
    const [a, b] = [someone(), someone()];
    await apply([open(a, doctor), end(b, doctor)]);
    const pairs = [
      { citizenId: b, correspondent: doctor },
      { citizenId: a, correspondent: ward },
      { citizenId: a, correspondent: doctor },
      { citizenId: b, correspondent: doctor },
    ];
    expect((await readStandings(database.db, pairs, noon)).map((one) => one.exchange)).toEqual(['ended', 'never-opened', 'open', 'ended']);
    expect(await readStandings(database.db, [], noon)).toEqual([]);
  });
});

/** Where the rows of a citizen stand: it changes with every write, be it of the same values. */
async function placeOf(citizenId: number): Promise<unknown> {
  const { rows } =
    await sql`select ctid, xmin::text, exchanges.* from exchanges where citizen_id = ${citizenId} order by correspondent`.execute(
      database.db,
    );
  return rows;
}
