// Letters held until a person has decided: kept sealed, shown without content, decided once, and their senders told how it ended.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { BlobStore } from '../../mailboxes/blobs/blob-store.ts';
import { findBlob } from '../../mailboxes/blobs/hold-blobs.ts';
import { MasterKeys } from '../../mailboxes/blobs/master-keys.ts';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import { newId } from '../../src/core/ids.ts';
import type { Notify } from '../../src/delivery/arrival.ts';
import { readCourse, writeLedger } from '../../src/delivery/ledger.ts';
import { deliveryMigrations } from '../../src/delivery/migrations/set.ts';
import { settleRows } from '../../src/delivery/outbox.ts';
import {
  dropHeld,
  expireQuarantine,
  forgetDecided,
  holdLetters,
  listQuarantine,
  readHeld,
  releaseHeld,
} from '../../src/delivery/quarantine.ts';
import { aboutLetter } from '../support/about-letter.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const citizen = address('279035121518989@patient.mssante.fr');
const now = new Date('2026-11-22T09:00:00Z');
const days = (count: number) => new Date(now.getTime() + count * 24 * 3_600_000);
const decision = { by: 'admin.durand', reason: 'Vu avec le service' };

let database: TestDatabase;
let folder: string;
let blobs: BlobStore;

beforeAll(async () => {
  database = await createTestDatabase([mailboxesMigrations, deliveryMigrations]);
  folder = await mkdtemp(join(tmpdir(), 'passerelle-quarantine-'));
  blobs = new BlobStore({ folder, keys: new MasterKeys(new Map([[1, Buffer.alloc(32, 7)]])), inlineLimitBytes: 100 });
});
beforeEach(async () => {
  await sql`truncate outbox, ledger, quarantine, blob_holds, blobs_let_go, blobs cascade`.execute(database.db);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await database.close();
});

/** Holds one letter for 30 days, as the path does, and returns its number in the quarantine. */
async function hold({ notify, at = now }: { notify?: Notify; at?: Date } = {}) {
  const about = aboutLetter();
  const blob = await blobs.store(
    (async function* () {
      yield Buffer.from(`Subject: Essai\r\n\r\n${'x'.repeat(500)}`);
    })(),
  );
  const recipient = { address: citizen, ...(notify && { notify }) };
  await database.db.transaction().execute(async (trx) => {
    await holdLetters(
      trx,
      [{ about, recipient, blob, prefix: Buffer.from('Received: x\r\n'), code: 'document-hidden-from-patient' }],
      days(30),
      at,
    );
    const line = { letterId: about.arrivalId, recipient: citizen, sender: about.sender, messageId: about.messageId, notify, at };
    await writeLedger(trx, [{ ...line, state: 'held' }]);
  });
  const held = (await listQuarantine(database.db)).find((one) => one.letterId === about.arrivalId);
  if (!held) throw new Error('A letter that was held is not in the list');
  return { about, blob, heldId: held.heldId };
}

const rows = async (kind: string) =>
  await database.db.selectFrom('outbox').select(['id', 'payload', 'state']).where('kind', '=', kind).execute();
const courseOf = async (letterId: string) => (await readCourse(database.db, { letterId }))[0]?.state;
const isKept = async (blobId: string) => {
  await blobs.collectOrphans(database.db, -60_000);
  return (await findBlob(database.db, blobId)) !== undefined;
};

test('requirement 50: what is held is listed without anything of its content, and its bytes are kept sealed', async () => {
  const { about, blob, heldId } = await hold();
  const list = await listQuarantine(database.db);
  expect(list).toEqual([
    {
      heldId,
      letterId: about.arrivalId,
      sender: about.sender,
      recipient: citizen,
      messageId: about.messageId,
      code: 'document-hidden-from-patient',
      heldAt: now,
      expiresAt: days(30),
    },
  ]);
  expect(JSON.stringify(list)).not.toContain('Essai');
  expect(await isKept(blob.blobId)).toBe(true);
});

