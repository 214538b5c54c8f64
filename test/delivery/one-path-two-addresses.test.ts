// A citizen whose matricule has changed has two addresses and one mailbox: what is sent to both is theirs once. Requirements 35, 43, 50.

import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { replaceMatricule } from '../../directory/matricules.ts';
import { renameMailbox } from '../../mailboxes/mailbox.ts';
import { parseIns } from '../../src/core/ins.ts';
import { reportRowKind } from '../../src/delivery/automatic-letters.ts';
import { readCourse } from '../../src/delivery/ledger.ts';
import { listQuarantine } from '../../src/delivery/quarantine.ts';
import { createEvents } from '../../src/observe/events.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { base64, cda, entry, letterWith, metadata, pair } from '../mail/documents/documents.ts';
import { zip } from '../mail/documents/zip.ts';
import { address } from '../support/address.ts';
import { letter, openTown, people } from '../support/one-path.ts';

const { doctor, citizen, neighbour } = people;
const now = address('185019910000121@patient.mssante.fr');
const ins = (text: string) => parseIns(text) ?? expect.fail('not a matricule');
const metrics = createMetrics();

let town: Awaited<ReturnType<typeof openTown>>;
beforeAll(async () => {
  town = await openTown({ events: createEvents(pino({ level: 'silent' }), metrics) });
  await town.db.transaction().execute(async (trx) => {
    expect(await replaceMatricule(trx, ins('279035121518989'), ins('185019910000121'))).toBe('replaced');
    expect(await renameMailbox(trx, citizen, now)).toBe(true);
  });
});
afterAll(() => town.close());
beforeEach(async () => {
  for (const table of ['outbox', 'ledger', 'quarantine'] as const) await town.db.deleteFrom(table).execute();
});

test('a letter to the former matricule and to the present one is placed once, and both are told of', async () => {
  const before = (await town.inbox(citizen)).length;
  const arrival = town.arrivalFrom(doctor);
  const both = [citizen, now, neighbour].map((one) => ({ address: one, notify: ['success'] as const }));
  expect(await town.sendAs(arrival, both, letter(doctor))).toEqual({ do: 'accepted' });
  expect(await town.inbox(citizen)).toHaveLength(before + 1);
  expect((await readCourse(town.db, { letterId: arrival.id })).map(({ recipient, state }) => [recipient, state])).toEqual(
    [now, neighbour, citizen].sort().map((one) => [one, 'delivered']),
  );
  expect(await town.owed(reportRowKind)).toMatchObject([{ recipients: [{ address: citizen }, { address: now }, { address: neighbour }] }]);
  // It opened one exchange, and nothing was seen twice.
  expect((await metrics.registry.getSingleMetric('passerelle_replays_total')?.get())?.values ?? []).toEqual([]);
});

test('requirement 50: it is held once, and thus released once', async () => {
  const archive = zip([...pair(metadata(entry({ codes: ['N', 'INVISIBLE_PATIENT'] })), cda())]);
  const sent = letterWith(base64(archive))
    .toString('latin1')
    .replace('From: a@x.fr', String(letter(doctor).split('\r\n\r\n')[0]));
  const arrival = town.arrivalFrom(doctor);
  expect(await town.sendAs(arrival, [citizen, now], sent)).toEqual({ do: 'accepted' });
  expect((await listQuarantine(town.db)).map(({ recipient }) => recipient)).toEqual([citizen]);
  // Nothing is left waiting that nobody will decide about.
  expect(await readCourse(town.db, { letterId: arrival.id })).toMatchObject([{ recipient: citizen, state: 'held' }]);
  expect(await town.owed(reportRowKind)).toMatchObject([{ recipients: [{ address: citizen, action: 'delayed' }] }]);
});
