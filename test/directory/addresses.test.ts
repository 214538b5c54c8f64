// Professional mailboxes written by directory admins: what is refused before the database has to, what may change, whom one prefers.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAddress, type NewAddress, updateAddress } from '../../directory/addresses.ts';
import { readHistory } from '../../directory/history.ts';
import { directoryMigrations } from '../../directory/migrations/set.ts';
import { registerProfessional, registerStructure } from '../../directory/registry.ts';
import { resolveAddresses } from '../../directory/resolve-addresses.ts';
import type { Address } from '../../src/core/address.ts';
import type { Trx } from '../../src/database/tables.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
const rpps = '99700101005';
const structureId = '1990001014';
beforeAll(async () => {
  database = await createTestDatabase([directoryMigrations]);
  const person = { civility: 'Dr', familyName: 'MARTIN', givenName: 'Léa', profession: 'Médecin' };
  await registerProfessional(database.db, { rpps, ...person });
  await registerProfessional(database.db, { rpps: '99700101013', ...person, givenName: 'Paul' });
  await registerStructure(database.db, { structureId, name: 'Clinique de test' });
});
afterAll(() => database.close());

let box: Address;
let boxes = 0;
beforeEach(() => {
  boxes += 1;
  box = address(`boite-${boxes}@medecin.test.mssante.fr`);
});
const inTrx = <T>(work: (trx: Trx) => Promise<T>) => database.db.transaction().execute(work);
const create = (wanted: Partial<NewAddress> = {}) =>
  inTrx((trx) => createAddress(trx, { address: box, type: 'PER', label: 'Dr Léa MARTIN', rpps, ...wanted }));
const update = (changes: Parameters<typeof updateAddress>[2], of = box) => inTrx((trx) => updateAddress(trx, of, changes));
const rowOf = (of: Address) => database.db.selectFrom('addresses').selectAll().where('address', '=', of).executeTakeFirst();
const holderOf = async (of: Address) => (await resolveAddresses(database.db, 'patient.mssante.fr', [of])).get(of);

describe('requirement 20: the type says what kind of holder there must be', () => {
  test.each([
    ['a PER without a person', { type: 'PER' as const, rpps: undefined, structureId }, 'holder-missing'],
    ['a CAB without a person', { type: 'CAB' as const, rpps: undefined, structureId }, 'holder-missing'],
    ['an ORG without a structure', { type: 'ORG' as const }, 'holder-missing'],
    ['an APP without a structure', { type: 'APP' as const }, 'holder-missing'],
    ['a person nobody registered', { rpps: '99700109999' }, 'holder-unknown'],
    ['a structure nobody registered', { type: 'ORG' as const, structureId: '1990009999' }, 'holder-unknown'],
    ['a person’s place of work nobody registered', { structureId: '1990009999' }, 'holder-unknown'],
  ])('%s is told, and nothing is written', async (_case, wanted, answer) => {
    const { rpps: person, ...others } = { rpps, ...wanted };
    const asked = { address: box, type: 'PER' as const, label: 'X', ...others, ...(person !== undefined && { rpps: person }) };
    expect(await inTrx((trx) => createAddress(trx, asked))).toBe(answer);
    expect(await rowOf(box)).toBeUndefined();
  });
});

describe('requirement 18: an address is created once, and stays what it is', () => {
  test('again it exists, with its words; of another type or holder it is said so', async () => {
    expect(await create()).toBe('created');
    expect(await create({ label: 'Autre', redList: true })).toBe('exists');
    expect(await create({ type: 'CAB' })).toBe('type-mismatch');
    expect(await create({ type: 'ORG', structureId })).toBe('type-mismatch');
    expect(await create({ rpps: '99700101013' })).toBe('holder-mismatch');
    expect(await rowOf(box)).toMatchObject({ type: 'PER', rpps, label: 'Dr Léa MARTIN', red_list: false });
  });

  test('two operators who create it at once: one of them created it', async () => {
    const answers = await Promise.all([create(), create(), create()]);
    expect(answers.sort()).toEqual(['created', 'exists', 'exists']);
  });

  test('a matricule at another domain is no professional’s address', async () => {
    box = address('279035121518989@medecin.test.mssante.fr');
    expect(await create()).toBe('matricule');
  });

  test('a mailbox listed as another operator’s becomes ours, if it is of the same type and holder', async () => {
    await database.db
      .insertInto('addresses')
      .values({ address: box, type: 'PER', label: 'Listée', rpps, hosted: false, published: true })
      .execute();
    expect(await holderOf(box)).toBeUndefined();
    expect(await update({ label: 'X' })).toBe('unknown');
    expect(await create({ type: 'CAB' })).toBe('type-mismatch');
    expect(await create({ rpps: '99700101013' })).toBe('holder-mismatch');
    expect(await create({ state: 'pending', paperless: true })).toBe('created');
    expect(await rowOf(box)).toMatchObject({ hosted: true, state: 'pending', paperless: true, label: 'Dr Léa MARTIN' });
    expect(await create()).toBe('exists');
  });
});

