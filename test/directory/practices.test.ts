// What is practised under an address, in its order, changed no more than what differs.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAddress } from '../../directory/addresses.ts';
import { directoryMigrations } from '../../directory/migrations/set.ts';
import { type Practice, setPractices } from '../../directory/practices.ts';
import { registerProfessional, registerStructure } from '../../directory/registry.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
const box = address('lea.martin@medecin.test.mssante.fr');
beforeAll(async () => {
  database = await createTestDatabase([directoryMigrations]);
  const person = { civility: 'Dr', familyName: 'MARTIN', givenName: 'Léa', profession: 'Médecin' };
  await registerProfessional(database.db, { rpps: '99700101005', ...person });
  await registerStructure(database.db, { structureId: '1990001014', name: 'Clinique de test' });
  await database.db.transaction().execute((trx) => createAddress(trx, { address: box, type: 'PER', label: 'Dr', rpps: '99700101005' }));
});
afterAll(() => database.close());

const set = (practices: readonly Practice[], of = box) => database.db.transaction().execute((trx) => setPractices(trx, of, practices));
const stored = () =>
  database.db.selectFrom('practices').select(['position', 'profession', 'skill', 'structure_id', 'service']).orderBy('position').execute();

test('they are kept in their order, and the same again is no change', async () => {
  const practices = [
    { professionCode: '10', profession: 'Médecin', structureId: '1990001014', service: 'Gériatrie' },
    { professionCode: '10', profession: 'Médecin', skillCode: 'SM03', skill: 'Allergologie' },
  ];
  expect(await set(practices)).toBe('changed');
  expect(await stored()).toEqual([
    { position: 1, profession: 'Médecin', skill: null, structure_id: '1990001014', service: 'Gériatrie' },
    { position: 2, profession: 'Médecin', skill: 'Allergologie', structure_id: null, service: null },
  ]);
  expect(await set(practices)).toBe('unchanged');
  expect(await set(practices.slice(1))).toBe('changed');
  expect(await stored()).toEqual([{ position: 1, profession: 'Médecin', skill: 'Allergologie', structure_id: null, service: null }]);
  expect(await set([])).toBe('changed');
  expect(await set([])).toBe('unchanged');
  expect(await stored()).toEqual([]);
});

test('an address or a structure that nobody registered: nothing is written', async () => {
  await set([{ profession: 'Médecin' }]);
  expect(await set([{ profession: 'Infirmier', structureId: '1990009999' }])).toBe('unknown');
  expect(await set([], address('personne@medecin.test.mssante.fr'))).toBe('unknown');
  expect(await stored()).toMatchObject([{ profession: 'Médecin' }]);
});

test('words that SQL would trip over are words', async () => {
  await set([{ profession: `L'« infirmière » \\ "x"; drop table practices`, skill: 'ŒUVRE 🩺' }]);
  expect(await stored()).toMatchObject([{ profession: `L'« infirmière » \\ "x"; drop table practices`, skill: 'ŒUVRE 🩺' }]);
});
