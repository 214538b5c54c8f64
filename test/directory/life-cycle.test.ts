// The life of a mailbox, every step from every state: those that exist, and none besides; what each state lets its holder do.
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeState } from '../../directory/change-state.ts';
import { citizenAddress } from '../../directory/citizen-addresses.ts';
import { replaceMatricule } from '../../directory/matricules.ts';
import { directoryMigrations } from '../../directory/migrations/set.ts';
import { createCitizen, registerAddress, registerProfessional } from '../../directory/registry.ts';
import { resolveAddresses } from '../../directory/resolve-addresses.ts';
import { type BoxState, type CitizenState, type RegistryState, rightsIn } from '../../directory/states.ts';
import type { Address } from '../../src/core/address.ts';
import { type Ins, insKey, parseIns } from '../../src/core/ins.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([directoryMigrations]);
  const person = { civility: 'Dr', familyName: 'MARTIN', givenName: 'Léa', profession: 'Médecin' };
  await registerProfessional(database.db, { rpps: '99700101005', ...person });
  await registerAddress(database.db, { address: box, type: 'PER', label: 'Dr', rpps: '99700101005' });
  await createCitizen(database.db, { ...traits, ins });
});
afterAll(() => database.close());

const domain = 'patient.mssante.fr';
const box = address('lea.martin@medecin.test.mssante.fr');
const ins = parseIns('279035121518989') ?? expect.fail('not a matricule');
const citizen = citizenAddress(ins, domain);
const traits = { birthName: 'PAT-TROIS', firstGivenName: 'DOMINIQUE', birthDate: '1979-03-28', sex: 'F' as const };
const change = (of: Address, to: RegistryState) => database.db.transaction().execute((trx) => changeState(trx, domain, of, to));
const stateOf = async (of: Address) => (await resolveAddresses(database.db, domain, [of])).get(of)?.registryState;

const citizenStates: readonly CitizenState[] = ['created', 'activated', 'opposed', 'closed', 'reopened'];
const boxStates: readonly BoxState[] = ['pending', 'active', 'suspended', 'closed', 'reopened'];
const everyState = [...new Set<RegistryState>([...citizenStates, ...boxStates])];

describe('requirement 21: the life of a citizen’s mailbox', () => {
  test.each<[CitizenState, readonly CitizenState[]]>([
    ['created', ['activated', 'opposed', 'closed']],
    ['activated', ['closed']],
    ['opposed', ['reopened']],
    ['closed', ['reopened']],
    ['reopened', ['activated', 'closed']],
  ])('from %s to %s, and to nothing else', async (from, reachable) => {
    for (const to of everyState) {
      await sql`update citizens set state = ${from} where ins = ${ins}`.execute(database.db);
      const isReachable = (reachable as readonly RegistryState[]).includes(to);
      expect([to, await change(citizen, to)]).toEqual([to, isReachable ? 'changed' : from === to ? 'unchanged' : 'impossible']);
      expect(await stateOf(citizen)).toBe(isReachable ? to : from);
    }
  });
});

describe('requirement 21: the life of a professional’s mailbox', () => {
  test.each<[BoxState, readonly BoxState[]]>([
    ['pending', ['active', 'closed']],
    ['active', ['suspended', 'closed']],
    ['suspended', ['reopened', 'closed']],
    ['closed', ['reopened']],
    ['reopened', ['suspended', 'closed']],
  ])('from %s to %s, and to nothing else', async (from, reachable) => {
    for (const to of everyState) {
      await sql`
        update addresses set state = ${from}, suspended_for = case when ${from} = 'suspended' then 'decision' end where address = ${box}`.execute(
        database.db,
      );
      const isReachable = (reachable as readonly RegistryState[]).includes(to);
      expect([to, await change(box, to)]).toEqual([to, isReachable ? 'changed' : from === to ? 'unchanged' : 'impossible']);
      expect(await stateOf(box)).toBe(isReachable ? to : from);
    }
  });
});

