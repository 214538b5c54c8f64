import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeState } from '../../directory/change-state.ts';
import { citizenDisplayName } from '../../directory/display-name.ts';
import { directoryMigrations } from '../../directory/migrations/set.ts';
import { registerAddress, registerCitizen, registerProfessional, registerStructure } from '../../directory/registry.ts';
import { resolveAddresses } from '../../directory/resolve-addresses.ts';
import type { RegistryState } from '../../directory/states.ts';
import { type Address, parseAddress } from '../../src/core/address.ts';
import { parseIns } from '../../src/core/ins.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { setState } from '../support/set-state.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([directoryMigrations]);
  await registerProfessional(database.db, {
    rpps: '99700101005',
    civility: 'Dr',
    familyName: 'MARTIN',
    givenName: 'Léa',
    profession: 'Médecin',
  });
  await registerStructure(database.db, { structureId: '1990001014', name: 'Clinique de test' });
});
afterAll(() => database.close());

const at = (text: string) => parseAddress(text) ?? expect.fail('not an address');
const doctor = at('lea.martin@medecin.test.mssante.fr');
const ins = parseIns('279035121518989') ?? expect.fail('not a matricule');
const change = (address: Address, to: RegistryState) =>
  database.db.transaction().execute((trx) => changeState(trx, 'patient.mssante.fr', address, to));
const traits = { ins, birthName: 'PAT-TROIS', firstGivenName: 'DOMINIQUE', birthDate: '1979-03-28', sex: 'F' as const };

test('a citizen is found by the address their matricule makes, twice registered or once', async () => {
  const { db } = database;
  const address = await registerCitizen(db, traits, 'patient.mssante.fr');
  expect(await registerCitizen(db, traits, 'patient.mssante.fr')).toBe(address);
  expect((await resolveAddresses(db, 'patient.mssante.fr', [address, doctor])).get(address)).toMatchObject({
    kind: 'citizen',
    displayName: 'Dominique PAT-TROIS',
    state: 'active',
  });
});

test('an address that nobody holds is absent from the answer', async () => {
  expect((await resolveAddresses(database.db, 'patient.mssante.fr', [at('personne@medecin.test.mssante.fr')])).size).toBe(0);
});

describe('requirement 18: an address and its type are for ever', () => {
  test('registering again changes what may change, and nothing else', async () => {
    const { db } = database;
    await registerAddress(db, { address: doctor, type: 'PER', label: 'Dr Léa MARTIN', rpps: '99700101005' });
    await registerAddress(db, { address: doctor, type: 'ORG', label: 'Dr Léa MARTIN, le matin', structureId: '1990001014' });
    expect((await resolveAddresses(db, 'patient.mssante.fr', [doctor])).get(doctor)).toMatchObject({
      type: 'PER',
      displayName: 'Dr Léa MARTIN, le matin',
    });
  });

  test('the database itself refuses the rest', async () => {
    const { db } = database;
    await expect(db.updateTable('addresses').set({ type: 'APP' }).where('address', '=', doctor).execute()).rejects.toThrow('never change');
    await expect(
      db
        .updateTable('addresses')
        .set({ address: at('autre@medecin.test.mssante.fr') })
        .where('address', '=', doctor)
        .execute(),
    ).rejects.toThrow('never change');
  });
});

describe('requirement 20: the type says what kind of holder there is', () => {
  test.each([
    ['a PER without a person', { type: 'PER' as const, structureId: '1990001014' }],
    ['an ORG without a structure', { type: 'ORG' as const, rpps: '99700101005' }],
    ['an APP without a structure', { type: 'APP' as const }],
  ])('%s is refused', async (_case, holder) => {
    await expect(registerAddress(database.db, { address: at('x@medecin.test.mssante.fr'), label: 'X', ...holder })).rejects.toThrow();
  });

  test.each(['990001014', '2990001014', '199000101', '319900010100012'.slice(0, 14)])('%s is not a structure', async (structureId) => {
    await expect(registerStructure(database.db, { structureId, name: 'X' })).rejects.toThrow();
  });
});

test('requirement 21: an address is closed and opened again', async () => {
  const { db } = database;
  await registerAddress(db, { address: doctor, type: 'PER', label: 'Dr Léa MARTIN', rpps: '99700101005' });
  await setState(db, doctor, 'closed');
  expect((await resolveAddresses(db, 'patient.mssante.fr', [doctor])).get(doctor)?.state).toBe('closed');
  await setState(db, doctor, 'reopened');
  expect((await resolveAddresses(db, 'patient.mssante.fr', [doctor])).get(doctor)).toMatchObject({
    state: 'active',
    registryState: 'reopened',
  });
  expect(await change(at('personne@medecin.test.mssante.fr'), 'closed')).toBe('unknown');
});

describe('requirement 33: whose mailbox it is', () => {
  test.each([
    ['PER', '99700101005'],
    ['CAB', '99700101005'],
    ['ORG', undefined],
    ['APP', undefined],
  ] as const)('%s: %s', async (type, rpps) => {
    const { db } = database;
    const address = at(`${type}@titulaire.test.mssante.fr`);
    // A structure's mailbox may name who answers for it: it stays the structure's.
    await registerAddress(db, { address, type, label: 'X', rpps: '99700101005', structureId: '1990001014' });
    const holder = (await resolveAddresses(db, 'patient.mssante.fr', [address])).get(address);
    expect(holder).toEqual({
      kind: 'professional',
      address,
      type,
      displayName: 'X',
      state: 'active',
      registryState: 'active',
      rights: { receive: true, signIn: true, appear: true },
      ...(rpps && { rpps }),
    });
  });
});

test('requirement 21: only a citizen may have refused their mailbox', async () => {
  await registerAddress(database.db, { address: doctor, type: 'PER', label: 'Dr Léa MARTIN', rpps: '99700101005' });
  expect(await change(doctor, 'opposed')).toBe('impossible');
  await setState(database.db, doctor, 'suspended');
  await setState(database.db, doctor, 'reopened');
});

test.each([
  ['DOMINIQUE', 'PAT-TROIS', 'Dominique PAT-TROIS'],
  ['JEAN-éric', "d'ailleurs", "Jean-Éric D'AILLEURS"],
  ['MARIE LOUISE', 'NESSI', 'Marie Louise NESSI'],
])('requirement 34: %s %s is shown as %s', (firstGivenName, birthName, shown) => {
  expect(citizenDisplayName({ firstGivenName, birthName })).toBe(shown);
});
