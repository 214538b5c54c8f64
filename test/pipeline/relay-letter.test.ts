// A letter for another operator leaves by the outbox, reaches the next hop once per recipient, and its bytes are kept until then.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import type { Address } from '../../src/core/address.ts';
import type { EnvelopeRecipient } from '../../src/delivery/arrival.ts';
import { writeLedger } from '../../src/delivery/ledger.ts';
import { deliveryMigrations } from '../../src/delivery/migrations/set.ts';
import { addOutgoingLetters } from '../../src/delivery/outgoing-letters.ts';
import { Sink } from '../../src/demo/sink.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import { relayLetter } from '../../src/pipeline/tasks/relay-letter.ts';
import { closeHops, openScript } from '../relay/next-hops.ts';
import { aboutLetter } from '../support/about-letter.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { countRows, servicesFor } from './effects.ts';

let database: TestDatabase;
let folder: string;
let sink: Sink;
let port: number;
let pipeline: Pipeline | undefined;
let clockMs = 0;

beforeAll(async () => {
  database = await createTestDatabase([mailboxesMigrations, deliveryMigrations]);
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'passerelle-relay-'));
  sink = new Sink();
  port = await sink.start();
  clockMs = Date.now();
});

afterEach(async () => {
  await pipeline?.stop();
  pipeline = undefined;
  await sink.stop();
  await rm(folder, { recursive: true, force: true });
  await sql`truncate outbox, ledger, blob_holds, blobs cascade`.execute(database.db);
});

afterAll(() => database.close());

const sender = address('lea.martin@medecin.demo.mssante.fr');
const here = address('here@autre.mssante.fr');
const busy = address('busy@autre.mssante.fr');
const absent = address('absent@autre.mssante.fr');

test.each([
  { size: 'small enough for the database', bytes: 2_000 },
  { size: 'a file', bytes: 300_000 },
])('a letter whose bytes are $size reaches the next hop with its trace, and its bytes are let go afterwards', async ({ bytes }) => {
  const services = await owe([here, busy], bytes);
  expect(await services.blobs.collectOrphans(database.db, -60_000)).toBe(0);
  await start(services);
  const sunk = await sink.waitFor(() => true);
  expect(sunk.sender).toBe(sender);
  expect(sunk.recipients).toEqual([here, busy]);
  expect(sunk.bytes.toString('latin1')).toBe(`Received: by demo\r\n${content(bytes)}`);
  await until('the row is done', async () => (await countRows(database.db, 'done')) === 1);
  expect(await services.blobs.collectOrphans(database.db, -60_000)).toBe(1);
});

test('the null sender is carried as such (requirement 17)', async () => {
  await start(await owe([here], 100, null));
  expect((await sink.waitFor(() => true)).sender).toBe('');
});

test('a recipient who is put off is tried again alone, and those who have the letter do not get it twice', async () => {
  sink.answerWith((recipient) => (recipient === busy ? 'later' : 'take'));
  const services = await owe([here, busy], 100);
  await start(services);
  await until('one recipient remains', async () => (await payload())?.recipients.map((one) => one.address).join() === busy);
  expect(await countRows(database.db, 'waiting')).toBe(1);
  sink.answerWith(() => 'take');
  clockMs += 3_600_000;
  await until('the row is done', async () => (await countRows(database.db, 'done')) === 1);
  expect(sink.letters.map((letter) => letter.recipients)).toEqual([[here], [busy]]);
});

