// Memory while receiving or serving a letter is bounded by a constant, not by its size (architecture §6). Ten letters of 2 MiB at once through
// each door, then ten of the largest: the gateway and its PostgreSQL together hold hardly more, where the letters weigh 250 MiB more.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDevAuthority } from '../../certs/dev-authority.ts';
import type { Crowd, Someone } from '../support/crowd.ts';
import { type GatewayHome, GatewayProcess, makeGatewayHome } from '../support/gateway-process.ts';
import { ImapReader } from '../support/imap-reader.ts';
import { SmtpClient, type SmtpClientOptions } from '../support/smtp-client.ts';
import { attachedLetter } from './attached-letter.ts';
import { type Peak, Sampler } from './sampler.ts';
import { slowFetch } from './slow-fetch.ts';

const mib = 1024 * 1024;
/** More than what letters of a tenth of the size need. */
const allowedBytes = 64 * mib;
/** In all, at any moment. */
const roofBytes = 384 * mib;
const atOnce = 10;
const peerDomain = 'chu.test';
const peer = { relayName: 'relais.chu.test', structureId: '1990009002', organisation: 'CHU des essais' };

let home: GatewayHome;
let gateway: GatewayProcess;
let crowd: Crowd;
let sampler: Sampler;
let submission: SmtpClientOptions;
let mx: SmtpClientOptions;
let doctor: Someone;
let small: Buffer;
let large: Buffer;

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
  const of = (attachmentBytes: number) => attachedLetter(doctor.address, 'patient@patient.mssante.fr', attachmentBytes);
  small = of(2 * mib);
  large = of(20 * mib);
  sampler = new Sampler(gateway.pid, home.data);
  // Every door at work first: what is loaded, compiled, connected and left lying once is no part of what a letter costs.
  for (const work of [submit, relay, append, fetchSlowly]) await work(small);
}, 120_000);

afterAll(async () => {
  await sampler?.stop();
  await gateway?.destroy();
  await home?.remove();
});

// Seconds each; minutes on a machine that does everything at once.
describe('memory is bounded by a constant, whatever the size of the letters', { timeout: 120_000 }, () => {
  test('ten letters of 20 MiB at once through the submission door', () => needsNoMore('submission', submit));
  test('ten letters of 20 MiB at once from another operator', () => needsNoMore('mx', relay));
  test('ten letters of 20 MiB at once by IMAP APPEND', () => needsNoMore('APPEND', append));
  test('ten readers who take their time over 20 MiB each', () => needsNoMore('slow FETCH', fetchSlowly, append));
});

type Work = (letter: Buffer) => Promise<void>;

async function needsNoMore(what: string, work: Work, first?: Work): Promise<void> {
  const peakWith = async (letter: Buffer): Promise<Peak> => {
    await first?.(letter);
    await sampler.peak();
    await work(letter);
    return sampler.peak();
  };
  const less = await peakWith(small);
  const more = await peakWith(large);
  const inMib = (bytes: number) => (bytes / mib).toFixed(0).padStart(4);
  process.stdout.write(
    `  ${what.padEnd(10)} ${inMib(less.totalBytes)} MiB, ${inMib(more.totalBytes)} with letters ten times larger: gateway ${inMib(more.gatewayBytes)}, PostgreSQL ${inMib(more.postgresBytes)}\n`,
  );
  expect(more.totalBytes - less.totalBytes).toBeLessThan(allowedBytes);
  expect(more.totalBytes).toBeLessThan(roofBytes);
}

async function submit(letter: Buffer): Promise<void> {
  await giveEach(letter, submission, doctor.address);
}

async function relay(letter: Buffer): Promise<void> {
  await giveEach(letter, mx, `medecin@${peerDomain}`);
}

async function giveEach(letter: Buffer, door: SmtpClientOptions, from: string): Promise<void> {
  const replies = await Promise.all(
    crowd.citizens.map(async ({ address }) => {
      const client = await SmtpClient.open(door);
      const { code } = await client.deliver(from, [address], letter);
      client.destroy();
      return code;
    }),
  );
  expect(replies).toEqual(Array.from({ length: atOnce }, () => 250));
}

async function append(letter: Buffer): Promise<void> {
  await forEachReader(async (options) => {
    const reader = await ImapReader.open(options);
    await reader.append('INBOX', letter);
    reader.destroy();
  });
}

async function fetchSlowly(letter: Buffer): Promise<void> {
  await forEachReader(async (options) => {
    const { bytes } = await slowFetch(options);
    expect(bytes).toBeGreaterThan(letter.length);
  });
}

async function forEachReader(work: (options: Parameters<typeof ImapReader.open>[0]) => Promise<void>): Promise<void> {
  const { imapTls: port } = gateway.report.ports;
  await Promise.all(crowd.citizens.map(({ address: user, password }) => work({ port, ca: home.authority, user, password })));
}
