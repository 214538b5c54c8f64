// Identities made for tests in a registry of production: an alarm for as long as they are there, whoever wrote them. domain.md §5.
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { registerCitizen } from '../../directory/registry.ts';
import { countTestIdentities } from '../../directory/test-identities.ts';
import { insKey, parseIns } from '../../src/core/ins.ts';
import { addDirectoryGauges } from '../../src/observe/directory-gauges.ts';
import { watchTestIdentities } from '../../src/pipeline/tasks/watch-test-identities.ts';
import { until } from '../support/until.ts';
import { openWorkingTown, type WorkingTown } from './working-town.ts';

let town: WorkingTown;
beforeEach(async () => {
  town = await openWorkingTown();
});
afterEach(() => town.close());

async function registerTestIdentity(): Promise<string> {
  const ins = parseIns(`1850199100001${insKey('1850199100001')}`) ?? expect.fail('not a matricule');
  const traits = { birthName: 'ESSAI', firstGivenName: 'PAUL', birthDate: '1985-01-01', sex: 'M' as const };
  await registerCitizen(town.db, { ins, arc: 10, ...traits }, 'patient.mssante.fr');
  return ins;
}
const figures = async () => {
  const registry = new Registry();
  addDirectoryGauges(registry, { countTestIdentities: () => countTestIdentities(town.db), failed: () => undefined });
  return registry.metrics();
};

test('the alarm is raised, and names nobody', async () => {
  expect(await figures()).toContain('\npasserelle_directory_test_identities 0\n');
  const ins = await registerTestIdentity();
  expect(await figures()).toContain('\npasserelle_directory_test_identities 1\n');
  await town.work();
  const alarms = () => town.services.told.filter(({ event }) => event === 'testIdentitiesFound');
  await until('the alarm is raised', () => alarms().length > 0);
  expect(alarms()).toEqual([{ event: 'testIdentitiesFound', facts: { count: 1 } }]);
  expect(JSON.stringify(town.services.told)).not.toContain(ins);
});

test('in a gateway made for tests nobody looks for them', () => {
  expect(watchTestIdentities.everyMs({ ...town.services, alarmsTestIdentities: false })).toBeUndefined();
  expect(watchTestIdentities.everyMs(town.services)).toBe(600_000);
});

test('a database that cannot count leaves no figure rather than an old one', async () => {
  const registry = new Registry();
  const failures: unknown[] = [];
  const down = async () => {
    throw new Error('down');
  };
  addDirectoryGauges(registry, { countTestIdentities: down, failed: (error) => failures.push(error) });
  expect(await registry.metrics()).not.toMatch(/^passerelle_directory_test_identities \d/m);
  expect(failures).toHaveLength(1);
});
