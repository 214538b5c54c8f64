// How commands refuse: in one line, with an exit code, and without a word of what was typed.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Failure, failureOf } from '../../src/cli/failures.ts';
import { createProgram } from '../../src/cli/program.ts';
import { createTestDatabase } from '../support/database.ts';
import { openCliTown, urlOf } from './cli-town.ts';
import { runCli } from './run-cli.ts';
import { runHere } from './run-here.ts';

vi.setConfig({ testTimeout: 120_000 });

let town: Awaited<ReturnType<typeof openCliTown>>;
beforeAll(async () => {
  town = await openCliTown();
});
afterAll(() => town.close());

describe('in the process of the test, for there are many', () => {
  beforeEach(() => {
    for (const [name, value] of Object.entries(town.environment)) vi.stubEnv(name, value);
    return () => vi.unstubAllEnvs();
  });

  /** Someone's, whom nobody knows here. */
  const matricule = '279035121518989';
  const heldId = '01890a5d-ac96-774b-bcce-b302099a8057';

  test.each([
    ['an unknown command', matricule, 2],
    ['an unknown command of a group', `block ${matricule}`, 2],
    ['an unknown option', `block list DOCTOR --citizen=${matricule}`, 2],
    ['a word too many', `block list DOCTOR ${matricule}`, 2],
    ['a missing word', 'block add DOCTOR', 2],
    ['a missing option', `quarantine drop ${matricule}`, 2],
    ['an option without its value', 'absence set DOCTOR --until', 2],
    ['a citizen who is no matricule', 'block add DOCTOR 279035121518980', 2],
    ['a citizen nobody knows', `block add DOCTOR ${matricule}`, 1],
    ['an address nobody has here', `block add DOCTOR ${matricule}@patient.mssante.fr`, 1],
    ['a professional who is none', `block list ${matricule}@patient.mssante.fr`, 1],
    ['an address that is none', `block list ${matricule}`, 2],
    ['an absence that ends before it begins', 'absence set DOCTOR --from 2030-07-02 --until 2030-07-01 --text x', 2],
    ['an absence that is over', 'absence set DOCTOR --from 2020-01-01 --until 2020-01-02 --text x', 2],
    ['an absence until a day that is none', 'absence set DOCTOR --until 2030-02-30 --text x', 2],
    ['an absence with oneself for a stand-in', 'absence set DOCTOR --until 2030-07-01 --text x --stand-in DOCTOR', 1],
    ['a choice of receipts that is none', 'receipts set DOCTOR perhaps', 2],
    ['a limit that is none', `first-contact set WARD everyone --daily-limit ${matricule}`, 2],
    ['an audience that is none', `first-contact set WARD ${matricule}`, 2],
    ['a reason of one word too short', `quarantine release ${heldId} --reason vu`, 2],
    ['a held letter that is none', `quarantine release ${matricule} --reason corrigé`, 2],
    ['a held letter that is unknown', `quarantine release ${heldId} --reason corrigé`, 1],
    ['a decision by nobody', `quarantine drop ${heldId} --reason corrigé --by \u0007`, 2],
    ['work to retry that is not named', 'dead retry', 2],
    ['work to retry that is named, and all of it', `dead retry ${heldId} --all`, 2],
    ['a kind of work without all of it', `dead retry ${heldId} --kind relay-letter`, 2],
    ['work that is named otherwise', `dead retry ${matricule}`, 2],
    ['work nobody gave up', `dead show ${heldId}`, 1],
    ['work dropped for a reason of one word too short', `dead drop ${heldId} --reason vu`, 2],
    ['a list of nothing', `dead list --limit ${matricule}`, 2],
    ['a matricule to replace that nobody has', 'matricule replace 279035121518989 277076322082910', 1],
    ['a matricule with a wrong key', 'matricule replace 279035121518980 277076322082910', 2],
    ['a mailbox of a domain that is not ours', `address create ${matricule}@patient.mssante.fr --type PER --label x`, 1],
    ['a mailbox to close that is a citizen’s', `address close ${matricule}@patient.mssante.fr`, 1],
    ['an identity with a matricule for a name', `citizen find ${matricule} ALEX 1990-01-01`, 2],
    ['a citizen to register without an identity', `citizen create ${matricule}`, 2],
    ['a guardian nobody knows', `citizen attach ${matricule} ${matricule} --kind minor`, 1],
    ['a history as long as a matricule', `citizen history ${matricule} --limit ${matricule}`, 2],
    ['a file that is not there', `directory import-citizens ${matricule}.csv`, 1],
    ['an import that is not known', `directory imports ${matricule}`, 1],
    ['someone nobody knows', `directory lookup ${matricule}`, 1],
    ['a letter whose sender is no address', `explain ${matricule}@ DOCTOR`, 2],
  ])('%s: one line, and nothing of what was typed', async (_, words, exitCode) => {
    const failure = await failureOfCommand(words.replaceAll('DOCTOR', town.doctor).replace('WARD', town.ward).split(' '));
    expect(failure).toEqual({ line: expect.stringMatching(/^(?:\p{Lu}|--)[^\n]+\.$/u), exitCode });
    expect(failure?.line).not.toMatch(/\d{13}/);
  });

  test('an error nobody expected is told without its message', () => {
    const { line, exitCode } = failureOf(new TypeError(`Cannot read ${matricule}`));
    expect(line).toMatch(/^Erreur inattendue : TypeError, en .+usage\.test\.ts:\d+:\d+\.$/);
    expect(line).not.toContain(matricule);
    expect(exitCode).toBe(1);
    expect(failureOf(matricule).line).not.toContain(matricule);
  });

  async function failureOfCommand(words: readonly string[]): Promise<Failure | undefined> {
    try {
      await createProgram().parseAsync(words, { from: 'user' });
      return undefined;
    } catch (error) {
      return failureOf(error);
    }
  }
});

