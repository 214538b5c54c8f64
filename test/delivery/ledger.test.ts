// What became of each letter, recipient by recipient: told by the path, by the relay, and by the reports and receipts that come back.
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import { newId } from '../../src/core/ids.ts';
import type { Trx } from '../../src/database/tables.ts';
import { type ReportReceived, recordReports } from '../../src/delivery/correlate-reports.ts';
import { advanceCourse, forgetLedger, type LedgerLine, readCourse, writeLedger } from '../../src/delivery/ledger.ts';
import { deliveryMigrations } from '../../src/delivery/migrations/set.ts';
import type { CourseState } from '../../src/delivery/schema.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([mailboxesMigrations, deliveryMigrations]);
});
afterAll(() => database.close());

const doctor = address('lea.martin@medecin.test.mssante.fr');
const colleague = address('paul.durand@medecin.test.mssante.fr');
const citizen = address('279035121518989@patient.mssante.fr');
const elsewhere = address('secretariat@hopital.autre.mssante.fr');
const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 9, minute));

const inTrx = <Result>(work: (trx: Trx) => Promise<Result>) => database.db.transaction().execute(work);
const write = (...lines: LedgerLine[]) => inTrx((trx) => writeLedger(trx, lines));
const report = (...reports: ReportReceived[]) => inTrx((trx) => recordReports(trx, reports, at(30)));
const advance = (letterId: string, recipient: typeof doctor, state: CourseState, minute: number, status?: string) =>
  inTrx((trx) => advanceCourse(trx, [{ letterId, recipient, state, at: at(minute), ...(status && { status }) }]));

function line(others: Partial<LedgerLine> = {}): LedgerLine {
  const letterId = others.letterId ?? newId();
  return {
    letterId,
    recipient: citizen,
    sender: doctor,
    messageId: `<${letterId}@test>`,
    state: 'delivered',
    notify: undefined,
    at: at(0),
    ...others,
  };
}

async function courseOf(letterId: string) {
  const [course] = await readCourse(database.db, { letterId });
  return course;
}

const receipt = (
  others: Partial<ReportReceived> & { messageId: string; final?: typeof doctor; type?: string; errorCode?: number },
): ReportReceived => {
  const { messageId, final = citizen, type = 'displayed', errorCode, ...rest } = others;
  const reading = { originalMessageId: messageId, finalRecipient: final, type, isError: errorCode !== undefined };
  return {
    reader: doctor,
    from: citizen,
    report: { kind: 'disposition-notification', reading: { ...reading, ...(errorCode && { errorCode }) } },
    ...rest,
  };
};

const dsn = (
  action: string,
  names: { envelopeId?: string; messageId?: string; original?: string; final?: typeof doctor },
): ReportReceived => {
  const { envelopeId, messageId, original, final = elsewhere } = names;
  const recipient = { final, action, status: action === 'failed' ? '5.1.1' : '2.0.0', ...(original && { original }) };
  return {
    reader: doctor,
    from: undefined,
    report: {
      kind: 'delivery-status',
      reading: { recipients: [recipient], ...(envelopeId && { envelopeId }) },
      ...(messageId && { messageId }),
    },
  };
};

test('requirement 46: each recipient has a line with its state and times, and what the sender asked for', async () => {
  const letterId = newId();
  const common = { letterId, messageId: '<course@test>', envelopeId: 'QQ314159' } as const;
  await write(
    line({ ...common, notify: ['success', 'failure'], originalRecipient: `rfc822;${citizen}` }),
    line({ ...common, recipient: elsewhere, state: 'queued', notify: 'never' }),
    line({ ...common, recipient: colleague, state: 'refused', status: '5.2.1' }),
  );
  const course = await readCourse(database.db, { messageId: '<course@test>' });
  expect(course).toEqual(await readCourse(database.db, { letterId }));
  expect(course).toMatchObject([
    { recipient: citizen, state: 'delivered', notify: ['success', 'failure'], times: { queued: at(0), delivered: at(0) } },
    { recipient: colleague, state: 'refused', status: '5.2.1', notify: undefined, times: { queued: at(0), refused: at(0) } },
    { recipient: elsewhere, state: 'queued', notify: 'never', envelopeId: 'QQ314159', times: { queued: at(0) } },
  ]);
});

test('a large group is written at once, and a recipient named twice has one line', async () => {
  const letterId = newId();
  await write(...Array.from({ length: 300 }, () => line()), line({ letterId, state: 'queued' }), line({ letterId }));
  expect(await readCourse(database.db, { letterId })).toHaveLength(1);
  expect((await courseOf(letterId))?.state).toBe('delivered');
});

test('requirement 46: the course never goes backwards; a late « delivered » adds its time and does not undo « read »', async () => {
  const { letterId } = line();
  await write(line({ letterId, state: 'queued' }));
  await advance(letterId, citizen, 'relayed', 1);
  await advance(letterId, citizen, 'read', 2);
  await advance(letterId, citizen, 'delivered', 3);
  await advance(letterId, citizen, 'refused', 4, '5.0.0');
  await advance(letterId, citizen, 'read', 5);
  expect(await courseOf(letterId)).toMatchObject({
    state: 'read',
    status: null,
    times: { queued: at(0), relayed: at(1), read: at(2), delivered: at(3), refused: at(4) },
  });
});

