// The connector against a DMP that is down, slow or in error, and against one that takes the gateway for somebody else.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { seeded } from '../../../src/demo/dmp-server/behaviour.ts';
import type { DmpServer } from '../../../src/demo/dmp-server/dmp-server.ts';
import type { RecordConnector } from '../../../src/dmp/connector.ts';
import { openDmp } from '../../demo/dmp-server/talk.ts';
import { startDmpProcess } from '../../support/dmp-process.ts';
import { broughtBy, openRecordTown, type RecordTown, unhurried } from './record-town.ts';

let town: RecordTown;
let dmp: DmpServer;
let connector: RecordConnector;

beforeAll(async () => {
  town = await openRecordTown();
});
afterAll(() => town.close());
beforeEach(async () => {
  dmp = await openDmp(town);
  connector = await town.connect(dmp.urls);
});

test('requirement 54: down, every question is for later; up again, the same question is answered', async () => {
  const submission = await broughtBy();
  const { patient } = submission.document.entry;
  dmp.behave({ down: true });
  expect(await connector.feed(submission, unhurried)).toMatchObject({ do: 'later' });
  expect(await connector.status(patient, unhurried)).toMatchObject({ do: 'later' });
  dmp.behave({});
  expect(await connector.feed(submission, unhurried)).toMatchObject({ do: 'fed' });
});

test('requirement 54: too slow, the question is for later', async () => {
  const hurried = await town.connect(dmp.urls, { settings: { timeoutSeconds: 1 } });
  dmp.behave({ slowMs: 30_000 });
  expect(await hurried.feed(await broughtBy(), unhurried)).toMatchObject({ do: 'later' });
});

test('a stop is heard in the middle of a feeding', async () => {
  const stopping = new AbortController();
  dmp.behave({ slowMs: 30_000 });
  const fed = connector.feed(await broughtBy(), stopping.signal);
  stopping.abort();
  expect(await fed).toMatchObject({ do: 'later' });
});

test('requirement 54: whatever kind of error it meets, a document is there once when it was said to be, and not before', {
  timeout: 120_000,
}, async () => {
  dmp.behave({ errorRate: 0.5, drawnFrom: seeded(11) });
  const submissions = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((day) => broughtBy({ day })));
  let later = 0;
  for (const submission of submissions) {
    for (let tries = 1; ; tries += 1) {
      const fed = await connector.feed({ ...submission, now: new Date(submission.now.getTime() + tries) }, unhurried);
      if (fed.do === 'fed') break;
      expect(fed.do).toBe('later');
      later += 1;
      expect(tries).toBeLessThan(40);
    }
  }
  expect(later).toBeGreaterThan(0);
  expect(dmp.holds().map(({ uniqueId }) => uniqueId)).toEqual(submissions.map(({ document }) => document.entry.uniqueId));
});

test('requirement 54: killed and started again in the middle of its work, it holds each document once', { timeout: 120_000 }, async () => {
  const other = await startDmpProcess(town);
  const road = await town.connect(other.urls);
  const submissions = await Promise.all([1, 2, 3].map((day) => broughtBy({ day })));
  const [first] = submissions;
  if (!first) throw new Error('No document');
  await other.openRecord(first.document.entry.patient.matricule, 'active');
  expect(await road.feed(first, unhurried)).toMatchObject({ do: 'fed', wasThere: false });
  await other.kill();
  for (const submission of submissions) expect(await road.feed(submission, unhurried)).toMatchObject({ do: 'later' });
  await other.startAgain();
  const fed = await Promise.all(submissions.map((submission) => road.feed({ ...submission, now: new Date() }, unhurried)));
  expect(fed).toMatchObject([{ wasThere: true }, { wasThere: false }, { wasThere: false }]);
  expect(await other.holds()).toHaveLength(3);
});

test('a gateway whose clock is wrong, or that speaks for another audience, is not the document’s fault: later', async () => {
  const submission = await broughtBy();
  const slow = await town.connect(dmp.urls, { clock: () => new Date(Date.now() - 30 * 60_000) });
  expect(await slow.feed(submission, unhurried)).toMatchObject({ do: 'later' });
  const assertion = { audience: 'https://example.org', version: '3.0', resource: 'urn:dmp', lifetimeSeconds: 300 };
  const astray = await town.connect(dmp.urls, { settings: { assertion } });
  expect(await astray.feed(submission, unhurried)).toMatchObject({ do: 'later' });
  expect(dmp.holds()).toEqual([]);
});

test('metadata a registry would refuse is refused for good', async () => {
  const { document, ...rest } = await broughtBy();
  const wrong = { ...document.entry, classCode: { code: '42', system: '1.2.250.1.213.1.1.4.1', display: 'Prescription' } };
  expect(await connector.feed({ ...rest, document: { ...document, entry: wrong } }, unhurried)).toEqual({
    do: 'refused',
    code: 'XDSRegistryMetadataError',
  });
});
