// Patients whom another operator keeps: shown no more than those kept here, and no way round the rules of theirs. Requirements 26, 31, 50.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { reportRowKind } from '../../src/delivery/automatic-letters.ts';
import { outgoingLetterKind } from '../../src/delivery/outgoing-letters.ts';
import { listQuarantine } from '../../src/delivery/quarantine.ts';
import { base64, cda, type EntryFacts, entry, letterWith, metadata, pair, ruth } from '../mail/documents/documents.ts';
import { zip } from '../mail/documents/zip.ts';
import { address } from '../support/address.ts';
import { letter, openTown, people } from '../support/one-path.ts';

const { doctor, citizen, elsewhere } = people;
const patient = address('279035121518989@patient.autre.mssante.fr');
const service = address('accueil@patient.autre.mssante.fr');
const accepted = { do: 'accepted' };

let town: Awaited<ReturnType<typeof openTown>>;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());
beforeEach(async () => {
  for (const table of ['outbox', 'ledger', 'quarantine', 'exchanges', 'register_letters'] as const)
    await town.db.deleteFrom(table).execute();
});

function withDocument(facts: EntryFacts): string {
  const archive = zip([...pair(metadata(entry(facts)), cda(facts.ins === undefined ? {} : { ins: facts.ins }))]);
  return letterWith(base64(archive))
    .toString('latin1')
    .replace('From: a@x.fr', String(letter(doctor).split('\r\n\r\n')[0]));
}
const held = async () => (await listQuarantine(town.db)).map(({ recipient, code }) => [recipient, code]);
const left = async () =>
  ((await town.owed(outgoingLetterKind)) as { recipients: { address: string }[] }[]).flatMap((one) => one.recipients);

describe('requirement 50: a document does not leak by another operator', () => {
  test.each([
    ['hidden from the patient', { codes: ['N', 'INVISIBLE_PATIENT'] }, 'document-hidden-from-patient'],
    ['about somebody else', { ins: ruth }, 'document-about-someone-else'],
  ] as const)('one that is %s is held, and leaves for the professionals', async (_what, facts, code) => {
    expect(
      await town.send(doctor, [patient, elsewhere], withDocument({ ...facts, ...('codes' in facts && { codes: [...facts.codes] }) })),
    ).toEqual(accepted);
    expect(await held()).toEqual([[patient, code]]);
    expect(await left()).toMatchObject([{ address: elsewhere }]);
    expect(await town.owed(reportRowKind)).toMatchObject([{ to: doctor, recipients: [{ address: patient, action: 'delayed', code }] }]);
  });

  test('their own documents leave; an address of that domain that is no matricule is nobody’s to compare with', async () => {
    await town.send(doctor, [patient], withDocument({}));
    await town.send(doctor, [service], withDocument({ ins: ruth }));
    expect(await held()).toEqual([]);
    expect(await left()).toMatchObject([{ address: patient }, { address: service }]);
  });
});

describe('requirement 31: citizens of two operators', () => {
  test('do not write to each other, and a letter from over there gives no right to', async () => {
    expect(await town.send(patient, [citizen], letter(patient), 'mx')).toMatchObject({ do: 'refuse', code: 'citizen-to-citizen' });
    expect(await town.send(citizen, [patient], letter(citizen))).toMatchObject({ do: 'refuse', code: 'citizen-to-citizen' });
    expect(await town.db.selectFrom('exchanges').selectAll().execute()).toEqual([]);
  });

  test('requirement 25: whether they may write to a professional here is their operator’s to judge', async () => {
    expect(await town.send(patient, [doctor], letter(patient), 'mx')).toEqual(accepted);
  });
});
