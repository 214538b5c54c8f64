// The door between operators, from outside: TLS, certificates, bindings. Requirements 8, 11, 12, 14, 17.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { connect as connectTls } from 'node:tls';
import nodemailer from 'nodemailer';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDevAuthority } from '../../certs/dev-authority.ts';
import { makePeerTable } from '../../certs/peer-identity.ts';
import { openMx } from '../../src/smtp/mx-server.ts';
import { RawSmtp } from '../support/raw-smtp.ts';
import { RecordingDelivery } from '../support/recording-delivery.ts';
import { maxLetterBytes, mxSession, openTestMx, peerOf, testAuthority } from '../support/smtp-doors.ts';

let mx: Awaited<ReturnType<typeof openTestMx>>;
beforeEach(async () => {
  mx = await openTestMx();
});
afterEach(() => mx.door.close());

describe('before TLS', () => {
  test.each(['MAIL FROM:<a@chu.mssante.fr>', 'RCPT TO:<b@chu.mssante.fr>', 'DATA', 'RSET', 'VRFY a'])(
    'requirement 11: %s is answered 530 5.7.0',
    async (command) => {
      const client = await RawSmtp.connect(mx.door.port);
      await client.ask('EHLO client.test');
      expect(await client.ask(command)).toMatch(/^530 5\.7\.0 /);
    },
  );

  test('EHLO announces STARTTLS and what is truly handled', async () => {
    const client = await RawSmtp.connect(mx.door.port);
    expect(await client.ask('EHLO client.test')).toBe(
      `250-passerelle.test\n250-PIPELINING\n250-8BITMIME\n250-ENHANCEDSTATUSCODES\n250-SIZE ${maxLetterBytes}\n250-DSN\n250 STARTTLS`,
    );
  });

  test('RFC 3207 §5 commands pipelined behind STARTTLS are dropped, not run inside TLS', async () => {
    const client = await RawSmtp.connect(mx.door.port);
    await client.ask('EHLO client.test');
    client.send('STARTTLS\r\nEHLO injected\r\nMAIL FROM:<a@chu.mssante.fr>\r\nRCPT TO:<b@chu.mssante.fr>\r\n');
    expect(await client.reply()).toMatch(/^220 /);
    await client.upgrade({ ca: mx.ca, servername: 'passerelle.test', ...(await peerOf('relais.chu.fr')) });
    expect(await client.ask('RCPT TO:<b@chu.mssante.fr>')).toMatch(/^503 5\.5\.1 .*EHLO first/);
    expect(client.unread).toEqual([]);
    expect(mx.delivery.begun).toBe(0);
  });
});

