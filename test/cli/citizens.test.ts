// The registry of citizens, as its admins work on it by commands: without a matricule being said.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { resolveAddresses } from '../../directory/resolve-addresses.ts';
import type { Address } from '../../src/core/address.ts';
import { insKey } from '../../src/core/ins.ts';
import { address } from '../support/address.ts';
import { openCliTown } from './cli-town.ts';

vi.setConfig({ testTimeout: 120_000 });

let town: Awaited<ReturnType<typeof openCliTown>>;
beforeAll(async () => {
  town = await openCliTown();
});
afterAll(() => town.close());

/** An identity of domain.md §9: fictitious, its key computed. */
const matricule = `1850199100001${insKey('1850199100001')}`;
const mailbox = address(`${matricule}@patient.mssante.fr`);
const identity = ['--birth-name', 'Fictif-Test', '--first-given-name', 'Élie', '--birth-date', '15/01/1985', '--sex', 'm'];

const done = (text: string | RegExp) => ({ exitCode: 0, err: '', out: expect.stringMatching(text) });
const refused = (text: string | RegExp) => ({ exitCode: 1, out: '', err: expect.stringMatching(text) });
const misunderstood = (text: string | RegExp) => ({ exitCode: 2, out: '', err: expect.stringMatching(text) });
const stateOf = async (who: Address) => (await resolveAddresses(town.db, 'patient.mssante.fr', [who])).get(who)?.state;

/** A command about the new citizen; it says nothing of their matricule. */
async function here(...words: readonly string[]) {
  const run = await town.here(...words);
  expect(`${run.out}${run.err}`).not.toMatch(/\d{13}/);
  return run;
}

test('requirement 35: a citizen is registered with their identity, once, by a matricule that was typed and not said', async () => {
  const wrong = [...identity.slice(0, 4), '--birth-date', '30/02/1985', '--sex', 'm'];
  expect(await here('citizen', 'create', matricule, ...wrong)).toEqual(misunderstood(/--birth-date attend/));
  expect(await here('citizen', 'create', `${matricule.slice(0, 13)}00`, ...identity)).toEqual(misunderstood(/clé juste/));
  expect(await here('citizen', 'create', matricule, ...identity, '--oid', '1.2.250.1.213.1.4.2')).toEqual(misunderstood(/--oid attend/));
  expect(await here('citizen', 'create', matricule, '--birth-name', 'x\ny', ...identity.slice(2))).toEqual(misunderstood(/--birth-name/));
  expect(await here('citizen', 'create', matricule, ...identity.slice(2))).toEqual(misunderstood(/^Il manque --birth-name/));
  const words = ['citizen', 'create', '-', ...identity, '--birth-place', '2a004', '--qualified', '--by', 'jdupont'].join(' ');
  const created = await town.run(words, { typed: `${matricule}\n` });
  expect(created).toEqual(done(/^Ce citoyen est inscrit\.\n$/));
  expect(await here('citizen', 'create', matricule, ...identity)).toEqual(done(/déjà connu/));
  expect(await stateOf(mailbox)).toBe('active');
  expect(JSON.parse((await here('citizen', 'show', matricule, '--json')).out)).toMatchObject({
    birthName: 'FICTIF-TEST',
    firstGivenName: 'ÉLIE',
    birthDate: '1985-01-15',
    birthPlace: '2A004',
    sex: 'M',
    arc: 8,
    isQualified: true,
    state: 'created',
    createdBy: 'operator:jdupont',
    guardians: [],
    wards: [],
  });
  const { out } = await here('citizen', 'show', mailbox);
  expect(out).toMatch(/^Élie FICTIF-TEST\n/);
  expect(out).toContain('créée, pas encore utilisée');
});

test('a test identity is registered, and said to be an alarm in production', async () => {
  const body = '2790399100002';
  const words = [`${body}${insKey(body)}`, '--oid', '10', '--birth-name', 'Fictif-Demo', ...identity.slice(2)];
  expect(await here('citizen', 'create', ...words)).toEqual(done(/identité de test, dans un registre de production/));
});

