// Each line of the ledger is settled once: by what became of it, or by its deadline. While a letter is being offered nobody says that it
// failed; once somebody has, it is offered no more.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import { newId } from '../../src/core/ids.ts';
import type { Trx } from '../../src/database/tables.ts';
import { recordReports } from '../../src/delivery/correlate-reports.ts';
import { type Expired, expireCourses, overdueCourses } from '../../src/delivery/deadlines.ts';
import { advanceCourse, readCourse, writeLedger } from '../../src/delivery/ledger.ts';
import { beginOffer, endOffer } from '../../src/delivery/ledger-offers.ts';
import { deliveryMigrations } from '../../src/delivery/migrations/set.ts';
import { addOutgoingLetters } from '../../src/delivery/outgoing-letters.ts';
import { holdLetters, releaseHeld } from '../../src/delivery/quarantine.ts';
import { servicesFor } from '../pipeline/effects.ts';
import { aboutLetter } from '../support/about-letter.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase([mailboxesMigrations, deliveryMigrations]);
  folder = await mkdtemp(join(tmpdir(), 'passerelle-deadlines-'));
});
beforeEach(() => sql`truncate ledger, outbox, quarantine`.execute(database.db));
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await database.close();
});

const hospital = address('secretariat@hopital.autre.mssante.fr');
const clinic = address('accueil@clinique.autre.mssante.fr');
const at = (hour: number) => new Date(Date.UTC(2026, 10, 22, hour));
const inTrx = <Result>(work: (trx: Trx) => Promise<Result>) => database.db.transaction().execute(work);

/** A letter that waits to leave, to be known of before ten o'clock. */
async function queued(recipients = [hospital], isHeld = false) {
  const about = aboutLetter();
  const { blobs } = servicesFor(database.db, folder);
  const blob = await blobs.store(
    (async function* () {
      yield Buffer.from('Subject: Essai\r\n\r\nBonjour\r\n');
    })(),
  );
  const workId = newId();
  await inTrx(async (trx) => {
    if (isHeld) {
      const letter = {
        heldId: workId,
        about,
        recipient: { address: hospital },
        blob,
        prefix: Buffer.alloc(0),
      };
      await holdLetters(trx, [{ ...letter, code: 'document-hidden-from-patient' }], at(9), at(0));
    } else {
      const letter = { rowId: workId, about, blob, prefix: Buffer.alloc(0), recipients: recipients.map((one) => ({ address: one })) };
      await addOutgoingLetters(trx, [letter], at(0));
    }
    await writeLedger(
      trx,
      recipients.map((recipient) => ({
        letterId: about.arrivalId,
        recipient,
        sender: about.sender,
        messageId: about.messageId,
        state: isHeld ? 'held' : 'queued',
        notify: undefined,
        awaited: { until: at(10), workId },
        at: at(0),
      })),
    );
  });
  return { letterId: about.arrivalId, messageId: about.messageId ?? '', sender: about.sender, workId };
}

async function expire(now: Date): Promise<Expired[]> {
  const overdue = await overdueCourses(database.db, now, 100);
  return inTrx((trx) => expireCourses(trx, overdue, now));
}

const lineOf = async (letterId: string) => (await readCourse(database.db, { letterId }))[0];
const stateOf = async (id: string) =>
  (await database.db.selectFrom('outbox').select('state').where('id', '=', id).executeTakeFirst())?.state;

test('requirement 46: past its deadline a letter that never left is refused, once, and its work withdrawn with its bytes', async () => {
  const { letterId, workId } = await queued([hospital, clinic]);
  expect(await expire(at(9))).toEqual([]);
  const told = await expire(at(10));
  expect(told.map(({ recipient, as }) => [recipient, as]).sort()).toEqual([
    [clinic, 'refused'],
    [hospital, 'refused'],
  ]);
  expect(await lineOf(letterId)).toMatchObject({ state: 'refused', status: '4.4.7', finalAt: at(10), times: { refused: at(10) } });
  expect(await stateOf(workId)).toBe('done');
  const { rows: holds } = await sql`select from blob_holds where holder = ${`outbox:${workId}`}`.execute(database.db);
  expect(holds).toEqual([]);
  expect(await expire(at(11))).toEqual([]);
  expect([...(await beginOffer(database.db, letterId, [hospital, clinic], at(12)))].sort()).toEqual([clinic, hospital]);
});

test('a letter settled for one of its recipients is withdrawn for the others only', async () => {
  const { letterId, workId } = await queued([hospital, clinic]);
  await inTrx((trx) => advanceCourse(trx, [{ letterId, recipient: clinic, state: 'relayed', isFinal: true, at: at(1) }]));
  expect((await expire(at(10))).map(({ recipient }) => recipient)).toEqual([hospital]);
  expect(await stateOf(workId)).toBe('done');
  expect([...(await beginOffer(database.db, letterId, [hospital, clinic], at(12)))]).toEqual([hospital]);
});