describe('certificates', () => {
  test('a listed peer delivers a letter through nodemailer', async () => {
    const transport = nodemailer.createTransport({
      host: '127.0.0.1',
      port: mx.door.port,
      requireTLS: true,
      tls: { ca: mx.ca, servername: 'passerelle.test', ...(await peerOf('relais.chu.fr')) },
    });
    const sent = await transport.sendMail({
      envelope: { from: 'dr@chu.mssante.fr', to: ['279035121518989@patient.mssante.fr', 'Paul@labo.mssante.fr'] },
      raw: 'Subject: Essai\r\n\r\nBonjour\r\n.point\r\n',
    });
    const [letter] = mx.delivery.letters;
    expect(letter?.content.toString()).toBe('Subject: Essai\r\n\r\nBonjour\r\n.point\r\n');
    expect(letter?.recipients).toEqual([{ address: '279035121518989@patient.mssante.fr' }, { address: 'paul@labo.mssante.fr' }]);
    expect(letter?.arrival).toMatchObject({
      door: 'mx',
      sender: 'dr@chu.mssante.fr',
      peer: {
        ip: '127.0.0.1',
        protocol: 'ESMTPS',
        certificateName: 'relais.chu.fr',
        tls: { protocol: 'TLSv1.3', cipher: expect.stringMatching(/^TLS_[A-Z0-9_]+$/) },
      },
    });
    expect(sent.response).toBe(`250 2.6.0 Message accepte, reference ${letter?.arrival.id}`);
    transport.close();
  });

  test('requirement 14: a domain bound to another certificate is refused 550 5.7.1', async () => {
    const client = await mxSession(mx.door.port, 'relais.labo.fr');
    expect(await client.ask('MAIL FROM:<dr@chu.mssante.fr>')).toMatch(/^550 5\.7\.1 Le domaine de l'expediteur/);
    expect(await client.ask('MAIL FROM:<dr@labo.mssante.fr>')).toMatch(/^250 /);
  });

  test.each(['dr@evil.chu.mssante.fr', 'dr@mssante.fr', 'dr@inconnu.fr'])('requirement 8: %s is not listed', async (sender) => {
    const client = await mxSession(mx.door.port);
    expect(await client.ask(`MAIL FROM:<${sender}>`)).toMatch(/^550 5\.7\.1 /);
  });

  test('requirement 17: the null sender is taken from any listed peer and from no other', async () => {
    const listed = await mxSession(mx.door.port, 'relais.labo.fr');
    expect(await listed.ask('MAIL FROM:<>')).toMatch(/^250 /);
    const unlisted = await mxSession(mx.door.port, 'relais.inconnu.fr');
    expect(await unlisted.ask('MAIL FROM:<>')).toMatch(/^550 5\.7\.1 /);
  });

  test('a peer without a certificate, or with one of another authority, gets no session', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'passerelle-stranger-'));
    const stranger = await openDevAuthority(folder);
    const forged = await stranger.peerCredential({ relayName: 'relais.chu.fr', structureId: '1690000001', organisation: 'CHU' });
    await rm(folder, { recursive: true });
    for (const credential of [{}, forged]) {
      const client = await RawSmtp.connect(mx.door.port);
      await client.ask('EHLO client.test');
      await client.ask('STARTTLS');
      await client.upgrade({ ca: mx.ca, servername: 'passerelle.test', ...credential }).catch(() => undefined);
      client.send('EHLO client.test\r\n');
      expect(await client.reply()).toBeUndefined();
    }
    expect(await (await mxSession(mx.door.port)).ask('NOOP')).toMatch(/^250 /);
  });

  test('requirement 12: TLS 1.1 is refused', async () => {
    const client = await RawSmtp.connect(mx.door.port);
    await client.ask('EHLO client.test');
    await client.ask('STARTTLS');
    const old = { minVersion: 'TLSv1' as const, maxVersion: 'TLSv1.1' as const, ciphers: 'DEFAULT@SECLEVEL=0' };
    await expect(
      client.upgrade({ ca: mx.ca, servername: 'passerelle.test', ...old, ...(await peerOf('relais.chu.fr')) }),
    ).rejects.toThrow();
  });

  test('a session that asks to be resumed is checked in full again', async () => {
    const credential = await peerOf('relais.chu.fr');
    const options = { ca: mx.ca, servername: 'passerelle.test', maxVersion: 'TLSv1.2' as const, ...credential };
    const first = await RawSmtp.connect(mx.door.port);
    await first.ask('EHLO client.test');
    await first.ask('STARTTLS');
    await first.upgrade(options);
    const session = (first.socket as ReturnType<typeof connectTls>).getSession();
    const second = await RawSmtp.connect(mx.door.port);
    await second.ask('EHLO client.test');
    await second.ask('STARTTLS');
    await second.upgrade({ ...options, ...(session ? { session } : {}) });
    expect((second.socket as ReturnType<typeof connectTls>).isSessionReused()).toBe(false);
    await second.ask('EHLO client.test');
    expect(await second.ask('MAIL FROM:<dr@chu.mssante.fr>')).toMatch(/^250 /);
  });
});

test('there is no open door: no authority, or an empty table, is refused at the start', async () => {
  const own = await testAuthority();
  const options = {
    listen: { host: '127.0.0.1', port: 0 },
    hostname: 'passerelle.test',
    tls: await own.serverCredential('passerelle.test'),
    authority: own.certificate,
    peers: makePeerTable({ 'chu.mssante.fr': 'relais.chu.fr' }),
    maxLetterBytes,
    delivery: new RecordingDelivery(),
    log: pino({ level: 'silent' }),
  };
  await expect(openMx({ ...options, authority: ' ' })).rejects.toThrow(/authority/);
  await expect(openMx({ ...options, peers: makePeerTable({}) })).rejects.toThrow(/at least one peer/);
});
