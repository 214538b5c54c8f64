// Which letters owe a copy of their documents to the national record. Requirements 49 and 52.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findBlob } from '../../mailboxes/blobs/hold-blobs.ts';
import { objectToCopies } from '../../policies/record-objections.ts';
import { copyRowKind } from '../../src/delivery/record-copies.ts';
import { dominiquePatTrois } from '../../src/demo/cast.ts';
import { courseOfCopies } from '../../src/dmp/record-documents.ts';
import { address } from '../support/address.ts';
import { citizenIdOf } from '../support/citizen-id.ts';
import { type LiaisonWishes, liaisonLetter } from '../support/liaison-letter.ts';
import { openTown, people, townPolicies } from '../support/one-path.ts';

const { doctor, colleague, citizen, neighbour, elsewhere } = people;

let town: Awaited<ReturnType<typeof openTown>>;
beforeAll(async () => {
  town = await openTown({ policies: { ...townPolicies, record: { copyReceived: true } } });
});
afterAll(() => town.close());
beforeEach(async () => {
  for (const table of ['outbox', 'record_documents', 'record_objections', 'quarantine', 'blob_holds'] as const)
    await town.db.deleteFrom(table).execute();
});

/** Sends a letter to the first of `to` and the others; what it owes to the record. */
async function copiesOf(
  from: typeof doctor,
  to: readonly (typeof doctor)[],
  wishes: LiaisonWishes = {},
  door: 'submission' | 'mx' = 'submission',
) {
  const { bytes, uniqueId } = await liaisonLetter(from, to[0] ?? citizen, wishes);
  const arrival = town.arrivalFrom(from, door);
  expect(await town.sendAs(arrival, to, bytes)).toEqual({ do: 'accepted' });
  const copies = await courseOfCopies(town.db, [arrival.id]);
  return {
    uniqueId,
    arrival,
    copies: copies.map(({ uniqueId: id, state, code }) => ({ id, state, code })),
    owed: await town.owed(copyRowKind),
  };
}
const isDominique = { id: expect.any(String), state: 'waiting', code: null };
const flagged = { headers: { 'X-MSS-DMP': 'O' } };

test('requirement 52: a letter to the patient owes one copy of its document, with the bytes to make it from', async () => {
  const { uniqueId, arrival, copies, owed } = await copiesOf(doctor, [citizen, colleague]);
  expect(copies).toEqual([{ id: uniqueId, state: 'waiting', code: null }]);
  expect(owed).toMatchObject([{ uniqueId, sender: doctor, wantsReceipt: false, isFlagged: false, about: { arrivalId: arrival.id } }]);
  const { blobId } = owed[0] as { blobId: string };
  const holds = await town.db.selectFrom('blob_holds').select('holder').where('blob_id', '=', blobId).execute();
  const [row] = await town.db.selectFrom('outbox').select('id').where('kind', '=', copyRowKind).execute();
  expect(holds).toEqual([{ holder: `outbox:${row?.id}` }]);
  expect(await findBlob(town.db, blobId)).toBeDefined();
});

describe('is owed', () => {
  test('of what another operator sends to a citizen here', async () => {
    expect((await copiesOf(elsewhere, [citizen], {}, 'mx')).copies).toEqual([isDominique]);
  });

  test('of what leaves for a citizen whom another operator keeps', async () => {
    const there = address('279035121518989@patient.autre.mssante.fr');
    expect((await copiesOf(doctor, [there])).copies).toEqual([isDominique]);
  });

  test('requirement 51: of a letter that is held because its patient may not see the document yet', async () => {
    const { copies } = await copiesOf(doctor, [citizen], { isHidden: true });
    expect(copies).toEqual([isDominique]);
    expect(await town.db.selectFrom('quarantine').select('code').execute()).toEqual([{ code: 'document-hidden-from-patient' }]);
  });

  test('of a letter between professionals when the software of its sender asks for it', async () => {
    expect((await copiesOf(doctor, [colleague])).copies).toEqual([]);
    const { copies, owed } = await copiesOf(doctor, [colleague], { ...flagged, writtenAt: new Date('2026-11-19T09:00:00Z') });
    expect(copies).toEqual([isDominique]);
    expect(owed).toMatchObject([{ isFlagged: true }]);
  });
});

