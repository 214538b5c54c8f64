// A letter held for a patient whom another operator keeps leaves when a person releases it, and its sender hears so. Requirements 46, 50.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCourse } from '../../src/delivery/ledger.ts';
import { listQuarantine, releaseHeld } from '../../src/delivery/quarantine.ts';
import { base64, cda, entry, letterWith, metadata, pair } from '../mail/documents/documents.ts';
import { zip } from '../mail/documents/zip.ts';
import { address } from '../support/address.ts';
import { letter, people } from '../support/one-path.ts';
import { onEachEngine } from './engines.ts';
import { openTownWithHop, type TownWithHop } from './town-with-hop.ts';

onEachEngine((engine) => {
  const { doctor } = people;
  const patient = address('279035121518989@patient.autre.mssante.fr');
  const decision = { by: 'admin.durand', reason: 'Le patient a été informé' };

  let { town, sink, close } = {} as TownWithHop;
  beforeEach(async () => {
    ({ town, sink, close } = await openTownWithHop(engine));
  });
  afterEach(() => close());

  test('not before, once, byte for byte, under its sender’s name', async () => {
    const archive = zip([...pair(metadata(entry({ codes: ['N', 'INVISIBLE_PATIENT'] })), cda())]);
    const text = letterWith(base64(archive))
      .toString('latin1')
      .replace('From: a@x.fr', String(letter(doctor).split('\r\n\r\n')[0]));
    const arrival = town.arrivalFrom(doctor);
    await town.work();
    expect(await town.sendAs(arrival, [patient], text)).toEqual({ do: 'accepted' });
    await town.isQuiet();
    expect(sink.letters).toEqual([]);
    expect((await town.automatic(doctor)).map(({ subject }) => subject)).toEqual(['Message retenu']);

    const [held] = await listQuarantine(town.db);
    expect(await releaseHeld(town.db, held?.heldId ?? '', decision, new Date())).toBe(true);
    const sunk = await sink.waitFor(() => true);
    await town.isQuiet();
    expect([sunk.sender, sunk.recipients]).toEqual([doctor, [patient]]);
    expect(sunk.bytes.toString('latin1').endsWith(text)).toBe(true);
    expect(sink.letters).toHaveLength(1);
    expect(await readCourse(town.db, { letterId: arrival.id })).toMatchObject([{ recipient: patient, state: 'relayed' }]);
    expect((await town.automatic(doctor)).map(({ subject }) => subject)).toEqual(['Message retenu', 'Message transmis']);
  });
});
