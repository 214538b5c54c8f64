import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Absence, clearAbsence, currentAbsences, readAbsence, rememberAbsenceAnswers, setAbsence } from '../../policies/absences.ts';
import { rememberLegalNotices } from '../../policies/legal-notices.ts';
import { policiesMigrations } from '../../policies/migrations/set.ts';
import { addTallies, forgetTallies, readTallies } from '../../policies/tallies.ts';
import type { Trx } from '../../src/database/tables.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([policiesMigrations]);
});
afterAll(() => database.close());

const inTransaction = <Result>(work: (trx: Trx) => Promise<Result>) => database.db.transaction().execute(work);
const hour = 3_600_000;
const day = 24 * hour;
const noon = new Date('2026-11-22T11:00:00Z');
const plus = (ms: number, from = noon) => new Date(from.getTime() + ms);

const doctor = address('lea.martin@medecin.demo.mssante.fr');
const colleague = address('paul.durand@medecin.demo.mssante.fr');
const citizen = address('279035121518989@patient.mssante.fr');

describe('requirement 37: what happened lately is counted, window by window', () => {
  const add = (entries: { subject: string; by: number }[], now = noon, periodMs = hour) =>
    inTransaction((trx) => addTallies(trx, entries, periodMs, now));
  const read = async (subjects: string[], now = noon) => Object.fromEntries(await readTallies(database.db, subjects, hour, now));

  test('counts add up for each subject, until the window is over', async () => {
    await add([
      { subject: 'a', by: 1 },
      { subject: 'b', by: 5 },
      { subject: 'a', by: 2 },
    ]);
    await add([{ subject: 'a', by: 4 }], plus(hour - 1));
    expect(await read(['a', 'b', 'nobody'])).toEqual({ a: 7, b: 5, nobody: 0 });
    expect(await read(['b'], plus(hour - 1))).toEqual({ b: 5 });
    expect(await read(['a'], plus(hour))).toEqual({ a: 0 });
    expect(await read(['a'], plus(-1))).toEqual({ a: 0 });
    expect(await read([])).toEqual({});
    await add([]);
  });

  test('what is counted in many transactions at once is counted', async () => {
    await Promise.all(
      Array.from({ length: 8 }, (_, at) => {
        const entries = [
          { subject: 'x', by: 1 },
          { subject: 'y', by: 1 },
        ];
        return add(at % 2 === 0 ? entries : entries.toReversed());
      }),
    );
    expect(await read(['x', 'y'])).toEqual({ x: 8, y: 8 });
  });

  test('a failed transaction counts nothing', async () => {
    await expect(
      inTransaction(async (trx) => {
        await addTallies(trx, [{ subject: 'z', by: 1 }], hour, noon);
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    expect(await read(['z'])).toEqual({ z: 0 });
  });

  test('old windows are forgotten, the present one is not', async () => {
    const then = new Date('2020-01-01T10:30:00Z');
    await add([{ subject: 'old', by: 1 }], then);
    await add([{ subject: 'old', by: 1 }], plus(hour, then));
    expect(await forgetTallies(database.db, new Date('2020-01-01T11:00:00Z'))).toBe(1);
    expect(await read(['old'], then)).toEqual({ old: 0 });
    expect(await read(['old'], plus(hour, then))).toEqual({ old: 1 });
  });
});

describe('absences', () => {
  const away = (more: Partial<Absence> = {}): Absence => ({
    address: doctor,
    from: noon,
    until: plus(7 * day),
    text: 'Je suis absente jusqu’au 29.',
    ...more,
  });
  const current = (now: Date) => currentAbsences(database.db, [doctor, colleague], now);
  const answers = (pairs: { address: typeof doctor; correspondent: typeof doctor }[], now: Date) =>
    inTransaction((trx) => rememberAbsenceAnswers(trx, pairs, now, 7 * day));

  test('an absence holds from its first moment to its last', async () => {
    const { db } = database;
    await setAbsence(db, away({ standIn: colleague }));
    expect(await current(plus(-1))).toEqual(new Map());
    expect(await current(noon)).toEqual(new Map([[doctor, away({ standIn: colleague })]]));
    expect(await current(plus(7 * day - 1))).toEqual(new Map([[doctor, away({ standIn: colleague })]]));
    expect(await current(plus(7 * day))).toEqual(new Map());
    expect(await currentAbsences(db, [colleague], noon)).toEqual(new Map());
    expect(await currentAbsences(db, [], noon)).toEqual(new Map());
  });

  test('another takes its place, without the stand-in of the first; it can be ended', async () => {
    const { db } = database;
    await setAbsence(db, away({ standIn: colleague }));
    const next = away({ from: plus(day), until: plus(2 * day), text: 'Une journée seulement.' });
    await setAbsence(db, next);
    expect(await readAbsence(db, doctor)).toEqual(next);
    expect(await readAbsence(db, colleague)).toBeUndefined();
    expect(await clearAbsence(db, colleague)).toBe(false);
    expect(await clearAbsence(db, doctor)).toBe(true);
    expect(await clearAbsence(db, doctor)).toBe(false);
    expect(await readAbsence(db, doctor)).toBeUndefined();
  });

  test('an absence that ends as it begins is a mistake', async () => {
    await expect(setAbsence(database.db, away({ until: noon }))).rejects.toThrow(RangeError);
    await expect(setAbsence(database.db, away({ until: noon }))).rejects.toThrow('An absence ends after it has begun');
  });

  test('requirement 37: a correspondent is told once, and again when the time is over', async () => {
    await setAbsence(database.db, away());
    const pairs = [
      { address: doctor, correspondent: citizen },
      { address: doctor, correspondent: citizen },
      { address: colleague, correspondent: citizen },
    ];
    expect(await answers(pairs, noon)).toEqual([true, false, true]);
    expect(await answers(pairs, plus(7 * day - 1))).toEqual([false, false, false]);
    expect(await answers(pairs, plus(7 * day))).toEqual([true, false, true]);
    expect(await answers(pairs, plus(7 * day + 1))).toEqual([false, false, false]);
  });

  test('requirement 37: a program that takes another name each time is told some times an hour, and other domains meanwhile', async () => {
    await setAbsence(database.db, away());
    const told: boolean[] = [];
    for (let name = 0; name < 40; name += 1) {
      told.push(...(await answers([{ address: doctor, correspondent: address(`robot-${name}@auto.test`) }], plus(name))));
    }
    expect(told.filter(Boolean)).toHaveLength(30);
    const late = [{ address: doctor, correspondent: address('robot-39@auto.test') }];
    expect(await answers([{ address: doctor, correspondent: citizen }], plus(41))).toEqual([true]);
    expect(await answers([{ address: colleague, correspondent: address('robot-39@auto.test') }], plus(41))).toEqual([true]);
    expect(await answers(late, plus(3_600_000 - 1))).toEqual([false]);
    expect(await answers(late, plus(3_600_000 + 40))).toEqual([true]);
    expect(await answers([], noon)).toEqual([]);
  });

  test('another absence is told anew, and so is one that comes after an end; the neighbours’ are not', async () => {
    const pairs = [
      { address: doctor, correspondent: colleague },
      { address: colleague, correspondent: doctor },
    ];
    await setAbsence(database.db, away());
    expect(await answers(pairs, noon)).toEqual([true, true]);
    await setAbsence(database.db, away({ text: 'Toujours absente.' }));
    expect(await answers(pairs, noon)).toEqual([true, false]);
    await clearAbsence(database.db, doctor);
    expect(await answers(pairs, noon)).toEqual([true, false]);
  });

  test('of two letters at once, one is answered', async () => {
    const pairs = [{ address: colleague, correspondent: colleague }];
    const owed = await Promise.all([1, 2, 3].map(() => answers(pairs, noon)));
    expect(owed.flat().filter(Boolean)).toHaveLength(1);
  });
});

describe('the legal notice', () => {
  test('comes with a citizen’s first letter to a correspondent, and never again', async () => {
    const pairs = [
      { citizenId: 1, correspondent: doctor },
      { citizenId: 1, correspondent: colleague },
      { citizenId: 1, correspondent: doctor },
      { citizenId: 2, correspondent: doctor },
    ];
    const remember = () => inTransaction((trx) => rememberLegalNotices(trx, pairs, noon));
    expect(await remember()).toEqual([true, true, false, true]);
    expect(await remember()).toEqual([false, false, false, false]);
    expect(await inTransaction((trx) => rememberLegalNotices(trx, [], noon))).toEqual([]);
  });
});