describe('is not owed', () => {
  test('of a letter held because it is about somebody else, whatever its sender asks for', async () => {
    expect((await copiesOf(doctor, [neighbour], flagged)).copies).toEqual([]);
    expect(await town.db.selectFrom('quarantine').select('code').execute()).toEqual([{ code: 'document-about-someone-else' }]);
  });

  test('for those it is not about, when its patient is among the others: one copy is', async () => {
    expect((await copiesOf(doctor, [neighbour, citizen])).copies).toEqual([isDominique]);
  });

  test('of a document whose patient has no qualified identity, unless its sender asks for it and is to hear why not', async () => {
    const unqualified = { patient: { ...dominiquePatTrois, birthName: '' } };
    expect((await copiesOf(doctor, [citizen], unqualified)).copies).toEqual([]);
    expect((await copiesOf(doctor, [citizen], { ...unqualified, ...flagged })).owed).toMatchObject([{ isFlagged: true }]);
  });

  test('of an answer, or of what a citizen writes', async () => {
    expect((await copiesOf(doctor, [citizen], { headers: { 'Auto-Submitted': 'auto-replied' } })).copies).toEqual([]);
    expect((await copiesOf(doctor, [colleague], { headers: { 'Auto-Submitted': 'auto-replied', ...flagged.headers } })).copies).toEqual([]);
  });

  test('of a letter that reaches nobody', async () => {
    const unknown = address('185019910000121@patient.mssante.fr');
    expect((await copiesOf(doctor, [unknown], flagged)).copies).toEqual([]);
    expect(await town.db.selectFrom('blob_holds').selectAll().execute()).toEqual([]);
  });

  test('requirement 52: of a patient who objects; the ledger of copies says so, and the letter arrives', async () => {
    const citizenId = await citizenIdOf(town.db, citizen);
    const before = (await town.inbox(citizen)).length;
    await town.db.transaction().execute((trx) => objectToCopies(trx, { citizenId, by: 'test' }, new Date()));
    const { copies, owed } = await copiesOf(doctor, [citizen]);
    expect(copies).toEqual([{ ...isDominique, state: 'not-fed', code: 'objection' }]);
    expect(owed).toEqual([]);
    expect(await town.inbox(citizen)).toHaveLength(before + 1);
  });
});

describe('requirement 49: one document, however often it comes', () => {
  test('by two letters of one moment, each may make the copy, and the register has it once', async () => {
    const [one, other] = await Promise.all([liaisonLetter(doctor, citizen), liaisonLetter(elsewhere, citizen)]);
    expect(one.uniqueId).toBe(other.uniqueId);
    await Promise.all([town.send(doctor, [citizen], one.bytes), town.send(elsewhere, [citizen], other.bytes, 'mx')]);
    const documents = await town.db.selectFrom('record_documents').select(['unique_id', 'state']).execute();
    expect(documents).toEqual([{ unique_id: one.uniqueId, state: 'waiting' }]);
    expect(await town.owed(copyRowKind)).toHaveLength(2);
  });

  test('the same letter again owes nothing more; one that brings what the record holds owes a look whether it is the same', async () => {
    const { bytes, uniqueId } = await liaisonLetter(doctor, citizen);
    const arrival = town.arrivalFrom(doctor);
    await town.sendAs(arrival, [citizen], bytes);
    await town.sendAs(arrival, [citizen], bytes);
    expect(await town.owed(copyRowKind)).toHaveLength(1);
    await town.db.updateTable('record_documents').set({ state: 'fed', fed_at: new Date() }).execute();
    const later = town.arrivalFrom(doctor);
    await town.sendAs(later, [citizen], bytes);
    expect(await town.owed(copyRowKind)).toHaveLength(2);
    expect(await courseOfCopies(town.db, [later.id])).toMatchObject([{ uniqueId, state: 'fed' }]);
  });

  test('what was refused is owed again when another letter brings it', async () => {
    const { bytes } = await liaisonLetter(doctor, citizen);
    await town.send(doctor, [citizen], bytes);
    await town.db.updateTable('record_documents').set({ state: 'refused', code: 'no-title' }).execute();
    await town.send(doctor, [citizen], bytes);
    expect(await town.owed(copyRowKind)).toHaveLength(2);
    expect(await town.db.selectFrom('record_documents').select(['state', 'code']).execute()).toEqual([{ state: 'waiting', code: null }]);
  });
});

test('without a road to the record nothing is owed, nor asked of the database', async () => {
  const plain = await openTown();
  try {
    const { bytes } = await liaisonLetter(doctor, citizen);
    await plain.send(doctor, [citizen], bytes);
    expect(await plain.owed(copyRowKind)).toEqual([]);
    expect(await plain.db.selectFrom('record_documents').selectAll().execute()).toEqual([]);
  } finally {
    await plain.close();
  }
});

test('of other operators’ letters nothing is copied when the operator does not want it', async () => {
  const choosy = await openTown({ policies: { ...townPolicies, record: { copyReceived: false } } });
  try {
    const { bytes } = await liaisonLetter(elsewhere, citizen);
    await choosy.send(elsewhere, [citizen], bytes, 'mx');
    expect(await choosy.owed(copyRowKind)).toEqual([]);
    const here = await liaisonLetter(doctor, citizen);
    await choosy.send(doctor, [citizen], here.bytes);
    expect(await choosy.owed(copyRowKind)).toHaveLength(1);
  } finally {
    await choosy.close();
  }
});