test('requirement 21: only an open mailbox receives, lets its holder in and appears', () => {
  const open = everyState.filter((state) => rightsIn(state).receive);
  expect(open.sort()).toEqual(['activated', 'active', 'created', 'reopened']);
  for (const state of everyState) {
    const is = open.includes(state);
    expect(rightsIn(state)).toEqual({ receive: is, signIn: is, appear: is });
  }
});

test('nobody’s mailbox, and one of another operator, are unknown', async () => {
  await registerAddress(database.db, { address: address('x@autre.test.mssante.fr'), type: 'PER', label: 'X', rpps: '99700101005' });
  await sql`update addresses set hosted = false where address = 'x@autre.test.mssante.fr'`.execute(database.db);
  expect(await change(address('x@autre.test.mssante.fr'), 'closed')).toBe('unknown');
  expect(await change(address('personne@medecin.test.mssante.fr'), 'closed')).toBe('unknown');
  expect(await change(citizenAddress(matricule(), domain), 'closed')).toBe('unknown');
});

test('two operators who decide at once: both decisions are steps of the life cycle', async () => {
  for (let round = 0; round < 5; round += 1) {
    await sql`update addresses set state = 'active', suspended_for = null where address = ${box}`.execute(database.db);
    const answers = await Promise.all([change(box, 'closed'), change(box, 'suspended')]);
    // Suspended then closed, or closed and no longer to be suspended.
    expect([
      ['changed', 'changed'],
      ['changed', 'impossible'],
    ]).toContainEqual(answers);
    expect(await stateOf(box)).toBe('closed');
  }
});

let bodies = 2_790_399_600_000;
function matricule(): Ins {
  const body = String(++bodies);
  return parseIns(body + insKey(body)) ?? expect.fail('not a matricule');
}

describe('a citizen and their mailbox appear together', () => {
  const rowOf = (of: Ins) => database.db.selectFrom('citizens').selectAll().where('ins', '=', of).executeTakeFirstOrThrow();

  test('with every trait that is known, and none that is not', async () => {
    const [whole, bare] = [matricule(), matricule()];
    const others = {
      qualified: true,
      givenNames: 'DOMINIQUE MARIE-LOUISE',
      usedName: 'ESSAI',
      usedGivenName: 'MARIE',
      birthPlace: '2A004',
    };
    expect(await createCitizen(database.db, { ...traits, ...others, ins: whole })).toBe('created');
    expect(await createCitizen(database.db, { ...traits, ins: bare })).toBe('created');
    expect(await rowOf(whole)).toMatchObject({
      ins_arc: 8,
      qualified: true,
      given_names: 'DOMINIQUE MARIE-LOUISE',
      used_name: 'ESSAI',
      used_given_name: 'MARIE',
      birth_place: '2A004',
      state: 'created',
    });
    expect(await rowOf(bare)).toMatchObject({ qualified: false, given_names: null, used_name: null, birth_place: null });
  });

  test('once: again it exists, by a matricule they had before too, and nothing of them changes', async () => {
    const [nia, nir] = [matricule(), matricule()];
    expect(await createCitizen(database.db, { ...traits, ins: nia })).toBe('created');
    expect(await createCitizen(database.db, { ...traits, ins: nia, birthName: 'AUTRE' })).toBe('exists');
    await database.db.transaction().execute((trx) => replaceMatricule(trx, nia, nir));
    expect(await createCitizen(database.db, { ...traits, ins: nia })).toBe('exists');
    expect(await rowOf(nir)).toMatchObject({ birth_name: 'PAT-TROIS' });
  });

  test('requirement 21: one who refused it before it was made has none, and is never asked again', async () => {
    const refused = matricule();
    expect(await createCitizen(database.db, { ...traits, ins: refused }, 'opposed')).toBe('created');
    expect(await createCitizen(database.db, { ...traits, ins: refused })).toBe('exists');
    expect(await stateOf(citizenAddress(refused, domain))).toBe('opposed');
  });

  test('two feeds that bring the same citizen at once make one', async () => {
    const wanted = matricule();
    const answers = await Promise.all([1, 2, 3].map(() => createCitizen(database.db, { ...traits, ins: wanted })));
    expect(answers.sort()).toEqual(['created', 'exists', 'exists']);
  });
});
