// Automatic messages never loop: two operators exchange letters with absences, receipts, reports and notices on, beside a real Postfix
// behind which a program answers everything. When people stop writing and reading, everything comes to rest; what was written is counted.
// LOOP_SECONDS=60 for the whole of it; ten seconds otherwise.
import nodemailer from 'nodemailer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Someone } from '../support/crowd.ts';
import { ImapReader } from '../support/imap-reader.ts';
import { until } from '../support/until.ts';
import { answererDomain } from './auto-answerer.ts';
import { countLetters, type Operator, openLoopWorld, testAddressOf, unknownCitizenOf, unknownDoctorOf } from './loop-world.ts';

const seconds = Number(process.env.LOOP_SECONDS ?? 10);
const settlingMs = 120_000;

/** How many letters one absent professional answers for one domain in an hour, and how many a group may add. */
const absencesPerDomain = 30 + 64;

type World = Awaited<ReturnType<typeof openLoopWorld>>;
let world: World;
/** Each person's software keeps its connection. */
const transports = new Map<Someone, ReturnType<typeof openTransport>>();
beforeAll(async () => {
  world = await openLoopWorld();
}, 120_000);
afterAll(() => world?.close(), 60_000);

test('requirements 17 and 37: automatic letters answer no automatic letter, whatever answers them', {
  timeout: seconds * 1000 + settlingMs + 60_000,
}, async () => {
  const { a, b, answerer } = world;
  const [citizen] = a.people.citizens;
  if (!citizen) throw new Error('A citizen was registered');
  // An exchange with both doctors, so that the citizen may write to them.
  await Promise.all([send(a, a.present, [citizen.address]), send(a, a.absent, [citizen.address])]);
  const rounds: (() => Promise<unknown>)[] = [
    () => send(a, a.present, [b.absent.address, b.present.address]),
    () => send(b, b.present, [a.absent.address, a.present.address]),
    () => send(a, citizen, [a.absent.address]),
    () => send(a, a.present, [`accueil@${answererDomain}`]),
    () => send(b, b.present, [`accueil@${answererDomain}`]),
    () => send(b, b.present, [citizen.address]),
    () => send(a, a.present, [unknownCitizenOf('b')]),
    () => send(b, b.absent, [unknownDoctorOf('a')]),
    () => send(a, a.absent, [b.absent.address]),
    () => answerer.write(a.absent.address),
    () => answerer.write(b.absent.address),
    () => answerer.write(testAddressOf('a')),
    () => answerer.write(citizen.address),
  ];
  const readers = await Promise.all([...a.people.doctors, citizen].map((one) => openReader(a, one)));
  readers.push(...(await Promise.all(b.people.doctors.map((one) => openReader(b, one)))));
  const counts = { written: 2, read: 0 };
  const end = Date.now() + seconds * 1000;
  for (let round = 0; Date.now() < end; round += 1) {
    await rounds[round % rounds.length]?.();
    counts.written += 1;
    const reader = readers[round % readers.length];
    if (reader && (await readOne(reader))) counts.read += 1;
  }
  for (const reader of readers) reader.destroy();
  for (const transport of transports.values()) transport.close();

  const rest = await atRest();
  // Each letter that people or the program write first goes to two people at most. Every letter placed is reported once, and may be
  // answered by an absence, a notice and, once read, a receipt; each of these may be answered by the program, once.
  const first = 2 * counts.written + counts.read + 4 * absencesPerDomain;
  const total = rest.kept + answerer.counts.received + rest.automatic;
  process.stdout.write(
    [
      `${seconds} s: people and the program began ${counts.written} letters and read ${counts.read}.`,
      `a: ${said(rest.a)}`,
      `b: ${said(rest.b)}`,
      `the program received ${answerer.counts.received} and wrote ${answerer.counts.written}`,
      `all counted ${total}, bound ${8 * first}`,
      '',
    ].join('\n'),
  );
  expect(rest.automatic).toBeGreaterThan(0);
  expect(answerer.counts.received).toBeGreaterThan(0);
  for (const one of [rest.a, rest.b]) {
    expect(one['send-absence'] ?? 0).toBeLessThanOrEqual(2 * counts.written + absencesPerDomain);
    expect(one['send-receipt'] ?? 0).toBeLessThanOrEqual(counts.read);
    expect(one['send-absence'] ?? 0).toBeGreaterThan(0);
  }
  expect(total).toBeLessThanOrEqual(8 * first);
});

/** Everything comes to rest: nothing waits in an outbox, and nothing new is written for a while. */
async function atRest() {
  let before = '';
  let same = 0;
  return await until(
    'nothing is written any more',
    async () => {
      const [a, b] = [await countLetters(world.a), await countLetters(world.b)];
      const now = JSON.stringify([a, b, world.answerer.counts]);
      same = now === before && a.waiting + b.waiting === 0 ? same + 1 : 0;
      before = now;
      if (same < 100) return false;
      const automatic = [a, b].flatMap(({ written }) => Object.entries(written)).filter(([kind]) => kind !== 'relay-letter');
      const count = automatic.reduce((sum, [, number]) => sum + number, 0);
      return { a: a.written, b: b.written, kept: a.kept + b.kept, automatic: count };
    },
    settlingMs,
  );
}

const said = (written: Readonly<Record<string, number>>) =>
  Object.entries(written)
    .map(([kind, count]) => `${kind} ${count}`)
    .sort()
    .join(', ');

/** One letter, asking for a receipt and for a report on everything. */
async function send(operator: Operator, someone: Someone, to: readonly string[]): Promise<void> {
  const transport = transports.get(someone) ?? openTransport(operator, someone);
  transports.set(someone, transport);
  const { address: from } = someone;
  await transport.sendMail({
    envelope: { from, to: [...to], dsn: { notify: ['SUCCESS', 'FAILURE', 'DELAY'], return: 'headers' } },
    from,
    to: to.join(', '),
    subject: 'Essai',
    text: `Bonjour ${Math.random()}`,
    headers: { 'Disposition-Notification-To': from },
  });
}

function openTransport({ gateway }: Operator, { address: user, password: pass }: Someone) {
  return nodemailer.createTransport({
    pool: true,
    maxConnections: 1,
    host: '127.0.0.1',
    port: gateway.ports.submission,
    requireTLS: true,
    tls: { ca: world.authority, servername: 'localhost' },
    auth: { user, pass },
  });
}

async function openReader({ gateway }: Operator, { address: user, password }: Someone): Promise<ImapReader> {
  const reader = await ImapReader.open({ port: gateway.ports.imapTls, ca: world.authority, user, password });
  await reader.command('SELECT INBOX');
  return reader;
}

/** The oldest letter not read yet is read; false when there is none. */
async function readOne(reader: ImapReader): Promise<boolean> {
  const { text } = await reader.command('UID SEARCH UNSEEN');
  const uid = /^\* SEARCH (\d+)/m.exec(text)?.[1];
  if (uid !== undefined) await reader.command(`UID STORE ${uid} +FLAGS.SILENT (\\Seen)`);
  return uid !== undefined;
}