test('nobody is told while the letter is being offered; of a process that died in between, afterwards', async () => {
  const { letterId } = await queued();
  expect((await beginOffer(database.db, letterId, [hospital], at(11))).size).toBe(0);
  expect(await expire(at(10))).toEqual([]);
  expect(await expire(at(11))).toHaveLength(1);
  const other = await queued();
  await beginOffer(database.db, other.letterId, [hospital], at(11));
  await inTrx((trx) => endOffer(trx, other.letterId, [hospital]));
  expect(await expire(at(10))).toHaveLength(1);
});

test('an offer and a deadline at the same instant: one of the two, never both', async () => {
  for (let round = 0; round < 40; round += 1) {
    const { letterId } = await queued();
    const overdue = await overdueCourses(database.db, at(10), 100);
    const offer = () => beginOffer(database.db, letterId, [hospital], at(11));
    const begun = round % 2 === 0 ? offer() : undefined;
    const expiring = inTrx((trx) => expireCourses(trx, overdue, at(10)));
    const [withdrawn, expired] = await Promise.all([begun ?? offer(), expiring]);
    expect(withdrawn.size).toBe(expired.length);
    await sql`truncate ledger, outbox`.execute(database.db);
  }
});

test('RFC 3461 §5.2.1: what another operator took stays passed on, however silent it is afterwards', async () => {
  const { letterId } = await queued();
  await inTrx((trx) => advanceCourse(trx, [{ letterId, recipient: hospital, state: 'relayed', at: at(1) }]));
  expect((await lineOf(letterId))?.finalAt).toBeNull();
  expect((await expire(at(10))).map(({ as }) => as)).toEqual(['relayed']);
  expect(await lineOf(letterId)).toMatchObject({ state: 'relayed', finalAt: at(10) });
});

test('a held letter waits for a decision, and from then on for its deadline', async () => {
  const { letterId, workId } = await queued([hospital], true);
  expect(await expire(at(12))).toEqual([]);
  await releaseHeld(database.db, workId, { by: 'test', reason: 'test' }, at(12));
  expect((await expire(at(12))).map(({ as }) => as)).toEqual(['refused']);
  expect(await lineOf(letterId)).toMatchObject({ state: 'refused' });
  expect(await stateOf(workId)).toBe('done');
});

describe('a line is final once', () => {
  const reported = (letter: { sender: ReturnType<typeof address>; messageId: string }, action: string) => ({
    reader: letter.sender,
    from: undefined,
    report: {
      kind: 'delivery-status' as const,
      reading: { recipients: [{ final: hospital, action, status: action === 'failed' ? '5.1.1' : '2.0.0' }] },
      messageId: letter.messageId,
    },
  });
  const report = (letter: Parameters<typeof reported>[0], action: string, hour: number) =>
    inTrx((trx) => recordReports(trx, [reported(letter, action)], at(hour)));

  test('what others report ends a line that has left, and moves no line that is still ours to send', async () => {
    const letter = await queued();
    await report(letter, 'delivered', 1);
    await report(letter, 'relayed', 2);
    expect((await lineOf(letter.letterId))?.finalAt).toBeNull();
    const wasFinal = await inTrx((trx) =>
      advanceCourse(trx, [{ letterId: letter.letterId, recipient: hospital, state: 'relayed', at: at(3) }]),
    );
    expect(wasFinal(letter.letterId, hospital)).toBe(false);
    expect(await lineOf(letter.letterId)).toMatchObject({ state: 'delivered', finalAt: at(3) });
    const other = await queued();
    await inTrx((trx) => advanceCourse(trx, [{ letterId: other.letterId, recipient: hospital, state: 'relayed', at: at(1) }]));
    await report(other, 'failed', 2);
    expect(await lineOf(other.letterId)).toMatchObject({ state: 'refused', finalAt: at(2) });
    expect(await expire(at(10))).toEqual([]);
  });

  test('a late report after the deadline is kept as a step, and changes neither the verdict nor its time', async () => {
    const letter = await queued();
    await expire(at(10));
    await report(letter, 'delivered', 11);
    expect(await lineOf(letter.letterId)).toMatchObject({ state: 'refused', finalAt: at(10), times: { delivered: at(11) } });
  });

  test('of two that settle it at once, one alone finds it unsettled', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { letterId } = await queued();
      const settle = (state: 'refused' | 'relayed') =>
        inTrx((trx) => advanceCourse(trx, [{ letterId, recipient: hospital, state, isFinal: true, at: at(1) }]));
      const found = await Promise.all([settle('refused'), settle('relayed'), settle('refused')]);
      expect(found.map((wasFinal) => wasFinal(letterId, hospital)).sort()).toEqual([false, true, true]);
    }
  });
});