test('a release owes the delivery of the letter, whose bytes stay until it is delivered', async () => {
  const { about, blob, heldId } = await hold({ notify: ['failure'] });
  expect(await releaseHeld(database.db, heldId, decision, now)).toBe(true);
  expect(await listQuarantine(database.db)).toEqual([]);
  expect(await rows('deliver-held-letter')).toEqual([{ id: heldId, payload: { heldId }, state: 'waiting' }]);
  expect(await rows('send-report')).toEqual([]);
  expect(await readHeld(database.db, heldId)).toMatchObject({ about, recipient: citizen, notify: ['failure'], blobId: blob.blobId });
  expect(await isKept(blob.blobId)).toBe(true);
  await database.db.transaction().execute((trx) => settleRows(trx, [heldId], now));
  expect(await isKept(blob.blobId)).toBe(false);
  const row = await database.db.selectFrom('quarantine').selectAll().executeTakeFirstOrThrow();
  expect(row).toMatchObject({ state: 'released', decided_by: decision.by, reason: decision.reason, decided_at: now });
});

test('a drop lets the bytes go, marks the course and owes a final report that tells no reason', async () => {
  const { about, blob, heldId } = await hold();
  expect(await dropHeld(database.db, heldId, decision, now)).toBe(true);
  expect(await isKept(blob.blobId)).toBe(false);
  expect(await courseOf(about.arrivalId)).toBe('refused');
  const [report] = await rows('send-report');
  expect(report?.payload).toMatchObject({ to: about.sender, recipients: [{ address: citizen, action: 'failed', code: 'held-dropped' }] });
  expect(JSON.stringify(report)).not.toContain(decision.reason);
  expect(JSON.stringify(report)).not.toContain('hidden');
});

test('of several decisions about one letter, one counts', async () => {
  const { heldId } = await hold();
  const decided = await Promise.all([
    releaseHeld(database.db, heldId, decision, now),
    dropHeld(database.db, heldId, decision, now),
    releaseHeld(database.db, heldId, decision, now),
    expireQuarantine(database.db, days(31), 10),
  ]);
  expect(decided.filter((one) => one === true || one === 1)).toHaveLength(1);
  expect((await rows('deliver-held-letter')).length + (await rows('send-report')).length).toBe(1);
  expect(await releaseHeld(database.db, newId(), decision, now)).toBe(false);
});

test('what nobody has decided about in time is dropped, and each sender is told once', async () => {
  const [first, second] = [await hold(), await hold({ notify: 'never' })];
  expect(await expireQuarantine(database.db, days(29), 10)).toBe(0);
  const dropped = await Promise.all([expireQuarantine(database.db, days(30), 10), expireQuarantine(database.db, days(30), 10)]);
  expect(dropped.sort()).toEqual([0, 2]);
  expect((await rows('send-report')).map((row) => row.payload)).toMatchObject([
    { to: first.about.sender, recipients: [{ action: 'failed', code: 'held-expired' }] },
  ]);
  expect(await courseOf(first.about.arrivalId)).toBe('refused');
  expect(await courseOf(second.about.arrivalId)).toBe('refused');
  expect(await isKept(first.blob.blobId)).toBe(false);
});

test('a large quarantine expires some letters at a time', async () => {
  for (let count = 0; count < 5; count += 1) await hold();
  const dropped = [1, 2, 3].map(() => expireQuarantine(database.db, days(31), 2));
  expect((await Promise.all(dropped)).sort()).toEqual([1, 2, 2]);
});

test('what was decided long ago is forgotten, what is held is not', async () => {
  const { heldId } = await hold();
  const { heldId: kept } = await hold();
  await dropHeld(database.db, heldId, decision, now);
  expect(await forgetDecided(database.db, now, 10)).toBe(0);
  expect(await forgetDecided(database.db, days(400), 10)).toBe(1);
  expect((await listQuarantine(database.db)).map((one) => one.heldId)).toEqual([kept]);
});
