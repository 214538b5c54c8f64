// The whole road: a doctor's letter through the one path and the pipeline to a DMP that checks SOAP, MTOM, signatures, metadata and hash.
// Requirements 49, 51 to 54.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDevAuthority } from '../../certs/dev-authority.ts';
import { dmp as dmpSettings } from '../../src/config/sections/dmp.ts';
import { dominiquePatTrois } from '../../src/demo/cast.ts';
import { seeded } from '../../src/demo/dmp-server/behaviour.ts';
import { DmpServer } from '../../src/demo/dmp-server/dmp-server.ts';
import { openRecord } from '../../src/dmp/open-record.ts';
import { people } from '../support/one-path.ts';
import { until } from '../support/until.ts';
import { openTownWithRecord } from './record-town.ts';

const { doctor, colleague, citizen, elsewhere } = people;
const patient = dominiquePatTrois.ins;
const dayHours = 24;

async function openTownAndServer() {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-copies-'));
  const authority = await openDevAuthority(join(folder, 'certs'));
  const structure = await authority.structureCredential({ structureId: '1990001018', name: 'Clinique des Peupliers' });
  const [certificateFile, keyFile] = [join(folder, 'dmp.pem'), join(folder, 'dmp.key')];
  await Promise.all([writeFile(certificateFile, structure.cert), writeFile(keyFile, structure.key)]);
  let now = () => new Date();
  const server = await DmpServer.start({
    credential: await authority.serverCredential('127.0.0.1'),
    authority: authority.certificate,
    clock: () => now(),
  });
  const { repository, status, registry } = server.urls;
  const settings = dmpSettings.parse({
    endpoints: { repository, status, registry },
    authorityFile: authority.certificateFile,
    certificateFile,
    keyFile,
    structure: { id: '1990001018', name: 'Clinique des Peupliers' },
  });
  const connector = await openRecord(settings, () => now());
  if (!connector) throw new Error('No road');
  const town = await openTownWithRecord(connector);
  now = town.services.clock;
  return {
    town,
    server,
    async close() {
      await town.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

let town: Awaited<ReturnType<typeof openTownAndServer>>['town'];
let server: DmpServer;
let close: () => Promise<void>;
beforeEach(async () => {
  ({ town, server, close } = await openTownAndServer());
});
afterEach(() => close());

const holds = () =>
  server.holds().map(({ uniqueId, status, replaces }) => ({ uniqueId, status, ...(replaces !== undefined && { replaces }) }));
test('requirements 49, 53: a document sent twice stands there once, and its replacement takes its place', async () => {
  server.openRecord(patient, 'active');
  const first = await town.write(doctor, [citizen], { writtenAt: new Date('2026-11-18T09:00:00Z') });
  await town.write(elsewhere, [citizen], { writtenAt: new Date('2026-11-18T09:00:00Z') }, 'mx');
  await Promise.all([town.work(), town.work()]);
  await town.isQuiet();
  const second = await town.write(doctor, [citizen], { writtenAt: new Date('2026-11-19T09:00:00Z'), replaces: first.uniqueId });
  await town.isQuiet();
  expect(await town.automatic(doctor)).toEqual([]);
  const [one, other, ...others] = holds();
  expect(others).toEqual([]);
  expect(one).toMatchObject({ uniqueId: first.uniqueId, status: 'deprecated' });
  expect(other).toMatchObject({ uniqueId: second.uniqueId, status: 'approved' });
  expect(server.holds()[1]?.matricule).toBe(patient);
});

test('requirement 54: a DMP that is down, then in error half of the time, holds each document once in the end', async () => {
  server.openRecord(patient, 'active');
  server.behave({ down: true });
  const { letterId, uniqueId } = await town.write(doctor, [citizen]);
  await town.work();
  await until('it was tried', () => town.services.told.some(({ event }) => event === 'taskPostponed'));
  // Out of order, busy, or done and its answer lost: each as often, in the same order each time.
  server.behave({ errorRate: 0.5, drawnFrom: seeded(7) });
  await until('it is known to be there', async () => {
    await town.hurry();
    return (await town.copies(letterId)).every(({ state }) => state === 'fed');
  });
  expect(holds()).toEqual([{ uniqueId, status: 'approved' }]);
});

test('requirement 52: nothing is fed without an active record, and nobody is told', async () => {
  const { letterId } = await town.write(doctor, [citizen]);
  await town.work();
  await town.isQuiet();
  expect(await town.copies(letterId)).toMatchObject([{ state: 'not-fed', code: 'record-none' }]);
  expect(await town.automatic(doctor)).toEqual([]);
});

test('requirement 54: what the DMP holds under the same id and is not the same comes back to its sender', async () => {
  server.openRecord(patient, 'active');
  await town.write(doctor, [citizen]);
  await town.work();
  await town.isQuiet();
  // As if the hospital had fed it by itself: the register does not know it.
  await town.db.deleteFrom('record_documents').execute();
  const { letterId } = await town.write(doctor, [citizen], { change: (cda) => cda.replace('130 W', '140 W') });
  await town.isQuiet();
  expect(await town.copies(letterId)).toMatchObject([{ state: 'refused', code: 'XDSNonIdenticalHash' }]);
  expect((await town.automatic(doctor))[0]?.subject).toMatch(/^\[KO Intégration système !\]\[906\]/);
});

test('requirement 51: a hidden document becomes visible after three months', async () => {
  server.openRecord(patient, 'active');
  const { uniqueId } = await town.write(doctor, [citizen, colleague], { isHidden: true });
  await town.work();
  await town.isQuiet();
  const masks = () => server.holds().find((one) => one.uniqueId === uniqueId)?.confidentiality;
  expect(masks()).toContain('INVISIBLE_PATIENT');
  await town.rest();
  town.pass(91 * dayHours);
  await town.work();
  await until('it is visible', () => !masks()?.includes('INVISIBLE_PATIENT'));
  await town.isQuiet();
  expect(masks()).toEqual(['N']);
  // The daily work came three months late: nobody is told on one day that a document is hidden, and that it no longer is.
  expect(await town.inbox(citizen)).toHaveLength(1);
  // The registry knows what was shown by another name: what replaces it takes its place all the same.
  const second = await town.write(doctor, [colleague], {
    writtenAt: new Date('2026-11-21T09:00:00Z'),
    replaces: uniqueId,
    headers: { 'X-MSS-DMP': 'O' },
  });
  await town.isQuiet();
  expect(holds().at(-1)).toMatchObject({ uniqueId: second.uniqueId, status: 'approved' });
  expect(holds().filter((one) => one.uniqueId === uniqueId && one.status === 'approved')).toEqual([]);
});

test('requirement 49: another document under the id of one that was copied comes back to its sender, and the first one stays', async () => {
  server.openRecord(patient, 'active');
  const first = await town.write(doctor, [citizen]);
  await town.work();
  await town.isQuiet();
  const other = await town.write(doctor, [citizen], { change: (cda) => cda.replace('130 W', '140 W') });
  expect(other.uniqueId).toBe(first.uniqueId);
  await town.isQuiet();
  expect(await town.copies(first.letterId)).toMatchObject([{ state: 'fed' }]);
  expect(await town.copies(other.letterId)).toMatchObject([{ state: 'refused', code: 'not-identical' }]);
  expect(server.holds()).toHaveLength(1);
});
