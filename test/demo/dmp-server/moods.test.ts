// A DMP on a bad day: down, slow, in error, gone before its answer; in a process of its own, killed and started again. And its page.
import { readdir } from 'node:fs/promises';
import { Agent, get } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seeded } from '../../../src/demo/dmp-server/behaviour.ts';
import { startDmpProcess } from '../../support/dmp-process.ts';
import { document, feed, matricule, openDmp, openStage, type Stage } from './talk.ts';

let stage: Stage & { close(): Promise<void> };
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test('down, it drops whoever comes; up again, it takes', async () => {
  const dmp = await openDmp(stage);
  dmp.behave({ down: true });
  await expect(feed(stage, dmp, document())).rejects.toThrow();
  dmp.behave({});
  expect((await feed(stage, dmp, document())).isSuccess).toBe(true);
});

test('slow, it takes its time', async () => {
  const dmp = await openDmp(stage);
  dmp.behave({ slowMs: 200 });
  const startedAt = performance.now();
  expect((await feed(stage, dmp, document())).isSuccess).toBe(true);
  expect(performance.now() - startedAt).toBeGreaterThan(190);
});

test('a stop does not wait for the slow', async () => {
  const dmp = await openDmp(stage);
  dmp.behave({ slowMs: 60_000 });
  const waiting = expect(feed(stage, dmp, document())).rejects.toThrow();
  await dmp.stop();
  await waiting;
  // The end of the test stops it once more.
});

test('requirement 54: an answer that is lost leaves the document there', async () => {
  const dmp = await openDmp(stage);
  dmp.behave({ answerThenCut: true });
  await expect(feed(stage, dmp, document())).rejects.toThrow();
  expect(dmp.holds()).toHaveLength(1);
  dmp.behave({});
  expect((await feed(stage, dmp, document())).errors).toEqual(['XDSDuplicateUniqueIdInRegistry']);
});

test('errors on demand are of every kind, and drawn so that a run can be played again', { timeout: 120_000 }, async () => {
  const dmp = await openDmp(stage);
  const outcome = () =>
    feed(stage, dmp, document(1)).then(
      ({ status, errors, isSuccess }) => (isSuccess ? 'taken' : (errors[0] ?? `HTTP ${status}`)),
      () => 'cut',
    );
  const run = async () => {
    dmp.behave({ errorRate: 0.8, drawnFrom: seeded(7) });
    const heard: string[] = [];
    for (let round = 0; round < 12; round += 1) heard.push(await outcome());
    return heard.map((one) => (one === 'taken' ? 'XDSDuplicateUniqueIdInRegistry' : one));
  };
  const first = await run();
  expect(new Set(first)).toEqual(new Set(['HTTP 503', 'HTTP 500', 'XDSRepositoryBusy', 'XDSDuplicateUniqueIdInRegistry', 'cut']));
  expect(await run()).toEqual(first);
  expect(dmp.holds()).toHaveLength(1);
});

test('its page lists what it holds, without a script and for readers of tables', async () => {
  const dmp = await openDmp(stage);
  expect(await page(dmp.urls.page)).toContain('Aucun document');
  await feed(stage, dmp, { ...document(), masks: ['INVISIBLE_PATIENT'] });
  const shown = await page(dmp.urls.page);
  expect(shown).toMatch(
    /<html lang="fr">.*<h1>.*<caption[^>]*>1 document déposé<\/caption>.*<th scope="col">Document<\/th>.*<th scope="row">Lettre de liaison<\/th>/s,
  );
  expect(shown).toContain('Normale, Non visible par le patient');
  expect(shown).not.toContain('<script');
});

test('in a process of its own, it is killed and started again, and has lost nothing', { timeout: 120_000 }, async () => {
  const dmp = await startDmpProcess(stage);
  await dmp.openRecord(matricule, 'active');
  expect((await feed(stage, dmp, document(1))).isSuccess).toBe(true);
  await dmp.behave({ errorRate: 1, seed: 3 });
  expect((await feed(stage, dmp, document(2)).catch(() => ({ isSuccess: false }))).isSuccess).toBe(false);
  const held = await dmp.holds();
  await dmp.kill();
  await dmp.startAgain();
  expect(await dmp.holds()).toEqual(held);
  expect((await feed(stage, dmp, document(3))).isSuccess).toBe(true);
  await dmp.capture(`${dmp.folder}/captured`);
  expect((await feed(stage, dmp, document(3))).errors).toEqual(['XDSDuplicateUniqueIdInRegistry']);
  expect(await readdir(`${dmp.folder}/captured`)).toHaveLength(2);
  expect(await readdir(`${dmp.folder}/incoming`)).toEqual([]);
});

async function page(url: string): Promise<string> {
  const agent = new Agent({ ca: stage.authority.certificate });
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => text(response).then(resolve, reject)).on('error', reject);
  }).finally(() => agent.destroy()) as Promise<string>;
}
