// The door of the people hosted here, from outside: TLS, then AUTH, then MAIL. RFC 4954, RFC 6409, RFC 8314.
import nodemailer from 'nodemailer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { refuse } from '../../policies/verdict.ts';
import { RawSmtp } from '../support/raw-smtp.ts';
import { maxLetterBytes, openTestSubmission, submissionSession } from '../support/smtp-doors.ts';

let own: Awaited<ReturnType<typeof openTestSubmission>>;
beforeEach(async () => {
  own = await openTestSubmission();
});
afterEach(() => own.door.close());

const plain = (login: string, password: string, authzid = '') => Buffer.from(`${authzid}\0${login}\0${password}`).toString('base64');
const tls = () => ({ ca: own.ca, servername: 'passerelle.test' });

async function secured(): Promise<RawSmtp> {
  const client = await RawSmtp.connect(own.door.port);
  await client.ask('EHLO client.test');
  await client.ask('STARTTLS');
  await client.upgrade(tls());
  await client.ask('EHLO client.test');
  return client;
}

describe('nodemailer', () => {
  test.each([false, true])('delivers with a password, implicit TLS: %s', async (secure) => {
    const transport = nodemailer.createTransport({
      host: '127.0.0.1',
      port: secure ? own.door.tlsPort : own.door.port,
      secure,
      requireTLS: true,
      tls: tls(),
      auth: { user: 'lea@chu.mssante.fr', pass: 'secret' },
    });
    const sent = await transport.sendMail({ envelope: { from: 'lea@chu.mssante.fr', to: 'b@labo.mssante.fr' }, raw: 'A: b\r\n\r\nc' });
    const [letter] = own.delivery.letters;
    expect(letter?.arrival).toMatchObject({
      door: 'submission',
      sender: 'lea@chu.mssante.fr',
      account: { address: 'lea@chu.mssante.fr', mailboxId: 1 },
      peer: { protocol: 'ESMTPSA', tls: { protocol: 'TLSv1.3', cipher: expect.stringMatching(/^TLS_[A-Z0-9_]+$/) } },
    });
    expect(sent.response).toContain(letter?.arrival.id);
    transport.close();
  });

  test('over TLS 1.2, the cipher is known by the name IANA gives it', async () => {
    const transport = nodemailer.createTransport({
      host: '127.0.0.1',
      port: own.door.port,
      requireTLS: true,
      tls: { ...tls(), maxVersion: 'TLSv1.2' },
      auth: { user: 'lea@chu.mssante.fr', pass: 'secret' },
    });
    await transport.sendMail({ envelope: { from: 'lea@chu.mssante.fr', to: 'b@labo.mssante.fr' }, raw: 'A: b\r\n\r\nc' });
    expect(own.delivery.letters[0]?.arrival.peer.tls).toEqual({
      protocol: 'TLSv1.2',
      cipher: expect.stringMatching(/^TLS_ECDHE_[A-Z0-9]+_WITH_[A-Z0-9_]+$/),
    });
    transport.close();
  });

  test('shows the sender the French reason of a refusal, in ASCII', async () => {
    own.delivery.recipient = () => refuse('exchange-never-opened', 'test');
    const transport = nodemailer.createTransport({
      host: '127.0.0.1',
      port: own.door.tlsPort,
      secure: true,
      tls: tls(),
      auth: { user: 'lea@chu.mssante.fr', pass: 'secret' },
    });
    const attempt = transport.sendMail({ envelope: { from: 'lea@chu.mssante.fr', to: 'b@labo.mssante.fr' }, raw: 'A: b\r\n\r\nc' });
    await expect(attempt).rejects.toMatchObject({
      responseCode: 550,
      response: "550 5.7.1 Vous ne pouvez ecrire a ce professionnel que s'il vous a deja ecrit par messagerie securisee",
    });
    transport.close();
  });
});

