// Work that was given up, in an operator's hands: listed, read, tried again, dropped.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { workText } from '../../src/cli/dead-work.ts';
import { addToOutbox, markDead } from '../../src/delivery/outbox.ts';
import { gatewayTasks } from '../../src/pipeline/tasks.ts';
import { openCliTown } from './cli-town.ts';

let town: Awaited<ReturnType<typeof openCliTown>>;
beforeAll(async () => {
  town = await openCliTown();
});
afterAll(() => town.close());
beforeEach(async () => {
  await town.db.deleteFrom('outbox').execute();
});

const doctorElsewhere = 'dr.ailleurs@hopital.autre.mssante.fr';

/** A row that was given up; its name. */
async function giveUp({ kind = 'relay-letter', isTold = true, payload = {} as object } = {}): Promise<string> {
  const now = new Date();
  const [id = ''] = await town.db.transaction().execute((trx) => addToOutbox(trx, [{ kind, payload }], now));
  await markDead(town.db, id, { now, because: 'put-off-by-next-hop', isTold });
  return id;
}

const letter = () => ({
  payload: {
    sender: town.doctor,
    recipients: [{ address: doctorElsewhere }, { address: town.citizen }],
    prefix: 'U3ViamVjdDogc2VjcmV0',
  },
});

test('what was given up is listed, the longest ago first, without a word of whom it is about', async () => {
  expect((await town.run('dead list')).out).toBe('Aucun travail abandonné.\n');
  const id = await giveUp(letter());
  await giveUp({ kind: 'send-report', isTold: false });
  const listed = await town.run('dead list');
  expect(listed.out).toMatch(/^2 travaux abandonnés\.\n\nIdentifiant +Travail +Dû depuis +Abandonné +Essais +Motif\n/);
  expect(listed.out).toMatch(new RegExp(`\\n${id} +courrier pour un autre opérateur .* put-off-by-next-hop\\n`));
  expect(listed.out).not.toContain('@');
  expect((await town.run('dead list --limit 1')).out).toContain('\n1 sur 2 ; --limit en montre davantage.');
  expect(await town.ask('dead list --kind send-report')).toMatchObject({ count: 1, rows: [{ kind: 'send-report', toldAt: null }] });
});

test('one is shown with what was tried; addresses only when they are asked for, and of the content nothing', async () => {
  const id = await giveUp({ payload: { ...letter().payload, recipients: [{ address: doctorElsewhere }] } });
  const shown = await town.run(`dead show ${id.toUpperCase()}`);
  expect(shown.out).toMatch(/^Travail +courrier pour un autre opérateur \(relay-letter\)\nÉtat +abandonné, le /);
  expect(shown.out).toMatch(/\nDe +une boîte professionnelle d’ici\nPour +un correspondant d’ailleurs\nDéjà dit +l’échec a été annoncé/);
  expect(shown.out).toMatch(/\nQuand +Essai +Fin +Motif\n.* abandonné +put-off-by-next-hop\n/);
  expect(shown.out).not.toContain('@');
  const full = await town.run(`dead show ${id} --full`);
  expect(full.out).toMatch(new RegExp(`\\nDe +${town.doctor}\\nPour +${doctorElsewhere}\\n`));
  for (const answer of [await town.ask(`dead show ${id}`), await town.ask(`dead show ${id} --full`)]) {
    expect(answer).toMatchObject({ id, state: 'dead', concerns: { senders: ['professional-here'], recipients: ['elsewhere'] } });
    expect(JSON.stringify(answer)).not.toContain(letter().payload.prefix);
  }
  expect(JSON.stringify(await town.ask(`dead show ${id}`))).not.toContain('@');
});

test('a citizen is said by their kind, never by their matricule', async () => {
  const id = await giveUp(letter());
  expect(await town.ask(`dead show ${id}`)).toMatchObject({ concerns: { recipients: ['elsewhere', 'citizen'] } });
});

test('one is tried again, once; the answer says what was told already and promises nothing', async () => {
  const id = await giveUp(letter());
  const retried = await town.run(`dead retry ${id} --by admin.durand`);
  expect(retried).toMatchObject({ exitCode: 0, err: '' });
  expect(retried.out).toMatch(/^1 travail est repris .*sans promesse de réussite\.\nSon échec a déjà été annoncé/);
  expect(await town.run(`dead retry ${id}`)).toMatchObject({ exitCode: 1, out: '' });
  expect(await town.ask(`dead show ${id}`)).toMatchObject({
    state: 'waiting',
    history: [{ is: 'dead' }, { is: 'retried', by: 'admin.durand' }],
  });
  expect((await town.run(`dead show ${id}`)).out).toMatch(/État +repris, pas encore fait\n[\s\S]*par admin\.durand/);
});

test('all are tried again, or all of a kind; when there is none, that is done already', async () => {
  await giveUp();
  await giveUp({ isTold: false });
  await giveUp({ kind: 'send-report', isTold: false });
  const some = await town.run('dead retry --all --kind relay-letter');
  expect(some.out).toMatch(/^2 travaux sont repris .*\nPour 1 d’entre eux, l’échec a déjà été annoncé/);
  expect(await town.ask('dead retry --all')).toMatchObject({ retried: [{ kind: 'send-report', toldAt: null }] });
  expect(await town.run('dead retry --all')).toMatchObject({ exitCode: 0, out: 'Aucun travail n’est abandonné.\n' });
});

test('one is dropped for good, with the reason of whoever is signed in', async () => {
  const id = await giveUp();
  expect(await town.ask(`dead drop ${id} --reason correspondant-parti --by admin.durand`)).toMatchObject({ id, decision: 'dropped' });
  expect((await town.run(`dead show ${id}`)).out).toMatch(
    /État +écarté pour de bon, .*\nÉcarté par +admin\.durand : correspondant-parti\n/,
  );
  for (const words of [`dead drop ${id} --reason encore`, `dead retry ${id}`]) {
    expect(await town.run(words)).toMatchObject({ exitCode: 1, out: '', err: expect.stringMatching(/^Aucun travail[^\n]*\.\n$/) });
  }
});

test('every task of the gateway has words for an operator', () => {
  expect(gatewayTasks.map(({ name }) => name).filter((name) => workText(name) === name)).toEqual([]);
});
