// Guardians and those they act for. A guardian is a citizen of their own: nothing is read under somebody else's name.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attachProfile, detachProfile, profilesOf } from '../../directory/attached-profiles.ts';
import { findCitizens, replaceMatricule } from '../../directory/matricules.ts';
import { directoryMigrations } from '../../directory/migrations/set.ts';
import { createCitizen } from '../../directory/registry.ts';
import { type Ins, insKey, parseIns } from '../../src/core/ins.ts';
import type { Trx } from '../../src/database/tables.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([directoryMigrations]);
});
afterAll(() => database.close());

const now = new Date('2026-11-22T08:00:00Z');
const later = new Date('2031-05-01T00:00:00Z');
let bodies = 2_790_399_400_000;
function matricule(): Ins {
  const body = String(++bodies);
  return parseIns(body + insKey(body)) ?? expect.fail('not a matricule');
}
async function register(firstGivenName = 'DOMINIQUE'): Promise<Ins> {
  const ins = matricule();
  await createCitizen(database.db, { ins, birthName: 'PAT-TROIS', firstGivenName, birthDate: '1979-03-28', sex: 'F' });
  return ins;
}
const inTrx = <T>(work: (trx: Trx) => Promise<T>) => database.db.transaction().execute(work);
const attach = (ward: Ins, guardian: Ins, until?: Date, kind: 'minor' | 'ward' = 'minor') =>
  inTrx((trx) => attachProfile(trx, { ward, guardian, kind, ...(until && { until }) }, now));
const idOf = async (ins: Ins) => (await findCitizens(database.db, [ins])).get(ins) ?? expect.fail('not registered');
const profiles = async (ins: Ins, at = now) => profilesOf(database.db, await idOf(ins), at);

describe('requirement 38: guardians read through attached profiles', () => {
  test('both parents of a child, until they are of age; each sees the other end of the link', async () => {
    const [child, mother, father] = [await register('ZOÉ'), await register('RUTH'), await register('PAUL')];
    expect(await attach(child, mother, later)).toBe('attached');
    expect(await attach(child, father, later)).toBe('attached');
    expect(await attach(child, father, later)).toBe('unchanged');
    const { guardians, wards } = await profiles(child);
    expect(wards).toEqual([]);
    expect(guardians.map(({ firstGivenName }) => firstGivenName)).toEqual(['RUTH', 'PAUL']);
    expect(await profiles(mother)).toMatchObject({ guardians: [], wards: [{ citizenId: await idOf(child), kind: 'minor', until: later }] });
    expect(await profiles(child, later)).toEqual({ guardians: [], wards: [] });
  });

  test('a link is lengthened, ended at once, and made again', async () => {
    const [adult, guardian] = [await register(), await register()];
    await attach(adult, guardian, now, 'ward');
    expect((await profiles(adult)).guardians).toEqual([]);
    expect(await attach(adult, guardian, undefined, 'ward')).toBe('attached');
    expect((await profiles(adult)).guardians).toHaveLength(1);
    expect(await inTrx((trx) => detachProfile(trx, { ward: adult, guardian }))).toBe('detached');
    expect(await inTrx((trx) => detachProfile(trx, { ward: adult, guardian }))).toBe('unknown');
    expect((await profiles(adult)).guardians).toEqual([]);
    expect(await attach(adult, guardian)).toBe('attached');
  });

  test('they stay attached when a matricule changes, and either one names them', async () => {
    const [child, mother, nir] = [await register(), await register(), matricule()];
    await attach(child, mother);
    await inTrx((trx) => replaceMatricule(trx, child, nir));
    expect((await profiles(nir)).guardians).toHaveLength(1);
    expect(await attach(nir, mother)).toBe('unchanged');
    expect(await attach(child, nir)).toBe('circular');
  });

  test('nobody acts for themselves, nor for those who act for them, be it through others', async () => {
    const [one, two, three, nobody] = [await register(), await register(), await register(), matricule()];
    expect(await attach(one, one)).toBe('circular');
    expect(await attach(two, one)).toBe('attached');
    expect(await attach(one, two)).toBe('circular');
    expect(await attach(three, two)).toBe('attached');
    expect(await attach(one, three)).toBe('circular');
    expect(await attach(nobody, one)).toBe('unknown');
    expect(await attach(one, nobody)).toBe('unknown');
    expect(await inTrx((trx) => detachProfile(trx, { ward: nobody, guardian: one }))).toBe('unknown');
  });

  test('a child of age may become the guardian of their parent', async () => {
    const [child, mother] = [await register(), await register()];
    await attach(child, mother, new Date('2026-01-01T00:00:00Z'));
    expect(await attach(mother, child, undefined, 'ward')).toBe('attached');
    expect(await attach(child, mother, later)).toBe('circular');
  });

  test('two links made at once close no circle', async () => {
    const [one, other] = [await register(), await register()];
    const answers = await Promise.all([attach(one, other), attach(other, one)]);
    expect(answers.sort()).toEqual(['attached', 'circular']);
  });
});