test('requirement 21: a mailbox is opposed, reopened and closed, and its history tells by whom', async () => {
  const steps = [
    ['reopen', refused(/rien à rouvrir/), 'active'],
    ['oppose', done(/est refusée par son titulaire/), 'opposed'],
    ['oppose', done(/était déjà refusée/), 'opposed'],
    ['close', refused(/rien à fermer/), 'opposed'],
    ['reopen', done(/est rouverte/), 'active'],
    ['close', done(/est fermée/), 'closed'],
    ['oppose', refused(/se ferme \(citizen close\)/), 'closed'],
    ['reopen', done(/est rouverte/), 'active'],
  ] as const;
  for (const [verb, answer, now] of steps) {
    expect([verb, await here('citizen', verb, matricule, '--by', 'mdurand')]).toEqual([verb, answer]);
    expect([verb, await stateOf(mailbox)]).toEqual([verb, now]);
  }
  const { out } = await here('citizen', 'history', matricule);
  expect(out).toContain('état : créée, pas encore utilisée → refusée par son titulaire');
  expect(out).toContain('operator:mdurand');
  const nobody = `1150675100005${insKey('1150675100005')}`;
  expect(await here('citizen', 'close', nobody)).toEqual(refused(/Aucun citoyen/));
  expect(await here('citizen', 'close', town.doctor)).toEqual(misunderstood(/Un citoyen se nomme/));
});

test('requirement 38: who acts for whom is noted, shown at both ends, and ended', async () => {
  const { citizen, neighbour } = town;
  const attach = (...words: string[]) => here('citizen', 'attach', ...words);
  expect(await attach(matricule, citizen, '--kind', 'minor', '--until', '2999-12-31')).toEqual(done(/^Noté\.$/m));
  expect(await attach(matricule, citizen, '--kind', 'minor', '--until', '2999-12-31')).toEqual(done(/déjà noté/));
  expect(await attach(citizen, matricule, '--kind', 'ward')).toEqual(refused(/ni pour qui agit pour lui/));
  expect(await attach(neighbour, neighbour, '--kind', 'ward')).toEqual(refused(/Nul n’agit pour soi-même/));
  expect(await attach(matricule, neighbour, '--kind', 'friend')).toEqual(misunderstood(/--kind attend/));
  expect(await attach(matricule, neighbour, '--kind', 'minor', '--until', '2001-01-01')).toEqual(misunderstood(/à venir/));
  expect((await here('citizen', 'show', matricule)).out).toMatch(/Représentant Dominique FICTIF-0 \(numéro \d+\), minorité.*jusqu’au/);
  expect((await here('citizen', 'show', citizen)).out).toMatch(/Représente {3}Élie FICTIF-TEST/);
  expect((await here('citizen', 'history', matricule)).out).toContain('motif : — → minorité');
  expect(await here('citizen', 'detach', matricule, citizen)).toEqual(done(/a pris fin/));
  expect(await here('citizen', 'detach', matricule, citizen)).toEqual(refused(/n’agit pas pour/));
});

test('a matricule that was replaced is told in the history, and neither the old nor the new one is shown', async () => {
  const body = '1850175000077';
  const replacing = await town.run('matricule replace - -', { typed: `${matricule}\n${body}${insKey(body)}\n` });
  expect(replacing).toMatchObject({ exitCode: 0, err: '' });
  const { out } = await here('citizen', 'history', matricule);
  expect(out).toContain('matricule remplacé');
  const lines = JSON.parse((await here('citizen', 'history', matricule, '--json')).out);
  expect(lines[0].change).toMatchObject({ ins: [null, null] });
  expect((await here('citizen', 'show', matricule)).out).toContain('1 avant l’actuel');
});

test('requirement 23: a citizen is found by their whole identity and by nothing less, a bounded number of times, and it is written down', async () => {
  const find = (...words: string[]) => here('citizen', 'find', ...words, '--by', 'jdupont');
  expect(await find('fictif test', 'elie', '15/01/1985')).toEqual(done(/^Élie FICTIF-TEST \(numéro \d+\)\n/));
  expect(await find('fictif', 'elie', '15/01/1985')).toEqual(refused(/exactement cette identité/));
  expect(await find('fictif-test', 'el*', '15/01/1985')).toEqual(misunderstood(/^L’argument <prénom> attend/));
  expect(await find('fictif-test', 'elie')).toEqual(misunderstood(/Il manque/));
  const asked = await town.db
    .selectFrom('citizen_questions')
    .select(['by', 'kind', 'outcome', 'citizen_id'])
    .orderBy('question_id')
    .execute();
  expect(asked).toEqual([
    { by: 'operator:jdupont', kind: 'identity', outcome: 'one', citizen_id: 4 },
    { by: 'operator:jdupont', kind: 'identity', outcome: 'nobody', citizen_id: null },
  ]);
  const full = await town.here('citizen', 'find', 'FICTIF-TEST', 'Élie', '1985-01-15', '--full', '--json');
  expect(JSON.parse(full.out)).toMatchObject({ displayName: 'Élie FICTIF-TEST', state: 'reopened', address: expect.stringContaining('@') });
  vi.stubEnv('PASSERELLE_LDAP_CITIZEN_QUESTIONS_PER_HOUR', '2');
  expect(await find('fictif-test', 'elie', '15/01/1985')).toEqual(refused(/^Trop de questions/));
  vi.unstubAllEnvs();
});
