// The registry of professional mailboxes, as its admins work on it by commands.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { resolveAddresses } from '../../directory/resolve-addresses.ts';
import { type Address, localPart } from '../../src/core/address.ts';
import { address } from '../support/address.ts';
import { doctorsDomain } from '../support/crowd.ts';
import { openCliTown } from './cli-town.ts';

vi.setConfig({ testTimeout: 120_000 });

let town: Awaited<ReturnType<typeof openCliTown>>;
beforeAll(async () => {
  town = await openCliTown();
});
afterAll(() => town.close());

const at = (name: string): Address => address(`${name}@${doctorsDomain}`);
const done = (text: string | RegExp) => ({ exitCode: 0, err: '', out: expect.stringMatching(text) });
const refused = (text: string | RegExp) => ({ exitCode: 1, out: '', err: expect.stringMatching(text) });
const misunderstood = (text: string | RegExp) => ({ exitCode: 2, out: '', err: expect.stringMatching(text) });
const shown = async (name: Address) => JSON.parse((await town.here('address', 'show', name, '--json')).out);

test('requirement 20: a mailbox is created with its holder, and found as it was wanted', async () => {
  const lea = at('lea.martin');
  const words = ['address', 'create', lea, '--type', 'per', '--rpps', '8 10100000017', '--label', 'Dr Léa MARTIN', '--by', 'jdupont'];
  expect(await town.here(...words)).toEqual(refused(/pas inscrite/));
  const names = ['--family-name', 'MARTIN', '--given-name', 'Léa', '--civility', 'Dr', '--profession', 'Médecin'];
  expect(await town.here(...words, '--given-name', 'Léa')).toEqual(misunderstood(/ensemble\.\n$/));
  expect(await town.here(...words, ...names)).toEqual(done(/^lea\.martin@\S+ est inscrite\.\n/));
  expect(await town.here(...words, ...names)).toEqual(done(/déjà inscrite/));
  expect(await shown(lea)).toMatchObject({
    type: 'PER',
    isHosted: true,
    state: 'active',
    label: 'Dr Léa MARTIN',
    professional: { rpps: '10100000017', familyName: 'MARTIN', profession: 'Médecin' },
    isRedListed: false,
    isPublished: true,
    createdBy: 'operator:jdupont',
  });
  const { out } = await town.here('address', 'show', lea);
  expect(out).toContain('Dr Léa MARTIN, Médecin (RPPS 10100000017)');
  expect(out).toContain('ouverte depuis le');
});

test('requirement 20: a mailbox is refused that has no holder, another one, another type, or is not ours to make', async () => {
  const create = (name: string, ...words: string[]) => town.here('address', 'create', name, '--label', 'Essai', ...words);
  expect(await create(at('sans'), '--type', 'ORG')).toEqual(refused(/demande le RPPS d’une personne/));
  expect(await create(at('sans'), '--type', 'PER', '--structure', '1990009001')).toEqual(refused(/demande le RPPS d’une personne/));
  expect(await create(town.ward, '--type', 'APP', '--structure', '990009001')).toEqual(refused(/autre type/));
  expect(await create(town.ward, '--type', 'ORG', '--structure', '1990009002')).toEqual(refused(/pas inscrite/));
  const other = ['--structure', '1990009002', '--structure-name', 'Clinique'];
  expect(await create(town.ward, '--type', 'ORG', ...other)).toEqual(refused(/autre/));
  // The name of a structure that came with a refused mailbox is not kept.
  expect(await create(at('clinique'), '--type', 'ORG', '--structure', '1990009002')).toEqual(refused(/pas inscrite/));
  expect(await create('quelquun@ailleurs.test', '--type', 'PER', '--rpps', '10900000000')).toEqual(
    refused(/domaine professionnel tenu ici/),
  );
  expect(await create(town.citizen, '--type', 'PER', '--rpps', '10900000000')).toEqual(refused(/domaine professionnel tenu ici/));
  expect(await create(at(localPart(town.citizen)), '--type', 'PER', '--rpps', '10900000000')).toEqual(refused(/forme d’un matricule/));
  expect(await create(at('sans'), '--type', 'PERSONNE')).toEqual(misunderstood(/--type attend/));
  expect(await create(at('sans'), '--type', 'PER', '--rpps', '12')).toEqual(misunderstood(/11 chiffres/));
  expect(await create(at('sans'), '--type', 'ORG', '--structure', '12')).toEqual(misunderstood(/FINESS/));
  expect(await town.here('address', 'create', at('sans'), '--type', 'ORG', '--label', 'a\nb')).toEqual(misunderstood(/--label attend/));
});

test('requirement 18: words and wishes of a mailbox change; its type and holder have no option', async () => {
  const { ward } = town;
  expect(await town.here('address', 'update', ward, '--type', 'PER')).toEqual(misunderstood(/options n’existe pas/));
  expect(await town.here('address', 'update', ward)).toEqual(misunderstood(/ce qui change/));
  const words = ['--label', 'Pédiatrie', '--description', 'Secrétariat', '--service', 'Enfants', '--paperless', 'oui', '--by', 'jdupont'];
  expect(await town.here('address', 'update', ward, ...words)).toEqual(done(/est modifiée/));
  expect(await town.here('address', 'update', ward, ...words)).toEqual(done(/déjà ainsi/));
  expect(await shown(ward)).toMatchObject({ label: 'Pédiatrie', description: 'Secrétariat', service: 'Enfants', isPaperless: true });
  expect(await town.here('address', 'update', ward, '--description', '')).toEqual(done(/est modifiée/));
  expect(await shown(ward)).not.toHaveProperty('description');
  expect(await town.here('address', 'update', at('personne'), '--label', 'x')).toEqual(refused(/Aucune boîte/));
  const history = await town.here('address', 'history', ward, '--limit', '2');
  expect(history).toEqual(done(/^\d\d\/\d\d\/\d{4} \d\d:\d\d {2}\S+\n {2}description : Secrétariat → —\n/));
  expect(history.out).toContain('libellé : Service de pédiatrie → Pédiatrie');
  expect(history.out).toContain('operator:jdupont');
});

