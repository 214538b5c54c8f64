// Both SMTP doors on free loopback ports, with certificates of a development authority made once per test process.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { type DevAuthority, openDevAuthority } from '../../certs/dev-authority.ts';
import { makePeerTable } from '../../certs/peer-identity.ts';
import type { Address } from '../../src/core/address.ts';
import { parseAddress } from '../../src/core/address.ts';
import { UnavailableError } from '../../src/core/errors.ts';
import type { DoorLimits, SmtpDoor } from '../../src/smtp/door-options.ts';
import { openMx } from '../../src/smtp/mx-server.ts';
import { openSubmission, type SubmissionDoor, type SubmissionOptions } from '../../src/smtp/submission-server.ts';
import { RawSmtp } from './raw-smtp.ts';
import { RecordingDelivery } from './recording-delivery.ts';

/** What the doors announce: the default of the gateway. Requirement 16. */
export const maxLetterBytes = 29_360_128;

let authority: Promise<DevAuthority> | undefined;

/** The authority of this test process. */
export function testAuthority(): Promise<DevAuthority> {
  if (!authority) {
    const folder = mkdtempSync(join(tmpdir(), 'passerelle-test-authority-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    authority = openDevAuthority(folder);
  }
  return authority;
}

/** The certificate of a peer's relay. */
export async function peerOf(relayName: string) {
  return (await testAuthority()).peerCredential({ relayName, structureId: '1690000001', organisation: 'CHU de test' });
}

/** An address known to be well formed. */
export function address(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error(`Not an address: ${text}`);
  return parsed;
}

/** Everything a test of a door may change. */
export type DoorSetup = { limits?: Partial<DoorLimits>; maxLetterBytes?: number; log?: string[] };

function logInto(lines: string[] | undefined) {
  return pino({ level: lines ? 'debug' : 'silent' }, { write: (line: string) => void lines?.push(line) });
}

/** The submission door. One account: `lea@chu.mssante.fr`, password `secret`; the password `panne` meets an outage. */
export async function openTestSubmission(
  setup: DoorSetup & Partial<Pick<SubmissionOptions, 'authenticate' | 'failureDelayMs'>> = {},
): Promise<{ door: SubmissionDoor & { tlsPort: number }; delivery: RecordingDelivery; ca: string }> {
  const own = await testAuthority();
  const delivery = new RecordingDelivery();
  const door = await openSubmission({
    listen: { host: '127.0.0.1', port: 0 },
    listenTls: { host: '127.0.0.1', port: 0 },
    hostname: 'passerelle.test',
    tls: await own.serverCredential('passerelle.test'),
    maxLetterBytes: setup.maxLetterBytes ?? maxLetterBytes,
    delivery,
    log: logInto(setup.log),
    failureDelayMs: setup.failureDelayMs ?? 1,
    authenticate:
      setup.authenticate ??
      (async (login, password) => {
        if (password === 'panne') throw new UnavailableError('test');
        return login === 'lea@chu.mssante.fr' && password === 'secret' ? { address: address(login), mailboxId: 1 } : undefined;
      }),
    limits: { closeMs: 200, ...setup.limits },
  });
  if (door.tlsPort === undefined) throw new Error('The door has no TLS port');
  return { door: { ...door, tlsPort: door.tlsPort }, delivery, ca: own.certificate };
}

/** The door between operators. `chu.mssante.fr` is bound to `relais.chu.fr`, `labo.mssante.fr` to `relais.labo.fr`. */
export async function openTestMx(setup: DoorSetup = {}): Promise<{ door: SmtpDoor; delivery: RecordingDelivery; ca: string }> {
  const own = await testAuthority();
  const delivery = new RecordingDelivery();
  const door = await openMx({
    listen: { host: '127.0.0.1', port: 0 },
    hostname: 'passerelle.test',
    tls: await own.serverCredential('passerelle.test'),
    authority: own.certificate,
    peers: makePeerTable({ 'chu.mssante.fr': 'relais.chu.fr', 'labo.mssante.fr': 'relais.labo.fr' }),
    maxLetterBytes: setup.maxLetterBytes ?? maxLetterBytes,
    delivery,
    log: logInto(setup.log),
    limits: { closeMs: 200, ...setup.limits },
  });
  return { door, delivery, ca: own.certificate };
}

/** A raw session through STARTTLS, as the named relay, up to EHLO. */
export async function mxSession(port: number, relayName = 'relais.chu.fr'): Promise<RawSmtp> {
  const client = await RawSmtp.connect(port);
  await client.ask('EHLO client.test');
  await client.ask('STARTTLS');
  await client.upgrade({ ca: (await testAuthority()).certificate, servername: 'passerelle.test', ...(await peerOf(relayName)) });
  await client.ask('EHLO client.test');
  return client;
}

/** A raw session signed in as Dr Léa Martin. */
export async function submissionSession(tlsPort: number): Promise<RawSmtp> {
  const client = await RawSmtp.connectTls(tlsPort, { ca: (await testAuthority()).certificate, servername: 'passerelle.test' });
  await client.ask('EHLO client.test');
  const reply = await client.ask(`AUTH PLAIN ${Buffer.from('\0lea@chu.mssante.fr\0secret').toString('base64')}`);
  if (!reply?.startsWith('235')) throw new Error(`Signing in failed: ${reply}`);
  return client;
}
