// The operator's handles on who may write to whom: blocks, exchanges, first contacts.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registerAddress } from '../../directory/registry.ts';
import { resolveAddresses } from '../../directory/resolve-addresses.ts';
import { blockerOf } from '../../policies/blocker.ts';
import type { Standing } from '../../policies/facts.ts';
import { readStandings } from '../../policies/register.ts';
import { type Address, localPart } from '../../src/core/address.ts';
import { address } from '../support/address.ts';
import { openCliTown } from './cli-town.ts';

let town: Awaited<ReturnType<typeof openCliTown>>;
beforeAll(async () => {
  town = await openCliTown();
});
afterAll(() => town.close());

const matricule = () => localPart(town.citizen);

/** How two addresses stand, as the judge is told. */
async function standingOf(correspondent: Address, citizen: Address): Promise<Standing | undefined> {
  const holders = await resolveAddresses(town.db, 'patient.mssante.fr', [correspondent, citizen]);
  const [one, other] = [holders.get(correspondent), holders.get(citizen)];
  if (one?.kind !== 'professional' || other?.kind !== 'citizen') throw new Error('Not a pair');
  const pair = { citizenId: other.citizenId, correspondent, blocker: blockerOf(one) };
  return (await readStandings(town.db, [pair], new Date()))[0];
}

test('requirement 33: an operator blocks a citizen for a doctor, sees it, and lifts it', async () => {
  const added = await town.run(`block add ${town.doctor} - --by accueil`, { typed: `${matricule()}\n` });
  expect(added).toMatchObject({ exitCode: 0, err: '', out: expect.stringContaining('sur toutes ses boîtes ici') });
  expect(await town.ask(`block add ${town.doctor} -`, matricule())).toMatchObject({ changed: false });

  const listed = await town.run(`block list ${town.doctor}`);
  expect(listed.out).toMatch(/^1 citoyen bloqué par Dr Camille/);
  expect(listed.out).toMatch(/Dominique FICTIF-0 +\d+ +\d\d\/\d\d\/\d{4} \d\d:\d\d +accueil/);

  const shown = await town.run(`exchange show ${town.doctor} -`, { typed: town.citizen });
  expect(shown.out).toMatch(/Échange +jamais ouvert.*\nBlocage +oui/);
  expect(await town.run(`block remove ${town.doctor} -`, { typed: matricule() })).toMatchObject({ exitCode: 0 });
  expect(await standingOf(town.doctor, town.citizen)).toMatchObject({ isBlocked: false });
  expect(await town.run(`block remove ${town.doctor} -`, { typed: matricule() })).toMatchObject({ exitCode: 1, out: '' });
});

test('requirement 33: a block holds for every mailbox of a person, and for one mailbox of a structure', async () => {
  const second = address(`cabinet@${town.doctor.split('@')[1]}`);
  await registerAddress(town.db, { address: second, type: 'CAB', label: 'Cabinet', rpps: '10900000000' });
  await town.ask(`block add ${town.doctor} -`, matricule());
  expect(await standingOf(second, town.citizen)).toMatchObject({ isBlocked: true });
  expect(await standingOf(town.ward, town.citizen)).toMatchObject({ isBlocked: false });
  await town.ask(`block remove ${second} -`, matricule());
  const { out } = await town.run(`block add ${town.ward} -`, { typed: matricule() });
  expect(out).toContain(`ne peut plus écrire à ${town.ward}.`);
  expect(await standingOf(town.doctor, town.citizen)).toMatchObject({ isBlocked: false });
});

test('requirements 27 and 29: an exchange is reopened and ended in the name of its correspondent', async () => {
  expect(await town.ask(`exchange reopen ${town.colleague} -`, matricule())).toMatchObject({ exchange: 'open', isBlocked: false });
  expect(await town.ask(`exchange show ${town.colleague} -`, matricule())).toMatchObject({
    exchange: 'open',
    opened: { by: town.colleague },
    ended: null,
  });
  expect(await town.run(`exchange end ${town.colleague} -`, { typed: matricule() })).toMatchObject({ exitCode: 0 });
  const { out } = await town.run(`exchange show ${town.colleague} -`, { typed: matricule() });
  expect(out).toMatch(/Échange +terminé/);
  expect(out).toMatch(new RegExp(`Terminé +le .* par ${town.colleague}`));
  expect(await standingOf(town.colleague, town.neighbour)).toMatchObject({ exchange: 'never-opened' });
});

test('requirement 33: reopening an exchange does not lift a block, and says so', async () => {
  await town.ask(`block add ${town.colleague} -`, town.neighbour);
  expect(await town.run(`exchange reopen ${town.colleague} -`, { typed: town.neighbour })).toMatchObject({
    exitCode: 0,
    out: expect.stringContaining('tant que le blocage demeure'),
  });
});

test('an exchange with a correspondent of another operator is handled too, one with a citizen is not', async () => {
  const elsewhere = 'secretariat@hopital.autre.mssante.fr';
  expect(await town.ask(`exchange reopen ${elsewhere} -`, matricule())).toMatchObject({ exchange: 'open', correspondent: elsewhere });
  for (const nobody of [town.neighbour, `personne@${town.doctor.split('@')[1]}`]) {
    expect(await town.run(`exchange reopen - -`, { typed: `${nobody}\n${matricule()}` })).toMatchObject({ exitCode: 1, out: '' });
  }
});

test('requirement 32: a mailbox agrees to be written to first, by those of its list, so many times a day', async () => {
  const set = await town.run(`first-contact set ${town.ward} listed --daily-limit 2`);
  expect(set).toMatchObject({ exitCode: 0, out: expect.stringContaining('Courriers par jour et par citoyen : 2.') });
  expect(await standingOf(town.ward, town.neighbour)).toMatchObject({ mayWriteFirst: 'no' });

  expect(await town.ask(`first-contact invite ${town.ward} -`, town.neighbour)).toMatchObject({ changed: true, audience: 'listed' });
  expect(await standingOf(town.ward, town.neighbour)).toMatchObject({ mayWriteFirst: 'yes' });
  expect((await town.run(`first-contact show ${town.ward}`)).out).toMatch(/Dominique FICTIF-1/);

  expect(await town.run(`first-contact disinvite ${town.ward} -`, { typed: town.neighbour })).toMatchObject({ exitCode: 0 });
  expect(await town.run(`first-contact disinvite ${town.ward} -`, { typed: town.neighbour })).toMatchObject({ exitCode: 1 });
  expect(await town.ask(`first-contact set ${town.ward} nobody`)).toMatchObject({ audience: 'nobody', dailyLimit: 2, guests: [] });
  const early = await town.run(`first-contact invite ${town.ward} -`, { typed: town.neighbour });
  expect(early.out).toContain('ne compte que si la boîte choisit');
});

test('requirements 25 and 26: explain says what a letter would become, by which rule, and what would change it', async () => {
  const asked = await town.run(`explain - ${town.doctor}`, { typed: town.neighbour });
  expect(asked).toMatchObject({ exitCode: 0, err: '' });
  expect(asked.out).toMatch(/^Ce courrier serait refusé à l’envoi\.\n\nRègle +.*\nCe qui est dit +.* \(5\.7\.1\)\nQue faire +./);
  expect(await town.ask(`explain - ${town.doctor}`, localPart(town.neighbour))).toMatchObject({
    verdict: { do: 'refuse', code: 'exchange-never-opened' },
  });
  expect(await town.ask(`explain ${town.doctor} -`, town.neighbour)).toMatchObject({ verdict: { do: 'accept' } });
});
