// What the one path writes of deadlines, and a released letter whose delivery meets its deadline.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { newId } from '../../src/core/ids.ts';
import { oweReports, reportRowKind } from '../../src/delivery/automatic-letters.ts';
import { expireCourses, overdueCourses } from '../../src/delivery/deadlines.ts';
import { advanceCourse, readCourse, writeLedger } from '../../src/delivery/ledger.ts';
import { outgoingLetterKind } from '../../src/delivery/outgoing-letters.ts';
import { holdLetters, readHeld, releaseHeld } from '../../src/delivery/quarantine.ts';
import { aboutLetter } from '../support/about-letter.ts';
import { letter, openTown, people, townPolicies } from '../support/one-path.ts';

const { doctor, colleague, citizen, elsewhere } = people;
const trace = Buffer.from('Received: by passerelle.test\r\n');
let town: Awaited<ReturnType<typeof openTown>>;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());
beforeEach(async () => {
  for (const table of ['outbox', 'ledger', 'quarantine'] as const) await town.db.deleteFrom(table).execute();
});

/** A letter that was held and has just been released, whose time is over. */
async function released() {
  const about = aboutLetter({ sender: doctor });
  const text = letter(doctor);
  const blob = await town.blobs.store(
    (async function* () {
      yield Buffer.from(text);
    })(),
  );
  const heldId = newId();
  const now = new Date();
  await town.db.transaction().execute(async (trx) => {
    const held = { heldId, about, recipient: { address: citizen }, blob, prefix: trace, code: 'document-unreadable' as const };
    await holdLetters(trx, [held], now, now);
    const line = { letterId: about.arrivalId, recipient: citizen, sender: doctor, messageId: about.messageId, notify: undefined } as const;
    await writeLedger(trx, [{ ...line, state: 'held', awaited: { until: now, workId: heldId }, at: now }]);
  });
  await releaseHeld(town.db, heldId, { by: 'test', reason: 'test' }, now);
  const arrival = town.arrivalFrom(doctor, 'pipeline', { id: about.arrivalId, settles: heldId, trace });
  const deliver = () =>
    town.path.deliver(
      arrival,
      [{ address: citizen, notify: ['success', 'failure'] }],
      (async function* () {
        yield Buffer.from(text);
      })(),
    );
  return { heldId, letterId: about.arrivalId, deliver };
}

const placed = async () => (await town.inbox(citizen)).length;
const courseOf = async (letterId: string) => (await readCourse(town.db, { letterId }))[0];

test('requirement 46: a letter that leaves has a deadline and names its work; one that was placed is final', async () => {
  const before = Date.now();
  const arrival = town.arrivalFrom(doctor);
  await town.sendAs(arrival, [elsewhere, colleague], letter(doctor));
  const lines = await town.db.selectFrom('ledger').selectAll().where('letter_id', '=', arrival.id).execute();
  const [row] = await town.db.selectFrom('outbox').select('id').where('kind', '=', outgoingLetterKind).execute();
  const leaving = lines.find((line) => line.recipient === elsewhere);
  expect(leaving).toMatchObject({ work_id: row?.id, final_at: null, expired_at: null });
  expect((leaving?.deadline_at?.getTime() ?? 0) - before).toBeGreaterThanOrEqual(townPolicies.courseDeadlineMs);
  expect(lines.find((line) => line.recipient === colleague)).toMatchObject({ deadline_at: null, final_at: expect.any(Date) });
});

test('a released letter that an operator has tried again after its sender was told: it arrives, and nothing more is told', async () => {
  const { letterId, deliver } = await released();
  await town.db
    .transaction()
    .execute((trx) => advanceCourse(trx, [{ letterId, recipient: citizen, state: 'refused', isFinal: true, at: new Date() }]));
  const before = await placed();
  expect(await deliver()).toEqual({ do: 'accepted' });
  expect(await placed()).toBe(before + 1);
  expect(await town.owed(reportRowKind)).toEqual([]);
  expect(await courseOf(letterId)).toMatchObject({ state: 'refused', times: { delivered: expect.any(Date) } });
});

test('a delivery and a deadline at the same instant: the letter is placed and reported delivered, or neither placed nor reported so', async () => {
  for (let round = 0; round < 16; round += 1) {
    const { heldId, letterId, deliver } = await released();
    const before = await placed();
    const now = new Date();
    const overdue = await overdueCourses(town.db, now, 10);
    const held = await readHeld(town.db, heldId);
    const delivery = round % 2 === 0 ? deliver() : undefined;
    const expiry = town.db.transaction().execute(async (trx) => {
      const expired = await expireCourses(trx, overdue, now);
      const recipients = expired.map(({ recipient }) => ({ address: recipient, action: 'failed', status: '4.4.7' }) as const);
      if (held) await oweReports(trx, [{ about: held.about, recipients }], now);
      return expired.length > 0;
    });
    const [isExpired] = await Promise.all([expiry, delivery ?? deliver()]);
    expect(await placed()).toBe(before + (isExpired ? 0 : 1));
    expect(await courseOf(letterId)).toMatchObject({ state: isExpired ? 'refused' : 'delivered', finalAt: expect.any(Date) });
    const reports = (await town.owed(reportRowKind)) as { recipients: { action: string }[] }[];
    expect(reports.flatMap(({ recipients }) => recipients.map(({ action }) => action))).toEqual([isExpired ? 'failed' : 'delivered']);
    await town.db.deleteFrom('outbox').execute();
  }
});