describe('the order TLS, AUTH, MAIL', () => {
  test('requirement 55: AUTH is not announced before TLS and is answered 538', async () => {
    const client = await RawSmtp.connect(own.door.port);
    expect(await client.ask('EHLO client.test')).not.toContain('AUTH');
    expect(await client.ask(`AUTH PLAIN ${plain('lea@chu.mssante.fr', 'secret')}`)).toMatch(/^538 5\.7\.11 /);
    expect(await client.ask('MAIL FROM:<lea@chu.mssante.fr>')).toMatch(/^530 5\.7\.0 .*STARTTLS/);
  });

  test('AUTH PLAIN LOGIN is announced once under TLS, and no more once signed in', async () => {
    const client = await secured();
    expect(await client.ask('EHLO client.test')).toBe(
      `250-passerelle.test\n250-PIPELINING\n250-8BITMIME\n250-ENHANCEDSTATUSCODES\n250-SIZE ${maxLetterBytes}\n250-DSN\n250 AUTH PLAIN LOGIN`,
    );
    expect(await client.ask('MAIL FROM:<lea@chu.mssante.fr>')).toMatch(/^530 5\.7\.0 Identifiez/);
    expect(await client.ask(`AUTH PLAIN ${plain('lea@chu.mssante.fr', 'secret')}`)).toMatch(/^235 2\.7\.0 /);
    expect(await client.ask('EHLO client.test')).not.toContain('AUTH');
    expect(await client.ask('MAIL FROM:<lea@chu.mssante.fr> AUTH=<>')).toMatch(/^250 /);
  });

  test('AUTH LOGIN asks for login and password in turn', async () => {
    const client = await secured();
    expect(await client.ask('AUTH LOGIN')).toBe('334 VXNlcm5hbWU6');
    expect(await client.ask(Buffer.from('lea@chu.mssante.fr').toString('base64'))).toBe('334 UGFzc3dvcmQ6');
    expect(await client.ask(Buffer.from('secret').toString('base64'))).toMatch(/^235 /);
  });

  test('RFC 3207 §4.2 what was said before TLS is forgotten', async () => {
    const client = await RawSmtp.connect(own.door.port);
    await client.ask('EHLO client.test');
    await client.ask('STARTTLS');
    await client.upgrade(tls());
    expect(await client.ask(`AUTH PLAIN ${plain('lea@chu.mssante.fr', 'secret')}`)).toMatch(/^503 /);
  });
});

describe('wrong credentials', () => {
  test('are answered 535 5.7.8, and the third ends the connection', async () => {
    const client = await secured();
    expect(await client.ask(`AUTH PLAIN ${plain('lea@chu.mssante.fr', 'faux')}`)).toMatch(/^535 5\.7\.8 /);
    expect(await client.ask(`AUTH PLAIN ${plain('inconnu@chu.mssante.fr', 'faux')}`)).toMatch(/^535 5\.7\.8 /);
    expect(await client.ask(`AUTH PLAIN ${plain('lea@chu.mssante.fr', 'faux')}`)).toMatch(/^421 4\.7\.0 /);
    await client.closed;
  });

  test('wait before they are answered', async () => {
    await own.door.close();
    own = await openTestSubmission({ failureDelayMs: 300 });
    const client = await secured();
    const start = performance.now();
    await client.ask(`AUTH PLAIN ${plain('lea@chu.mssante.fr', 'faux')}`);
    expect(performance.now() - start).toBeGreaterThan(290);
  });

  test('RFC 4616 nobody signs in for somebody else', async () => {
    const client = await secured();
    expect(await client.ask(`AUTH PLAIN ${plain('lea@chu.mssante.fr', 'secret', 'paul@chu.mssante.fr')}`)).toMatch(/^535 /);
    expect(await client.ask(`AUTH PLAIN ${plain('', 'secret', 'lea@chu.mssante.fr')}`)).toMatch(/^535 /);
  });

  test('an outage is 454 and does not count as an attempt', async () => {
    const client = await secured();
    for (let attempt = 0; attempt < 4; attempt += 1) {
      expect(await client.ask(`AUTH PLAIN ${plain('lea@chu.mssante.fr', 'panne')}`)).toMatch(/^454 4\.7\.0 /);
    }
    expect(await client.ask(`AUTH PLAIN ${plain('lea@chu.mssante.fr', 'secret')}`)).toMatch(/^235 /);
  });

  test('a bug behind the password check is 454, and the log holds neither login nor password', async () => {
    await own.door.close();
    const log: string[] = [];
    own = await openTestSubmission({
      log,
      authenticate: async (login, password) => {
        throw new TypeError(`${login} ${password}`);
      },
    });
    const client = await secured();
    expect(await client.ask(`AUTH PLAIN ${plain('lea@chu.mssante.fr', 'secret')}`)).toMatch(/^454 /);
    expect(log.join('')).toContain('TypeError');
    expect(log.join('')).not.toMatch(/lea@|secret/);
  });

  test('whoever does not sign in in time is let go', async () => {
    await own.door.close();
    own = await openTestSubmission({ limits: { openingMs: 200 } });
    const silent = await RawSmtp.connect(own.door.port);
    const stuck = await RawSmtp.connect(own.door.port);
    await stuck.ask('EHLO client.test');
    await stuck.ask('STARTTLS'); // and never a handshake
    const signedIn = await submissionSession(own.door.tlsPort);
    expect(await silent.reply()).toMatch(/^421 4\.4\.2 /);
    await stuck.closed;
    expect(await signedIn.ask('NOOP')).toMatch(/^250 /);
  });
});