test('requirement 21: a mailbox is prepared, opened, suspended, reopened and closed, and the one path knows at once', async () => {
  const box = at('urgences');
  const words = ['--type', 'ORG', '--structure', '1990009001', '--label', 'Urgences', '--pending'];
  expect(await town.here('address', 'create', box, ...words)).toEqual(done(/est inscrite/));
  const state = async () => (await resolveAddresses(town.db, 'patient.mssante.fr', [box])).get(box)?.state;
  const steps = [
    ['reopen', refused(/pas possible d’une boîte préparée/), 'suspended'],
    ['open', done(/est ouverte\.$/m), 'active'],
    ['open', done(/était déjà ouverte/), 'active'],
    ['suspend', done(/est suspendue/), 'suspended'],
    ['open', refused(/pas possible d’une boîte suspendue/), 'suspended'],
    ['reopen', done(/est rouverte/), 'active'],
    ['close', done(/est fermée/), 'closed'],
    ['suspend', refused(/pas possible d’une boîte fermée/), 'closed'],
    ['reopen', done(/est rouverte/), 'active'],
  ] as const;
  for (const [verb, answer, now] of steps) {
    expect([verb, await town.here('address', verb, box, '--by', 'jdupont')]).toEqual([verb, answer]);
    expect([verb, await state()]).toEqual([verb, now]);
  }
  const { out } = await town.here('address', 'history', box);
  expect(out).toContain('état : ouverte → suspendue');
  expect(out).toContain('motif de suspension : — → décision');
  expect(await town.here('address', 'close', at('personne'))).toEqual(refused(/Aucune boîte/));
  expect(await town.here('address', 'close', town.citizen)).toEqual(refused(/Aucune boîte/));
});

test('requirement 19: what is on the red list or withdrawn is not found, and what is found says who and where', async () => {
  const find = async (...words: string[]) =>
    JSON.parse((await town.here('address', 'find', ...words, '--json')).out).entries.map((entry: { address: Address }) => entry.address);
  const { doctor, colleague } = town;
  expect(await find('camille', 'essai')).toEqual([doctor, colleague]);
  expect(await town.here('address', 'red-list', doctor)).toEqual(done(/est sur liste rouge/));
  expect(await town.here('address', 'unpublish', colleague)).toEqual(done(/n’est plus dans l’annuaire/));
  expect(await find('camille', 'essai')).toEqual([]);
  expect(await shown(doctor)).toMatchObject({ isRedListed: true });
  expect(await town.here('address', 'red-list', doctor, '--remove')).toEqual(done(/n’est pas sur liste rouge/));
  expect(await town.here('address', 'publish', colleague)).toEqual(done(/est montrée/));
  expect(await find('--rpps', '10900000001')).toEqual([colleague]);
  expect(await find('camille', '--type', 'org')).toEqual([]);
  expect(await town.here('address', 'find', 'camille', '--limit', '1')).toEqual(done(/^1 boîte ; il y en a d’autres/));
  expect(await town.here('address', 'find')).toEqual(misunderstood(/au moins un mot/));
  expect(await town.here('address', 'find', 'introuvable')).toEqual(done(/^Aucune boîte\.$/m));
});

test('of a holder’s mailboxes one is preferred, and preferring another takes it from the first', async () => {
  const cabinet = at('cabinet');
  await town.here('address', 'create', cabinet, '--type', 'CAB', '--rpps', '10900000000', '--label', 'Cabinet', '--preferred');
  expect(await shown(cabinet)).toMatchObject({ isPreferred: true });
  expect(await town.here('address', 'prefer', town.doctor)).toEqual(done(/boîte préférée/));
  expect(await shown(cabinet)).toMatchObject({ isPreferred: false });
  expect(await town.here('address', 'prefer', town.doctor, '--remove')).toEqual(done(/n’est pas la préférée/));
  expect(await shown(town.doctor)).toMatchObject({ isPreferred: false });
});

test('whoever decides is not named by a matricule', async () => {
  const run = await town.here('address', 'suspend', town.ward, '--by', localPart(town.citizen));
  expect(run).toEqual(misunderstood(/^--by attend le nom de qui décide/));
  expect(await shown(town.ward)).toMatchObject({ state: 'active' });
});

test('requirement 21: a mailbox shut by a command is refused by the command that explains, from a process of its own', async () => {
  expect(await town.run(`address close ${town.colleague} --by jdupont --json`)).toMatchObject({ exitCode: 0, err: '' });
  const explained = await town.run(`explain ${town.doctor} ${town.colleague}`);
  expect(`${explained.out}${explained.err}`).toMatch(/fermée/);
});