test('requirement 50: a letter released from quarantine moves its own line forward', async () => {
  const { letterId } = line();
  await write(line({ letterId, state: 'held', status: '4.7.1' }));
  await write(line({ letterId, at: at(9) }));
  expect(await courseOf(letterId)).toMatchObject({
    state: 'delivered',
    status: null,
    times: { queued: at(0), held: at(0), delivered: at(9) },
  });
});

test('requirement 46: a receipt marks the letter read when it comes from its recipient to its sender, under its Message-ID', async () => {
  const { letterId, messageId } = line();
  const told = { messageId: messageId ?? '' };
  await write(line({ letterId }), line({ letterId, recipient: colleague }));
  const isStillUnread = async () => expect(await courseOf(letterId)).toMatchObject({ recipient: citizen, state: 'delivered' });

  await report(receipt({ ...told, messageId: '<another@test>' }));
  await isStillUnread();
  // To somebody who did not write the letter; from somebody else; for somebody else; from nobody.
  await report(receipt({ ...told, reader: colleague }), receipt({ ...told, from: elsewhere }), receipt({ ...told, final: colleague }));
  await report(receipt({ ...told, from: undefined }));
  await isStillUnread();

  await report(receipt(told), receipt(told));
  const course = await readCourse(database.db, { letterId });
  expect(course.map(({ recipient, state }) => [recipient, state])).toEqual([
    [citizen, 'read'],
    [colleague, 'delivered'],
  ]);
});

test('requirement 44: an integration error is kept with its code and does not say that the letter was read', async () => {
  const { letterId, messageId } = line();
  await write(line({ letterId }));
  await report(receipt({ messageId: messageId ?? '', type: 'processed', errorCode: 902 }));
  expect(await courseOf(letterId)).toMatchObject({ state: 'delivered', integrationError: 902 });
});

test.each([
  { action: 'failed', state: 'refused', status: '5.1.1' },
  { action: 'delivered', state: 'delivered', status: '2.0.0' },
  { action: 'relayed', state: 'relayed', status: '2.0.0' },
  { action: 'delayed', state: 'queued', status: null },
])('requirement 46: a report that says $action, found by ENVID or by Message-ID', async ({ action, state, status }) => {
  for (const by of ['envelope', 'message'] as const) {
    const letterId = newId();
    await write(line({ letterId, recipient: elsewhere, state: 'queued', envelopeId: `env-${letterId}`, messageId: `<${letterId}@test>` }));
    // Only of a letter that has left is it believed that it was passed on further.
    if (action === 'relayed') await advance(letterId, elsewhere, 'relayed', 1, '2.0.0');
    await report(dsn(action, by === 'envelope' ? { envelopeId: `env-${letterId}` } : { messageId: `<${letterId}@test>` }));
    expect(await courseOf(letterId)).toMatchObject({ state, status });
  }
});

test('a report is understood by the address the sender wrote, whatever it became on the way', async () => {
  const { letterId, messageId } = line();
  await write(line({ letterId, recipient: elsewhere, state: 'queued' }));
  const original = `rfc822;${elsewhere}`;
  await report(dsn('failed', { messageId: messageId ?? '', final: address('boite.37@interne.autre.mssante.fr'), original }));
  expect((await courseOf(letterId))?.state).toBe('refused');
});

test('reports about letters of others, or under hostile names, change nothing', async () => {
  const { letterId, messageId } = line();
  await write(line({ letterId, sender: colleague, recipient: elsewhere, state: 'queued' }));
  await report(
    dsn('failed', { messageId: messageId ?? '' }),
    dsn('failed', { envelopeId: "'; drop table ledger; --", messageId: '<\0@test>' }),
    dsn('failed', {}),
  );
  expect((await courseOf(letterId))?.state).toBe('queued');
});

test('reports that arrive at once for the same letters do not block each other', async () => {
  const lines = Array.from({ length: 40 }, () => line());
  await write(...lines);
  const receipts = lines.map(({ messageId }) => receipt({ messageId: messageId ?? '' }));
  await Promise.all([report(...receipts), report(...[...receipts].reverse()), report(...receipts)]);
  const { rows } = await sql<{
    state: string;
  }>`select distinct state from ledger where letter_id = any(${lines.map((one) => one.letterId)}::uuid[])`.execute(database.db);
  expect(rows).toEqual([{ state: 'read' }]);
});

test('old lines are forgotten, some at a time', async () => {
  await sql`truncate ledger`.execute(database.db);
  const recent = line({ at: at(20) });
  await write(line({ at: at(1) }), line({ at: at(2) }), line({ at: at(3) }), recent);
  expect(await forgetLedger(database.db, at(10), 2)).toBe(2);
  expect(await forgetLedger(database.db, at(10), 2)).toBe(1);
  expect((await database.db.selectFrom('ledger').select('letter_id').execute()).map((row) => row.letter_id)).toEqual([recent.letterId]);
});
