// Work that was given up: kept with what was tried, tried again or dropped by a person, and forgotten when its time is over.
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { holdBlobs } from '../../mailboxes/blobs/hold-blobs.ts';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import { newId } from '../../src/core/ids.ts';
import { dropDead, listDead, readDead, retryDead } from '../../src/delivery/dead-letters.ts';
import { deliveryMigrations } from '../../src/delivery/migrations/set.ts';
import { addToOutbox, markDead, markRetry, outboxHolder, purgeOutbox } from '../../src/delivery/outbox.ts';
import { longestHistory } from '../../src/delivery/outbox-history.ts';
import { beginAttempts } from '../../src/delivery/outbox-leases.ts';
import { readParties } from '../../src/delivery/outbox-parties.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([mailboxesMigrations, deliveryMigrations]);
});
afterEach(async () => {
  await sql`truncate outbox, blob_holds, blobs_let_go, blobs cascade`.execute(database.db);
});
afterAll(() => database.close());

const at = (minutes: number) => new Date(Date.UTC(2026, 10, 22, 9, minutes));
const inTrx = <T>(work: (trx: Parameters<typeof retryDead>[0]) => Promise<T>) => database.db.transaction().execute(work);
const decision = { by: 'admin.durand', reason: 'Destinataire parti' };

/** A row owed at minute 0. */
async function owe(kind = 'relay-letter', payload: unknown = {}): Promise<string> {
  const [id = ''] = await inTrx((trx) => addToOutbox(trx, [{ kind, payload }], at(0)));
  return id;
}

/** Begins one more attempt, and gives the row up at that minute. */
async function die(id: string, minute: number, { isTold = false } = {}): Promise<void> {
  await begin(id, minute);
  await markDead(database.db, id, { now: at(minute), because: 'put-off-by-next-hop', isTold });
}

async function begin(id: string, minute: number) {
  const { attempts } = await database.db.selectFrom('outbox').select('attempts').where('id', '=', id).executeTakeFirstOrThrow();
  return [...(await beginAttempts(database.db, [{ id, attempts }], at(minute), 60_000)).values()][0];
}

/** Bytes that the row holds, as an outgoing letter does. */
async function giveBytes(id: string): Promise<void> {
  const blobId = newId(Date.now());
  const blob = { blobId, sizeBytes: 1, format: 1, masterKeyVersion: 1, wrappedKey: Buffer.alloc(60), inlineBytes: Buffer.alloc(30) };
  await inTrx((trx) => holdBlobs(trx, [{ holder: outboxHolder(id), blob: blob as never }]));
}
const holdsBytes = async (id: string) =>
  (await sql`select 1 from blob_holds where holder = ${outboxHolder(id)}`.execute(database.db)).rows.length > 0;

describe('what is kept', () => {
  test('each attempt that ended leaves a line with its number and a code; one that a crash cut short leaves a gap', async () => {
    const id = await owe();
    await begin(id, 1);
    await markRetry(database.db, id, at(5), { now: at(1), because: 'unavailable' });
    await begin(id, 5); // and the process dies
    await die(id, 9, { isTold: true });
    expect(await readDead(database.db, id)).toMatchObject({
      state: 'dead',
      attempts: 3,
      because: 'put-off-by-next-hop',
      finishedAt: at(9),
      toldAt: at(9),
      decision: null,
      history: [
        { at: at(1), attempt: 1, is: 'again', code: 'unavailable' },
        { at: at(9), attempt: 3, is: 'dead', code: 'put-off-by-next-hop' },
      ],
    });
  });

  test('a row that is tried for ever keeps its last lines', async () => {
    const id = await owe();
    for (let attempt = 1; attempt <= longestHistory + 5; attempt += 1) {
      await begin(id, attempt);
      await markRetry(database.db, id, at(attempt), { now: at(attempt), because: 'unavailable' });
    }
    await die(id, 60);
    const { history = [] } = (await readDead(database.db, id)) ?? {};
    expect(history).toHaveLength(longestHistory);
    expect(history.at(-1)).toMatchObject({ is: 'dead', attempt: longestHistory + 6 });
    expect(history[0]).toMatchObject({ attempt: 7 });
  });

  test('the list is of what was given up, the longest ago first, of one kind if asked, and says how many there are', async () => {
    const [late, early, other] = [await owe(), await owe(), await owe('send-report')];
    await die(late, 30);
    await die(early, 10);
    await die(other, 20);
    await owe();
    expect(await listDead(database.db, { limit: 2 })).toMatchObject({ count: 3, rows: [{ id: early }, { id: other }] });
    expect(await listDead(database.db, { kind: 'relay-letter', limit: 9 })).toMatchObject({
      count: 2,
      rows: [{ id: early }, { id: late }],
    });
  });

  test('work that was never given up is nobody’s business here', async () => {
    expect(await readDead(database.db, await owe())).toBeUndefined();
    expect(await readDead(database.db, newId(0))).toBeUndefined();
  });
});

