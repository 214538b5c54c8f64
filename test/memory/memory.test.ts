// Memory while receiving or serving a letter is bounded by a constant, not by its size (architecture §6). Ten of the largest letters
// at once through each door, then ten slow readers of them: the gateway and its PostgreSQL together stay within 64 MiB of idle.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDevAuthority } from '../../certs/dev-authority.ts';
import type { Crowd, Someone } from '../support/crowd.ts';
import { type GatewayHome, GatewayProcess, makeGatewayHome } from '../support/gateway-process.ts';
import { ImapReader } from '../support/imap-reader.ts';
import { SmtpClient, type SmtpClientOptions } from '../support/smtp-client.ts';
import { largeLetter } from './large-letter.ts';
import { Sampler } from './sampler.ts';
import { slowFetch } from './slow-fetch.ts';

const mib = 1024 * 1024;
const allowedBytes = 64 * mib;
const atOnce = 10;
const peerDomain = 'chu.test';
const peer = { relayName: 'relais.chu.test', structureId: '1990009002', organisation: 'CHU des essais' };

let home: GatewayHome;
let gateway: GatewayProcess;
let crowd: Crowd;
let sampler: Sampler;
let idleBytes: number;
let submission: SmtpClientOptions;
let mx: SmtpClientOptions;
let doctor: Someone;
let letter: Buffer;

beforeAll(async () => {
  home = await makeGatewayHome();
  const authority = await openDevAuthority(join(home.folder, 'authority'));
  gateway = await GatewayProcess.start(home, {
    crowd: { doctors: 1, citizens: atOnce },
    environment: {
      PASSERELLE_SMTP_MX_ENABLED: 'true',
      PASSERELLE_SMTP_MX_HOST: '127.0.0.1',
      PASSERELLE_SMTP_MX_PORT: '0',
      PASSERELLE_SMTP_MX_CLIENT_AUTHORITY_FILE: authority.certificateFile,
      PASSERELLE_SMTP_MX_PEERS: JSON.stringify({ [peerDomain]: [peer.relayName] }),
    },
  });
  const { ports, crowd: registered } = gateway.report;
  const [someDoctor] = registered?.doctors ?? [];
  if (!registered || !someDoctor || ports.mx === undefined) throw new Error('The gateway is not as it was asked to be');
  crowd = registered;
  doctor = someDoctor;
  const server = { host: '127.0.0.1', ca: home.authority };
  submission = { ...server, port: ports.submission, login: { user: doctor.address, password: doctor.password } };
  mx = { ...server, port: ports.mx, certificate: await authority.peerCredential(peer) };
  letter = largeLetter(doctor.address, 'patient@patient.mssante.fr');
  sampler = new Sampler(gateway.pid, home.data);
  // A letter through every door first: what is loaded, compiled and connected once is no part of what a letter costs.
  await submit(1);
  await relay(1);
  await append(1);
  await fetchSlowly(1);
  idleBytes = (await sampler.settled()).totalBytes;
}, 120_000);

afterAll(async () => {
  sampler?.stop();
  await gateway?.destroy();
  await home?.remove();
});

// Seconds each; minutes on a machine that does everything at once.
describe('memory is bounded by a constant, whatever the size of the letters', { timeout: 120_000 }, () => {
  test('ten letters of 20 MiB at once through the submission door', () => staysWithinBounds('submission', () => submit(atOnce)));
  test('ten letters of 20 MiB at once from another operator', () => staysWithinBounds('mx', () => relay(atOnce)));
  test('ten letters of 20 MiB at once by IMAP APPEND', () => staysWithinBounds('APPEND', () => append(atOnce)));
  test('ten readers who take their time over 20 MiB each', () => staysWithinBounds('slow FETCH', () => fetchSlowly(atOnce)));
});

async function staysWithinBounds(what: string, work: () => Promise<void>): Promise<void> {
  // What the work before has left behind is not idle: the least that has been seen at rest is.
  idleBytes = Math.min(idleBytes, (await sampler.settled()).totalBytes);
  await sampler.peak();
  await work();
  const peak = await sampler.peak();
  const inMib = (bytes: number) => (bytes / mib).toFixed(0).padStart(4);
  process.stdout.write(
    `  ${what.padEnd(10)} ${inMib(peak.totalBytes - idleBytes)} MiB above ${inMib(idleBytes)}: gateway ${inMib(peak.gatewayBytes)}, PostgreSQL ${inMib(peak.postgresBytes)}\n`,
  );
  expect(peak.totalBytes - idleBytes).toBeLessThan(allowedBytes);
}

async function submit(count: number): Promise<void> {
  await giveEach(count, submission, doctor.address);
}

async function relay(count: number): Promise<void> {
  await giveEach(count, mx, `medecin@${peerDomain}`);
}

async function giveEach(count: number, door: SmtpClientOptions, from: string): Promise<void> {
  const replies = await Promise.all(
    crowd.citizens.slice(0, count).map(async ({ address }) => {
      const client = await SmtpClient.open(door);
      const { code } = await client.deliver(from, [address], letter);
      client.destroy();
      return code;
    }),
  );
  expect(replies).toEqual(Array.from({ length: count }, () => 250));
}

async function append(count: number): Promise<void> {
  await forEachReader(count, async (options) => {
    const reader = await ImapReader.open(options);
    await reader.append('INBOX', letter);
    reader.destroy();
  });
}

async function fetchSlowly(count: number): Promise<void> {
  await forEachReader(count, async (options) => {
    const { bytes } = await slowFetch(options);
    expect(bytes).toBeGreaterThan(letter.length);
  });
}

async function forEachReader(count: number, work: (options: Parameters<typeof ImapReader.open>[0]) => Promise<void>): Promise<void> {
  const { imapTls: port } = gateway.report.ports;
  await Promise.all(
    crowd.citizens.slice(0, count).map(({ address: user, password }) => work({ port, ca: home.authority, user, password })),
  );
}