test.each([[''], ['block']])('« passerelle %s » alone shows what there is, on the error output', async (words) => {
  const { exitCode, out, err } = await runCli(words === '' ? [] : [words], { environment: {} });
  expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  expect(err).toMatch(/^Utilisation : passerelle/);
});

test('a refusal of the real command: one line, its exit code, nothing else', async () => {
  const refused = await town.runApart(`block add ${town.doctor} 279035121518989`);
  expect(refused).toEqual({ exitCode: 1, out: '', err: expect.stringMatching(/^Aucun citoyen inscrit ici[^\n]*\.\n$/) });
  const nothingTyped = await town.runApart(`block add ${town.doctor} -`);
  expect(nothingTyped).toEqual({ exitCode: 2, out: '', err: expect.stringMatching(/^Rien à lire[^\n]*\.\n$/) });
});

test('help is French, and asks for no database', async () => {
  const { exitCode, out } = await runCli(['first-contact', 'set', '--help'], { environment: { DATABASE_URL: 'nonsense' } });
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^Utilisation : passerelle first-contact set/);
  expect(out).not.toMatch(/Usage:|Arguments:|Options:|Commands:|display help/);
});

test('a database that does not answer is told in one line', async () => {
  const environment = { ...town.environment, DATABASE_URL: 'postgres://passerelle:hunter2@127.0.0.1:1/passerelle' };
  const { exitCode, err } = await runHere(['block', 'list', town.doctor], { environment });
  expect(exitCode).toBe(1);
  expect(err).toMatch(/^La base de données ne répond pas[^\n]*\n$/);
  expect(err).not.toContain('hunter2');
});

test('a command changes nothing in a database whose tables are not those of this version', async () => {
  const empty = await createTestDatabase([]);
  try {
    const environment = { ...town.environment, DATABASE_URL: urlOf(empty.connection) };
    const run = await runHere(['block', 'list', town.doctor], { environment });
    expect(run).toMatchObject({ exitCode: 1, out: '', err: expect.stringMatching(/^Les tables ne sont pas à jour[^\n]*\n$/) });
  } finally {
    await empty.close();
  }
});

test('settings that cannot be used are told as the gateway tells them', async () => {
  const environment = { ...town.environment, PASSERELLE_POLICIES_LEDGER_DAYS: 'many' };
  const { exitCode, err } = await runHere(['block', 'list', town.doctor], { environment });
  expect(exitCode).toBe(1);
  expect(err).toContain('PASSERELLE_POLICIES_LEDGER_DAYS');
});
