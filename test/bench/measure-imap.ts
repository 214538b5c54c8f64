// What a mail program waits for: a long list, whole letters, the notice of a new one; and what its connection costs while it waits.
import { ImapReader } from '../support/imap-reader.ts';
import { SmtpClient } from '../support/smtp-client.ts';
import { until } from '../support/until.ts';
import { fillFolder } from './fill-folder.ts';
import { makeLetter } from './letters.ts';
import { percentile } from './percentile.ts';
import type { Row } from './rows.ts';
import type { BenchWorld } from './world.ts';

/** How many of each. */
export type ImapPlan = { readonly messages: number; readonly rounds: number; readonly pushes: number; readonly idleConnections: number };

const letterBytes = 2048;

/** Times of `FETCH 1:*` over a large folder, and whole letters a second. The last citizen's mailbox is filled for it. */
export async function measureFetch(world: BenchWorld, plan: ImapPlan): Promise<Row[]> {
  const reader = world.crowd.citizens.at(-1);
  if (!reader) throw new Error('The crowd has no citizen');
  await fillFolder(world, reader.address, plan.messages, letterBytes);
  const session = await ImapReader.open({
    port: world.report.ports.imapTls,
    ca: world.authority,
    user: reader.address,
    password: reader.password,
  });
  await session.command('SELECT INBOX');
  const rows: Row[] = [];
  for (const items of ['(FLAGS)', '(ENVELOPE)']) {
    const times: number[] = [];
    let bytes = 0;
    for (let round = 0; round < plan.rounds; round += 1) {
      const start = performance.now();
      bytes = (await session.command(`FETCH 1:* ${items}`)).bytes;
      times.push(performance.now() - start);
    }
    rows.push({
      what: `FETCH 1:* ${items}, ${plan.messages} messages`,
      value: percentile(times, 0.5),
      unit: 'ms',
      detail: `${(bytes / 1e6).toFixed(1)} MB`,
    });
  }
  const start = performance.now();
  const { bytes } = await session.command('FETCH 1:* (BODY.PEEK[])');
  const seconds = (performance.now() - start) / 1000;
  rows.push({
    what: 'FETCH BODY.PEEK[] of 2 KB letters, 1 connection',
    value: plan.messages / seconds,
    unit: '/s',
    detail: `${(bytes / 1e6 / seconds).toFixed(1)} MB/s`,
  });
  session.destroy();
  return rows;
}

/** From the sender's 250 to EXISTS at a reader in IDLE, one letter at a time. */
export async function measurePush(world: BenchWorld, plan: ImapPlan): Promise<Row[]> {
  const [reader] = world.crowd.citizens;
  const [sender] = world.crowd.doctors;
  if (!reader || !sender) throw new Error('The crowd is too small');
  const { ports } = world.report;
  const session = await ImapReader.open({ port: ports.imapTls, ca: world.authority, user: reader.address, password: reader.password });
  const { text } = await session.command('SELECT INBOX');
  let seen = Number(/\* (\d+) EXISTS/.exec(text)?.[1] ?? 0);
  let seenAt = 0;
  session.onExists = (count) => {
    seen = count;
    seenAt = performance.now();
  };
  await session.idle();
  const login = { user: sender.address, password: sender.password };
  const client = await SmtpClient.open({ host: '127.0.0.1', port: ports.submission, ca: world.authority, login });
  const letter = makeLetter(sender.address, reader.address, letterBytes);
  const delays: number[] = [];
  for (let push = 0; push < plan.pushes; push += 1) {
    const before = seen;
    const { code } = await client.deliver(sender.address, [reader.address], letter);
    if (code !== 250) throw new Error(`A letter was answered ${code}`);
    const answeredAt = performance.now();
    await until('the waiting reader hears of the letter', () => seen > before);
    // The notice may overtake the answer: then nobody waited.
    delays.push(Math.max(0, seenAt - answeredAt));
  }
  client.destroy();
  session.destroy();
  return [
    {
      what: 'IDLE: from 250 to EXISTS, median',
      value: percentile(delays, 0.5),
      unit: 'ms',
      detail: `99% ${percentile(delays, 0.99).toFixed(1)} ms, ${delays.length} letters`,
    },
  ];
}

/** Memory of a TLS connection that is signed in, has selected INBOX and waits in IDLE. */
export async function measureIdleMemory(world: BenchWorld, plan: ImapPlan): Promise<Row[]> {
  const { citizens } = world.crowd;
  const open = async (at: number) => {
    const { address, password } = citizens[at % citizens.length] ?? { address: '', password: '' };
    const session = await ImapReader.open({ port: world.report.ports.imapTls, ca: world.authority, user: address, password });
    await session.command('SELECT INBOX');
    await session.idle();
    return session;
  };
  // The first clients make a process load and grow; they stay, and are not counted.
  const openMany = async (first: number, count: number) => {
    const sessions: ImapReader[] = [];
    while (sessions.length < count)
      sessions.push(...(await Promise.all(Array.from({ length: 10 }, (_, at) => open(first + sessions.length + at)))));
    return sessions;
  };
  const early = await openMany(0, 50);
  const before = await settledBytes(world);
  const sessions = await openMany(early.length, plan.idleConnections);
  const after = await settledBytes(world);
  for (const session of [...early, ...sessions]) session.destroy();
  return [
    { what: `an idle IMAP connection over TLS, of ${sessions.length}`, value: (after - before) / sessions.length / 1024, unit: 'KiB' },
  ];
}

/** The least of the next seconds: garbage still to be collected is not what a connection costs. */
async function settledBytes(world: BenchWorld): Promise<number> {
  const start = performance.now();
  let least = Number.POSITIVE_INFINITY;
  return until('the memory has been watched for a while', () => {
    least = Math.min(least, world.gatewayBytes());
    return performance.now() - start > 2000 && least;
  });
}
