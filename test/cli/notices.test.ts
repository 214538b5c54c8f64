// Where citizens are told that something waits, from an operator's chair; and whether notices arrive.
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { findCitizens } from '../../directory/matricules.ts';
import { readNoticePreference, recordNoticeAnswer } from '../../policies/notice-preferences.ts';
import { localPart } from '../../src/core/address.ts';
import type { Ins } from '../../src/core/ins.ts';
import { Sink } from '../../src/demo/sink.ts';
import { address } from '../support/address.ts';
import { openCliTown } from './cli-town.ts';
import { runHere } from './run-here.ts';

vi.setConfig({ testTimeout: 120_000 });

const home = address('dominique@fournisseur.example');

let town: Awaited<ReturnType<typeof openCliTown>>;
let sink: Sink;
let environment: Record<string, string>;
let citizenId = 0;
beforeAll(async () => {
  town = await openCliTown();
  sink = new Sink();
  environment = {
    ...town.environment,
    PASSERELLE_NOTICES_SMARTHOST_HOST: '127.0.0.1',
    PASSERELLE_NOTICES_SMARTHOST_PORT: String(await sink.start()),
    PASSERELLE_NOTICES_SMARTHOST_TLS: 'none',
    PASSERELLE_NOTICES_FROM: 'ne-pas-repondre@operateur.example',
  };
  const ins = localPart(town.citizen).toUpperCase() as Ins;
  citizenId = (await findCitizens(town.db, [ins])).get(ins) ?? 0;
});
beforeEach(() => town.db.deleteFrom('notice_preferences').execute());
afterAll(async () => {
  await town.close();
  await sink.stop();
});

const runWithSmarthost = (words: string) => runHere(words.split(' '), { environment });

test('a citizen’s address and kinds are set, shown and cleared', async () => {
  expect(await town.run(`notice set ${town.citizen}`)).toMatchObject({ exitCode: 2, out: '' });
  const { out } = await town.run(`notice set ${town.citizen} --to ${home} --off document`);
  expect(out).toContain(`Avis à ${home} quand un courrier l’attend, ou un de ses courriers n’est pas arrivé.`);
  expect(await town.ask(`notice set ${town.citizen} --off letter --on document`)).toEqual({
    citizenId,
    address: home,
    told: { letter: false, document: true, 'not-delivered': true },
    isFailing: false,
  });
  expect(await town.ask('notice show -', `${town.citizen}\n`)).toMatchObject({ address: home });
  expect(await town.run(`notice set ${town.citizen} --on courrier`)).toMatchObject({ exitCode: 2, out: '' });
  expect(await town.run(`notice set ${town.citizen} --on letter --off letter`)).toMatchObject({ exitCode: 2, out: '' });
  expect(await town.run(`notice clear ${town.citizen}`)).toMatchObject({ exitCode: 0 });
  expect(await town.run(`notice clear ${town.citizen}`)).toMatchObject({ exitCode: 1, out: '' });
  expect(await town.ask(`notice show ${town.citizen}`)).toBeNull();
});

test('a health mailbox is no ordinary address, and a professional has no notices', async () => {
  for (const unfit of [town.doctor, town.neighbour, 'lea@hopital.mssante.fr']) {
    const { exitCode, err } = await runHere(['notice', 'set', town.citizen, '--to', unfit], { environment });
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: expect.stringContaining('adresse ordinaire') });
  }
  expect(await town.run(`notice set ${town.doctor} --to ${home}`)).toMatchObject({ exitCode: 1, out: '' });
});

test('an address that fails is told, and forgiven when it is given anew', async () => {
  await town.run(`notice set ${town.citizen} --to ${home}`);
  for (const _ of [1, 2, 3]) await town.db.transaction().execute((trx) => recordNoticeAnswer(trx, citizenId, home, 'refused'));
  expect((await town.run(`notice show ${town.citizen}`)).out).toContain('Cette adresse a refusé les derniers avis');
  expect((await town.run(`notice set ${town.citizen} --to ${home}`)).out).not.toContain('refusé');
});

test('a test notice leaves now, and the words of the smarthost are shown', async () => {
  await town.run(`notice set ${town.citizen} --to ${home}`);
  await town.db.transaction().execute((trx) => recordNoticeAnswer(trx, citizenId, home, 'refused'));
  const run = await runWithSmarthost(`notice test ${town.citizen}`);
  expect(run).toMatchObject({ exitCode: 0, err: '' });
  expect(run.out).toMatch(new RegExp(`^Avis d’essai remis pour ${home} : 250 `));
  const sunk = await sink.waitFor((one) => one.recipients.includes(home));
  expect(sunk.sender).toBe('ne-pas-repondre@operateur.example');
  expect(sunk.bytes.toString()).not.toContain(localPart(town.citizen));
  expect((await simpleParser(sunk.bytes)).text).toContain('aucun message ne vous attend');
  expect(await town.db.selectFrom('notice_preferences').select('refusals').executeTakeFirst()).toEqual({ refusals: 0 });
  expect(await runWithSmarthost('notice test --to quelquun@ailleurs.example --json')).toMatchObject({ exitCode: 0 });
});

test('what goes wrong is said in one line', async () => {
  expect((await town.run(`notice test --to ${home}`)).err).toContain('notices.smarthost');
  expect(await runWithSmarthost('notice test')).toMatchObject({ exitCode: 2, out: '' });
  expect((await runWithSmarthost(`notice test ${town.neighbour}`)).err).toContain('aucune adresse ordinaire');
  sink.answerWith(() => 'refuse');
  const refused = await runWithSmarthost(`notice test --to ${home}`);
  expect(refused).toMatchObject({ exitCode: 1, out: '' });
  expect(refused.err).toMatch(/^Le serveur des avis refuse cette adresse : 550 5\.1\.1 .*\n$/);
  expect(await readNoticePreference(town.db, citizenId)).toBeUndefined();
});
