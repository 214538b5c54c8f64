// A document hidden from its patient: told of after a month, visible after three, and nothing of it said. Requirements 50 and 51.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listQuarantine, releaseHeld } from '../../src/delivery/quarantine.ts';
import { people } from '../support/one-path.ts';
import { until } from '../support/until.ts';
import { openRecordTown, type RecordTown } from './record-town.ts';

const { doctor, citizen, colleague } = people;
const dayHours = 24;

let town: RecordTown;
beforeEach(async () => {
  town = await openRecordTown();
});
afterEach(() => town.close());

/** A letter whose document is hidden, already in the record. */
async function hide(writtenAt = new Date('2026-11-20T09:00:00Z')) {
  const written = await town.write(doctor, [citizen], { isHidden: true, writtenAt });
  await town.work();
  await until('it is in the record', () => town.connector.held.has(written.uniqueId));
  await town.isQuiet();
  await town.rest();
  return written;
}
/** Lets days pass, and the daily work of the day they lead to be done. */
async function passDays(days: number) {
  town.pass(days * dayHours);
  await town.work();
  const done = async (kind: string) => {
    const rows = await town.db.selectFrom('outbox').select(['state', 'created_at']).where('kind', '=', kind).execute();
    return rows.some(
      ({ state, created_at }) => state === 'done' && town.services.clock().getTime() - created_at.getTime() < dayHours * 3_600_000,
    );
  };
  await until('the day’s work is done', async () => (await done('tell-hidden-documents')) && (await done('show-hidden-documents')));
  await town.isQuiet();
  await town.rest();
}
const letters = async () => (await town.inbox(citizen)).map(({ bytes }) => bytes);
const masks = (uniqueId: string) => town.connector.held.get(uniqueId)?.entry.confidentiality.map(({ code }) => code);

test('requirements 50, 51: fed with its mask, told of after a month, shown after three, each once', async () => {
  const { uniqueId } = await hide();
  expect(masks(uniqueId)).toEqual(['N', 'INVISIBLE_PATIENT']);
  expect(await letters()).toEqual([]);
  await passDays(29);
  expect(await letters()).toEqual([]);
  await passDays(2);
  await passDays(1);
  const [told, ...others] = await letters();
  expect(others).toEqual([]);
  expect(told).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(told).not.toMatch(/Lettre de liaison|MARTIN|PAT-TROIS|2\.25\./i);
  expect(masks(uniqueId)).toContain('INVISIBLE_PATIENT');
  await passDays(57);
  expect(town.connector.asked.show).toBe(0);
  await passDays(2);
  expect(masks(uniqueId)).toEqual(['N']);
  await passDays(1);
  expect(town.connector.asked.show).toBe(1);
  expect(await letters()).toHaveLength(2);
  // What was kept to show it is forgotten, and the held letter is left to the person who decides.
  expect(await town.db.selectFrom('record_documents').select(['entry', 'state']).execute()).toEqual([{ entry: null, state: 'fed' }]);
});

test('several documents of one patient on one day make one letter', async () => {
  await hide(new Date('2026-11-18T09:00:00Z'));
  await hide(new Date('2026-11-19T09:00:00Z'));
  await passDays(31);
  expect(await letters()).toHaveLength(1);
});

test('a document that was replaced is neither told of nor shown', async () => {
  const first = await hide(new Date('2026-11-18T09:00:00Z'));
  await town.write(doctor, [colleague], { replaces: first.uniqueId, headers: { 'X-MSS-DMP': 'O' } });
  await town.work();
  await until('it is replaced', () => town.connector.held.get(first.uniqueId)?.state === 'deprecated');
  await town.isQuiet();
  await town.rest();
  await passDays(100);
  expect(await letters()).toEqual([]);
  expect(town.connector.asked.show).toBe(0);
});

test('requirement 51: after three months without the daily work, the patient hears once: that the document is visible', async () => {
  const { uniqueId } = await hide();
  await passDays(91);
  await passDays(1);
  expect(masks(uniqueId)).toEqual(['N']);
  const [told, ...others] = await letters();
  expect(others).toEqual([]);
  expect(told).toContain('maintenant visible');
});

test('requirement 53: what replaces a document that was shown is fed against the name the registry gives it now', async () => {
  const first = await hide(new Date('2026-11-18T09:00:00Z'));
  await passDays(91);
  const shown = town.connector.held.get(first.uniqueId);
  await town.write(doctor, [colleague], { replaces: first.uniqueId, headers: { 'X-MSS-DMP': 'O' } });
  await town.work();
  await until('it is replaced', () => town.connector.held.get(first.uniqueId)?.state === 'deprecated');
  await town.isQuiet();
  expect(town.connector.asked.find).toBe(1);
  expect(shown?.entryUuid).not.toBe('urn:uuid:entry-0');
});

test('a record that does not answer is asked again, and the patient hears only when the document is visible', async () => {
  const { uniqueId } = await hide();
  await passDays(31);
  town.connector.trouble = (method) => (method === 'show' ? { do: 'later', because: 'down' } : undefined);
  town.pass(60 * dayHours);
  await town.work();
  await until('it was tried', () => town.connector.asked.show > 0);
  expect((await letters()).filter((one) => one.includes('maintenant'))).toEqual([]);
  town.connector.trouble = () => undefined;
  await until('it is visible', async () => {
    await town.hurry();
    return masks(uniqueId)?.length === 1;
  });
  await town.isQuiet();
  expect(await letters()).toHaveLength(2);
});

test('a refusal to show it is kept for a person, and nothing is promised to the patient', async () => {
  await hide();
  town.connector.trouble = (method) => (method === 'show' ? { do: 'refused', code: 'XDSRegistryMetadataError' } : undefined);
  await passDays(31);
  await passDays(60);
  await passDays(1);
  expect(await town.rows()).toContainEqual(
    expect.objectContaining({ kind: 'show-document', state: 'dead', last_error: 'XDSRegistryMetadataError' }),
  );
  expect(town.connector.asked.show).toBe(1);
  expect(await letters()).toHaveLength(1);
});

test('requirement 49: a letter released from quarantine brings no second copy', async () => {
  await hide();
  const [held] = await listQuarantine(town.db);
  await releaseHeld(town.db, held?.heldId ?? '', { by: 'test', reason: 'annoncé au patient' }, town.services.clock());
  await town.work();
  await until('it is delivered', async () => (await letters()).length === 1);
  await town.isQuiet();
  expect(town.connector.asked.feed).toBe(1);
  expect((await town.rows()).filter(({ kind }) => kind === 'copy-to-dmp')).toHaveLength(1);
});
