// Automatic letters are owed once, to somebody who may be answered and wants to hear.
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import type { Trx } from '../../src/database/tables.ts';
import type { Notify } from '../../src/delivery/arrival.ts';
import {
  absencePayload,
  legalNoticePayload,
  oweAbsences,
  oweLegalNotices,
  oweReceipts,
  oweReports,
  oweTestAnswers,
  type RecipientToReport,
  receiptPayload,
  reportPayload,
  testAnswerPayload,
} from '../../src/delivery/automatic-letters.ts';
import { deliveryMigrations } from '../../src/delivery/migrations/set.ts';
import { wantsReport } from '../../src/delivery/wanted-reports.ts';
import { gatewayTasks } from '../../src/pipeline/tasks.ts';
import { aboutLetter } from '../support/about-letter.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([mailboxesMigrations, deliveryMigrations]);
});
beforeEach(async () => {
  await sql`truncate outbox`.execute(database.db);
});
afterAll(() => database.close());

const now = new Date('2026-11-22T09:00:00Z');
const citizen = address('279035121518989@patient.mssante.fr');
const neighbour = address('277076322082910@patient.mssante.fr');
const doctor = address('lea.martin@medecin.test.mssante.fr');
const testAddress = address('reponse.automatique-test@patient.mssante.fr');

const absence = { from: now, until: new Date(now.getTime() + 86_400_000), text: 'En congé', standIn: doctor };
const peer = {
  heloName: 'client.test',
  ip: '192.0.2.1',
  protocol: 'ESMTPS',
  tls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
};
const summary = {
  receivedAt: now,
  headers: [{ name: 'Subject', value: 'Essai' }],
  peer,
  verdict: { code: 'accept', text: 'Accepté' },
  sizeBytes: 10,
};

const owe = (work: (trx: Trx) => Promise<void>) => database.db.transaction().execute(work);
const owed = () => database.db.selectFrom('outbox').select(['kind', 'payload']).orderBy('kind').execute();
const failed = (to: typeof citizen, others: Partial<RecipientToReport> = {}): RecipientToReport => ({
  address: to,
  action: 'failed',
  status: '5.1.1',
  code: 'citizen-unknown',
  ...others,
});
const shapes: Record<string, z.ZodType> = {
  'send-report': reportPayload,
  'send-receipt': receiptPayload,
  'send-absence': absencePayload,
  'send-legal-notice': legalNoticePayload,
  'answer-test-letter': testAnswerPayload,
};
/** Every kind of answer, to one letter. */
const everything = (about: ReturnType<typeof aboutLetter>) =>
  owe(async (trx) => {
    await oweReports(trx, [{ about, recipients: [failed(citizen)] }], now);
    await oweAbsences(trx, [{ about, from: doctor, absence }], now);
    await oweLegalNotices(trx, [{ about, correspondent: doctor }], now);
    await oweTestAnswers(trx, [{ about, testAddress, summary }], now);
  });

test('requirement 36: a letter that comes again is reported on once; another letter, recipient or action is another report', async () => {
  const about = aboutLetter();
  const again = aboutLetter({ fingerprint: about.fingerprint });
  const recipients = [failed(citizen), failed(neighbour)];
  for (const one of [about, again]) await owe((trx) => oweReports(trx, [{ about: one, recipients }], now));
  await owe((trx) => oweReports(trx, [{ about: again, recipients: [...recipients].reverse() }], now));
  expect(await owed()).toHaveLength(1);
  await owe((trx) =>
    oweReports(
      trx,
      [
        { about: aboutLetter(), recipients },
        { about, recipients: [failed(citizen)] },
      ],
      now,
    ),
  );
  await owe((trx) => oweReports(trx, [{ about, recipients: recipients.map((one) => ({ ...one, action: 'delayed' })) }], now));
  expect(await owed()).toHaveLength(4);
});

test('every kind owed is a task the pipeline knows, and its payload has the shape the task asks for', async () => {
  await everything(aboutLetter({ references: '<a@test> <b@test>', envelopeId: 'QQ314159' }));
  // As an event of a mailbox, with its kind.
  const receipt = { kind: 'read', mailboxId: 1, letterId: 2, mailboxAddress: citizen, messageId: null, receiptTo: doctor, at: now };
  await owe((trx) => oweReceipts(trx, [receipt, receipt], now));
  const rows = await owed();
  expect(rows.map((row) => row.kind)).toEqual(['answer-test-letter', 'send-absence', 'send-legal-notice', 'send-receipt', 'send-report']);
  for (const row of rows) {
    expect(gatewayTasks.map((one) => one.name)).toContain(row.kind);
    expect(shapes[row.kind]?.safeParse(row.payload).error, row.kind).toBeUndefined();
  }
});

test('a transaction that is carried out twice owes each answer once', async () => {
  const about = aboutLetter();
  await everything(about);
  await everything(about);
  expect(await owed()).toHaveLength(4);
});

test.each([
  { what: 'a null reverse path', about: aboutLetter({ sender: null }) },
  { what: 'an automatic answer', about: aboutLetter({ isAnswer: true }) },
])('requirements 17 and 37: nothing is owed about $what', async ({ about }) => {
  await everything(about as ReturnType<typeof aboutLetter>);
  expect(await owed()).toEqual([]);
});

describe('requirement 46: what the sender asked to be told with NOTIFY', () => {
  const table: [Notify | undefined, string][] = [
    [undefined, 'failed delayed'],
    ['never', ''],
    [['success'], 'delivered relayed'],
    [['failure'], 'failed delayed'],
    [['delay'], 'delayed'],
    [['success', 'failure', 'delay'], 'failed delayed delivered relayed'],
  ];
  test.each(table)('%j: %s', (notify, told) => {
    const actions = (['failed', 'delayed', 'delivered', 'relayed'] as const).filter((action) => wantsReport(notify, action));
    expect(actions.join(' ')).toBe(told);
  });

  test('recipients the sender wants to hear nothing of are left out of the report, and of its payload what they asked', async () => {
    const about = aboutLetter();
    const silent = failed(neighbour, { notify: 'never' });
    await owe((trx) => oweReports(trx, [{ about, recipients: [failed(citizen, { notify: ['failure'] }), silent] }], now));
    await owe((trx) => oweReports(trx, [{ about: aboutLetter(), recipients: [silent] }], now));
    expect((await owed()).map((row) => row.payload)).toMatchObject([
      { to: about.sender, recipients: [{ address: citizen, action: 'failed', status: '5.1.1', code: 'citizen-unknown' }] },
    ]);
  });
});