describe('tried again', () => {
  test('the schedule begins anew, the attempts stay counted, the bytes were held all the time', async () => {
    const id = await owe();
    await giveBytes(id);
    await begin(id, 1);
    await markRetry(database.db, id, at(5), { now: at(1), because: 'unavailable' });
    await die(id, 9, { isTold: true });
    expect(await inTrx((trx) => retryDead(trx, { id }, 'admin.durand', at(50)))).toEqual([{ id, kind: 'relay-letter', toldAt: at(9) }]);
    expect(await holdsBytes(id)).toBe(true);
    expect(await readDead(database.db, id)).toMatchObject({ state: 'waiting', attempts: 2, finishedAt: null, retriedAt: at(50) });
    expect(await begin(id, 51)).toMatchObject({ attempts: 3, schedule: { attempts: 1, createdAt: at(50) } });
    await markDead(database.db, id, { now: at(52), because: 'unavailable', isTold: true });
    const whole = await readDead(database.db, id);
    // What was told was told then.
    expect(whole?.toldAt).toEqual(at(9));
    expect(whole?.history.map(({ is, attempt, by }) => [is, attempt, by])).toEqual([
      ['again', 1, undefined],
      ['dead', 2, undefined],
      ['retried', 2, 'admin.durand'],
      ['dead', 3, undefined],
    ]);
  });

  test('all of them, or all of a kind, a batch at a time, and those that die meanwhile are left for another day', async () => {
    const ids = [await owe(), await owe(), await owe()];
    for (const id of ids) await die(id, 1);
    const report = await owe('send-report');
    await die(report, 1);
    const retry = (kind?: string) => inTrx((trx) => retryDead(trx, { kind, limit: 2 }, 'admin', at(10)));
    const first = await retry('relay-letter');
    expect(first).toHaveLength(2);
    for (const { id } of first) await die(id, 11);
    expect(await retry('relay-letter')).toHaveLength(1);
    expect(await retry('relay-letter')).toEqual([]);
    expect((await retry()).map(({ id }) => id)).toEqual([report]);
  });

  test('twice is harmless, and so is what is not dead', async () => {
    const id = await owe();
    const retry = (minute: number) => inTrx((trx) => retryDead(trx, { id }, 'admin', at(minute)));
    expect(await retry(1)).toEqual([]);
    await die(id, 2);
    expect((await Promise.all([retry(3), retry(3)])).flat()).toHaveLength(1);
    expect(await retry(4)).toEqual([]);
    expect((await readDead(database.db, id))?.history.filter(({ is }) => is === 'retried')).toHaveLength(1);
  });
});

describe('dropped', () => {
  test('its bytes are let go, who decided why is kept, and it is not tried again', async () => {
    const id = await owe();
    await giveBytes(id);
    expect(await inTrx((trx) => dropDead(trx, id, decision, at(1)))).toBe(false);
    await die(id, 2);
    expect(await inTrx((trx) => dropDead(trx, id, decision, at(3)))).toBe(true);
    expect(await holdsBytes(id)).toBe(false);
    expect(await readDead(database.db, id)).toMatchObject({ state: 'dropped', decision, finishedAt: at(3) });
    expect(await inTrx((trx) => dropDead(trx, id, { by: 'another', reason: 'Trop tard' }, at(4)))).toBe(false);
    expect(await inTrx((trx) => retryDead(trx, { id }, 'admin', at(5)))).toEqual([]);
    expect((await listDead(database.db, { limit: 9 })).count).toBe(0);
  });

  test('of two people who decide at once, one does', async () => {
    const id = await owe();
    await die(id, 1);
    const [dropped, retried] = await Promise.all([
      inTrx((trx) => dropDead(trx, id, decision, at(2))),
      inTrx((trx) => retryDead(trx, { id }, 'admin', at(2))),
    ]);
    expect([dropped, retried.length === 1].filter(Boolean)).toHaveLength(1);
  });
});

describe('forgotten', () => {
  const purge = (minute: number) => purgeOutbox(database.db, { doneBefore: at(minute), deadBefore: at(minute) }, 100);

  test('given up and dropped rows stay as long as they may, with their bytes', async () => {
    const [dead, dropped] = [await owe(), await owe()];
    for (const id of [dead, dropped]) await die(id, 1);
    await giveBytes(dead);
    await inTrx((trx) => dropDead(trx, dropped, decision, at(2)));
    expect(await purgeOutbox(database.db, { doneBefore: at(50), deadBefore: at(1) }, 100)).toBe(0);
    expect(await purge(2)).toBe(1);
    expect(await holdsBytes(dead)).toBe(false);
    expect(await purge(3)).toBe(1);
  });

  test('a row that is being retried is passed over, and one that is gone is not retried', async () => {
    const id = await owe();
    await die(id, 1);
    await inTrx(async (trx) => {
      expect(await retryDead(trx, { id }, 'admin', at(2))).toHaveLength(1);
      expect(await purge(50)).toBe(0);
    });
    expect(await purge(50)).toBe(0);
    await die(id, 3);
    expect(await purge(50)).toBe(1);
    expect(await inTrx((trx) => retryDead(trx, { id }, 'admin', at(51)))).toEqual([]);
  });
});

describe('whom a row is about', () => {
  const [doctor, patient, ward] = ['dr@hopital.test', 'p@autre.mssante.fr', 'ward@autre.mssante.fr'];
  test.each<[string, unknown, { senders: string[]; recipients: string[] }]>([
    [
      'relay-letter',
      { sender: doctor, recipients: [{ address: patient }, { address: ward }, { address: ward }] },
      { senders: [doctor], recipients: [patient, ward] },
    ],
    ['send-report', { to: doctor, recipients: [{ address: patient }] }, { senders: [], recipients: [doctor] }],
    ['send-absence', { to: patient, from: doctor }, { senders: [doctor], recipients: [patient] }],
    ['relay-letter', { sender: null, recipients: 'nobody' }, { senders: [], recipients: [] }],
    ['invented-tomorrow', { to: 7, subject: 'Vos résultats' }, { senders: [], recipients: [] }],
    ['invented-tomorrow', ['x'], { senders: [], recipients: [] }],
    ['deliver-held-letter', { heldId: newId(0) }, { senders: [], recipients: [] }],
  ])('%s: addresses and nothing else', async (kind, payload, parties) => {
    expect(await readParties(database.db, await owe(kind, payload))).toEqual(parties);
  });
});