test('requirement 21: a mailbox that is only prepared receives nothing yet', async () => {
  await create({ state: 'pending' });
  expect(await holderOf(box)).toMatchObject({ registryState: 'pending', state: 'suspended' });
});

describe('what may change of a mailbox', () => {
  test('each thing, once; the same again is no change, a text can be taken away', async () => {
    await create();
    const changes = { label: 'Dr MARTIN', description: 'Cabinet', service: 'Gériatrie', redList: true, published: false, paperless: true };
    expect(await update(changes)).toBe('changed');
    expect(await update(changes)).toBe('unchanged');
    expect(await rowOf(box)).toMatchObject({
      label: 'Dr MARTIN',
      description: 'Cabinet',
      red_list: true,
      published: false,
      paperless: true,
    });
    expect(await update({ description: null, service: null })).toBe('changed');
    expect(await rowOf(box)).toMatchObject({ description: null, service: null, label: 'Dr MARTIN' });
    expect(await update({})).toBe('unchanged');
    expect(await update({ label: 'X' }, address('personne@medecin.test.mssante.fr'))).toBe('unknown');
    expect(await update({ preferred: true }, address('personne@medecin.test.mssante.fr'))).toBe('unknown');
  });

  test('a person who withdraws a mailbox that had left for silence has decided: its holder’s return does not bring it back', async () => {
    await create();
    await database.db.updateTable('addresses').set({ published: false, unpublished_for: 'idle' }).where('address', '=', box).execute();
    expect(await update({ published: false })).toBe('changed');
    expect(await rowOf(box)).toMatchObject({ published: false, unpublished_for: null });
  });
});

describe('the mailbox one prefers', () => {
  test('is one for a person, of whatever type, and one for a structure', async () => {
    const [per, cab, org, app] = ['per', 'cab', 'org', 'app'].map((name) => address(`${name}@prefere.test.mssante.fr`)) as [
      Address,
      Address,
      Address,
      Address,
    ];
    expect(await create({ address: per, preferred: true, structureId })).toBe('created');
    expect(await create({ address: cab, type: 'CAB' })).toBe('created');
    expect(await create({ address: org, type: 'ORG', structureId, preferred: true })).toBe('created');
    expect(await create({ address: app, type: 'APP', structureId })).toBe('created');
    const preferred = async () => {
      const rows = await database.db.selectFrom('addresses').select('address').where('preferred', '=', true).orderBy('address').execute();
      return rows.map((row) => row.address);
    };
    expect(await preferred()).toEqual([org, per]);
    expect(await update({ preferred: true }, cab)).toBe('changed');
    expect(await preferred()).toEqual([cab, org]);
    expect(await update({ preferred: true }, cab)).toBe('unchanged');
    expect(await update({ preferred: true, label: 'Application' }, app)).toBe('changed');
    expect(await preferred()).toEqual([app, cab]);
    expect(await update({ preferred: false }, app)).toBe('changed');
    expect(await preferred()).toEqual([cab]);
    const [line] = await readHistory(database.db, { kind: 'address', id: per }, 1);
    expect(line?.change).toEqual({ preferred: [true, false] });
  });

  test('two choices at once: one stands, and nobody waits for ever', async () => {
    const [one, other] = [address('un@deux.test.mssante.fr'), address('deux@deux.test.mssante.fr')];
    for (const wanted of [one, other]) await create({ address: wanted, rpps: '99700101013' });
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([update({ preferred: true }, one), update({ preferred: true }, other)]);
      const rows = await database.db
        .selectFrom('addresses')
        .select('address')
        .where('preferred', '=', true)
        .where('rpps', '=', '99700101013')
        .execute();
      expect(rows).toHaveLength(1);
    }
  });

  test('a mailbox that is created preferred while another is chosen: one stands', async () => {
    const first = address('choisie@naissance.test.mssante.fr');
    await create({ address: first, type: 'ORG', structureId });
    for (let round = 0; round < 10; round += 1) {
      const next = address(`nee-${round}@naissance.test.mssante.fr`);
      await Promise.all([create({ address: next, type: 'ORG', structureId, preferred: true }), update({ preferred: true }, first)]);
      const preferred = database.db.selectFrom('addresses').select('address').where('preferred', '=', true);
      expect(await preferred.where('structure_id', '=', structureId).where('type', 'in', ['ORG', 'APP']).execute()).toHaveLength(1);
    }
  });
});
