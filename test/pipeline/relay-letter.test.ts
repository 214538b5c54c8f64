// A letter for another operator leaves by the outbox, reaches the next hop once per recipient, and its bytes are kept until then.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import { type Address, parseAddress } from '../../src/core/address.ts';
import { deliveryMigrations } from '../../src/delivery/migrations/set.ts';
import { addOutgoingLetters } from '../../src/delivery/outgoing-letters.ts';
import { Sink } from '../../src/demo/sink.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import { relayLetter } from '../../src/pipeline/tasks/relay-letter.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
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
  await sql`truncate outbox, blob_holds, blobs cascade`.execute(database.db);
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
  await until('one recipient remains', async () => (await payload())?.recipients.join() === busy);
  expect(await countRows(database.db, 'waiting')).toBe(1);
  sink.answerWith(() => 'take');
  clockMs += 3_600_000;
  await until('the row is done', async () => (await countRows(database.db, 'done')) === 1);
  expect(sink.letters.map((letter) => letter.recipients)).toEqual([[here], [busy]]);
});

test('a recipient who is refused is written down with the status and the words, the others have their letter', async () => {
  sink.answerWith((recipient) => (recipient === absent ? 'refuse' : 'take'));
  const services = await owe([absent, here], 100);
  await start(services);
  await until('the row is given up', async () => (await countRows(database.db, 'dead')) === 1);
  expect(sink.letters.map((letter) => letter.recipients)).toEqual([[here]]);
  expect(await payload()).toMatchObject({
    recipients: [],
    failed: [{ recipient: absent, status: '5.1.1', reply: expect.stringContaining('550') }],
  });
  const row = await database.db.selectFrom('outbox').select('last_error').executeTakeFirstOrThrow();
  expect(row.last_error).toBe('recipients-refused');
  // The report to the sender will quote the letter: its bytes stay.
  expect(await services.blobs.collectOrphans(database.db, -60_000)).toBe(0);
  expect(services.told).toContainEqual({ event: 'letterRelayed', facts: { delivered: 1, failed: 1, later: 0 } });
  expect(JSON.stringify(services.told)).not.toContain('absent@');
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
  expect((await payload())?.recipients).toEqual([here]);
});

test('stopping does not wait for a next hop that keeps silent', async () => {
  const silent = createServer((socket) => void socket.on('error', () => {}));
  const silentPort = await listen(silent);
  const connected = new Promise((resolve) => silent.once('connection', resolve));
  await start({ ...(await owe([here], 100)), relay: hop(silentPort) }, 50);
  await connected;
  await pipeline?.stop();
  expect(await countRows(database.db, 'waiting')).toBe(1);
  expect((await payload())?.recipients).toEqual([here]);
  await new Promise((resolve) => silent.close(resolve));
});

function content(bytes: number): string {
  return `Subject: Essai\r\n\r\n${'Bonjour.\r\n'.repeat(Math.ceil(bytes / 10))}`;
}

async function owe(recipients: Address[], bytes: number, from: Address | null = sender) {
  const services = { ...servicesFor(database.db, folder), relay: hop(port), clock: () => new Date(clockMs) };
  const blob = await services.blobs.store(
    (async function* () {
      yield Buffer.from(content(bytes));
    })(),
  );
  const letter = { blob, prefix: Buffer.from('Received: by demo\r\n'), sender: from, recipients };
  await database.db.transaction().execute((trx) => addOutgoingLetters(trx, [letter], services.clock()));
  return services;
}

function hop(at: number) {
  return { hop: { host: '127.0.0.1', port: at, tls: { mode: 'none' } }, heloName: 'passerelle.demo.test' } as const;
}

async function start(services: ReturnType<typeof servicesFor>, stopGraceMs = 10_000): Promise<void> {
  pipeline = new Pipeline({ services, tasks: [relayLetter], connection: database.connection, pollMs: 30, lockMs: 1000, stopGraceMs });
  await pipeline.start();
}

async function payload(): Promise<{ recipients: string[]; failed: unknown[] } | undefined> {
  const row = await database.db.selectFrom('outbox').select('payload').executeTakeFirst();
  return row?.payload as { recipients: string[]; failed: unknown[] } | undefined;
}

async function lastError(): Promise<string | null | undefined> {
  return (await database.db.selectFrom('outbox').select('last_error').executeTakeFirst())?.last_error;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const free = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return free;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  return typeof bound === 'object' && bound ? bound.port : 0;
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error(`Not an address: ${text}`);
  return parsed;
}