test('a recipient who is refused is reported once to the sender, with the status and the words; the others have their letter', async () => {
  sink.answerWith((recipient) => (recipient === absent ? 'refuse' : 'take'));
  const services = await owe([absent, here], 100);
  await start(services);
  await until('the row is done', async () => (await countRows(database.db, 'done')) === 1);
  expect(sink.letters.map((letter) => letter.recipients)).toEqual([[here]]);
  const reports = await owedReports();
  expect(reports).toHaveLength(1);
  expect(reports[0]).toMatchObject({
    to: sender,
    recipients: [{ address: absent, action: 'failed', status: '5.1.1', code: 'refused-there', diagnostic: expect.stringContaining('550') }],
  });
  expect(Buffer.from(reports[0]?.headers ?? '', 'base64').toString()).toBe('Subject: Essai\r\n\r\n');
  expect(await courses()).toEqual([
    { recipient: absent, state: 'refused', status: '5.1.1' },
    { recipient: here, state: 'relayed', status: '2.0.0' },
  ]);
  expect(services.told).toContainEqual({ event: 'letterRelayed', facts: { delivered: 1, failed: 1, later: 0 } });
  expect(JSON.stringify(services.told)).not.toContain('absent@');
});

test('a letter that is put off until its schedule ends is reported with the last words of the next hop', async () => {
  sink.answerWith((recipient) => (recipient === busy ? 'later' : 'take'));
  await start(await owe([here, busy], 100));
  await until('one recipient remains', async () => (await payload())?.recipients.map((one) => one.address).join() === busy);
  expect(await owedReports()).toEqual([]);
  clockMs += 49 * 3_600_000;
  await until('the row is given up', async () => (await countRows(database.db, 'dead')) === 1);
  const reports = await owedReports();
  expect(reports.map((report) => report.recipients)).toEqual([
    [expect.objectContaining({ address: busy, action: 'failed', code: 'not-answered-there', status: expect.stringMatching(/^4\./) })],
  ]);
  expect(await courses()).toContainEqual({ recipient: busy, state: 'refused', status: expect.stringMatching(/^4\./) });
});

test('words of the next hop that are cut in the middle of a character are kept all the same, and the letter is not sent again at once', async () => {
  // 999 characters, then one that takes two: half of it cannot stand in the database.
  const words = `450 4.2.1 ${'x'.repeat(989)}\u{1F600} plus tard`;
  const script = await openScript((socket: Socket, line) => socket.write(line.startsWith('RCPT') ? `${words}\r\n` : '250 ok\r\n'));
  await start({ ...(await owe([busy], 100)), relay: hop(script.port) });
  await until('the answer is kept', async () => (await lastError()) === 'put-off-by-next-hop');
  expect((await payload())?.recipients).toMatchObject([
    { address: busy, last: { status: '4.2.1', reply: expect.stringMatching(/^450 4\.2\.1 x+ $/) } },
  ]);
  await closeHops();
});

test('without a next hop until the schedule ends, the sender is told that time is over', async () => {
  await start({ ...(await owe([here], 100)), relay: undefined });
  await until('it was tried', async () => (await lastError()) === 'no-next-hop');
  clockMs += 49 * 3_600_000;
  await until('the row is given up', async () => (await countRows(database.db, 'dead')) === 1);
  expect((await owedReports()).map((report) => report.recipients)).toEqual([
    [expect.objectContaining({ address: here, action: 'failed', status: '4.4.7' })],
  ]);
});

test('a letter whose bytes are lost is reported without them, when its schedule ends', async () => {
  const services = await owe([busy], 300_000);
  await rm(folder, { recursive: true });
  await start(services);
  await until('it was tried', async () => services.told.some((one) => one.event === 'taskPostponed'));
  clockMs += 49 * 3_600_000;
  await until('the row is given up', async () => (await countRows(database.db, 'dead')) === 1);
  expect(await owedReports()).toMatchObject([{ to: sender, headers: '', recipients: [{ address: busy, status: '4.4.7' }] }]);
});

test('requirements 17 and 37: an automatic letter that is refused is given up with a code, and nobody is told', async () => {
  sink.answerWith(() => 'refuse');
  await start(await owe([absent], 100, null));
  await until('the row is given up', async () => (await countRows(database.db, 'dead')) === 1);
  expect(await lastError()).toBe('recipients-refused');
  expect(await owedReports()).toEqual([]);
});

test('requirement 46: who asked for it hears that the letter was passed on, unless the next hop will tell them', async () => {
  const asking = { address: here, notify: ['success' as const] };
  await start(await owe([asking, busy], 100));
  await until('the row is done', async () => (await countRows(database.db, 'done')) === 1);
  expect((await owedReports()).map((report) => report.recipients)).toEqual([
    [expect.objectContaining({ address: here, action: 'relayed' })],
  ]);
});

test('without a next hop, or with one that is down, the letter waits', async () => {
  const services = await owe([here], 100);
  await start({ ...services, relay: undefined });
  await until('it was tried', async () => (await lastError()) === 'no-next-hop');
  await pipeline?.stop();
  const unused = await freePort();
  clockMs += 3_600_000;
  await start({ ...services, relay: hop(unused) });
  await until('it was tried again', async () => (await lastError()) === 'put-off-by-next-hop');
  expect((await payload())?.recipients).toMatchObject([{ address: here }]);
});

test('stopping does not wait for a next hop that keeps silent', async () => {
  const silent = createServer((socket) => void socket.on('error', () => {}));
  const silentPort = await listen(silent);
  const connected = new Promise((resolve) => silent.once('connection', resolve));
  await start({ ...(await owe([here], 100)), relay: hop(silentPort) }, 50);
  await connected;
  await pipeline?.stop();
  expect(await countRows(database.db, 'waiting')).toBe(1);
  expect((await payload())?.recipients).toMatchObject([{ address: here }]);
  await new Promise((resolve) => silent.close(resolve));
});

function content(bytes: number): string {
  return `Subject: Essai\r\n\r\n${'Bonjour.\r\n'.repeat(Math.ceil(bytes / 10))}`;
}

async function owe(recipients: (Address | EnvelopeRecipient)[], bytes: number, from: Address | null = sender) {
  const services = { ...servicesFor(database.db, folder), relay: hop(port), clock: () => new Date(clockMs) };
  const blob = await services.blobs.store(
    (async function* () {
      yield Buffer.from(content(bytes));
    })(),
  );
  const to = recipients.map((one) => (typeof one === 'string' ? { address: one } : one));
  const about = aboutLetter({ sender: from });
  const letter = { about, blob, prefix: Buffer.from('Received: by demo\r\n'), recipients: to };
  await database.db.transaction().execute(async (trx) => {
    await addOutgoingLetters(trx, [letter], services.clock());
    const line = { letterId: about.arrivalId, messageId: about.messageId, state: 'queued', at: services.clock() } as const;
    if (from)
      await writeLedger(
        trx,
        to.map(({ address: recipient, notify }) => ({ ...line, sender: from, recipient, notify })),
      );
  });
  return services;
}

function hop(at: number) {
  return { hop: { host: '127.0.0.1', port: at, tls: { mode: 'none' } }, heloName: 'passerelle.demo.test', perMinute: 100_000 } as const;
}

async function start(services: ReturnType<typeof servicesFor>, stopGraceMs = 10_000): Promise<void> {
  pipeline = new Pipeline({ services, tasks: [relayLetter], connection: database.connection, pollMs: 30, lockMs: 1000, stopGraceMs });
  await pipeline.start();
}

async function payload(): Promise<{ recipients: { address: string }[] } | undefined> {
  const row = await database.db.selectFrom('outbox').select('payload').where('kind', '=', 'relay-letter').executeTakeFirst();
  return row?.payload as { recipients: { address: string }[] } | undefined;
}

async function owedReports(): Promise<{ to: string; headers: string; recipients: unknown[] }[]> {
  const rows = await database.db.selectFrom('outbox').select('payload').where('kind', '=', 'send-report').execute();
  return rows.map((row) => row.payload as { to: string; headers: string; recipients: unknown[] });
}

const courses = () => database.db.selectFrom('ledger').select(['recipient', 'state', 'status']).orderBy('recipient').execute();

async function lastError(): Promise<string | null | undefined> {
  return (await database.db.selectFrom('outbox').select('last_error').where('kind', '=', 'relay-letter').executeTakeFirst())?.last_error;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  return typeof bound === 'object' && bound ? bound.port : 0;
}
