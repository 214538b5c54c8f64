// Handing a notice to the server that takes them, and reading its refusals for whose fault they are. RFC 5321, RFC 4954, RFC 3463.
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { openSmarthost, type Smarthost, sendToSmarthost } from '../../src/relay/smarthost.ts';
import { address, testAuthority } from '../support/smtp-doors.ts';
import { closeHops, hop, openScript, openSink } from './next-hops.ts';

const from = address('ne-pas-repondre@operateur.example');
const to = address('dominique@fournisseur.example');
const bytes = Buffer.from('Subject: Un message\r\n\r\nBonjour\r\n');
const timeouts = { connectMs: 5_000, greetingMs: 5_000, idleMs: 5_000 };
const account = { user: 'passerelle', password: 'un secret' };
afterEach(closeHops);

const smarthost = (port: number, more: Partial<Smarthost> = {}): Smarthost => ({
  hop: hop(port),
  heloName: 'passerelle.test',
  from,
  ...more,
});
const send = (host: Smarthost) => sendToSmarthost(host, { to, bytes }, { timeouts });

/** A smarthost that answers one command so, and takes everything else. */
async function answering(command: string, reply: string, ehlo = '250 script'): Promise<Smarthost> {
  let isContent = false;
  const { port } = await openScript((socket: Socket, line) => {
    const verb = line.slice(0, 4).toUpperCase();
    const say = (usual: string) => {
      if ((isContent ? '.' : verb) !== command) socket.write(`${usual}\r\n`);
      else if (reply === '') socket.destroy();
      else socket.write(`${reply}\r\n`);
    };
    if (isContent) {
      if (line !== '.') return;
      say('250 2.0.0 pris');
      isContent = false;
    } else if (verb === 'EHLO') say(ehlo);
    else if (verb === 'DATA') {
      say('354 go');
      isContent = command !== 'DATA';
    } else if (verb === 'QUIT') socket.end('221 bye\r\n');
    else say('250 2.1.0 ok');
  });
  return smarthost(port);
}

describe('a letter taken', () => {
  test('arrives as it is, from the address of the settings, with the words of the server', async () => {
    const sink = await openSink();
    expect(await send(smarthost(sink.port))).toEqual({ do: 'taken', reply: expect.stringMatching(/^250 /) });
    expect(sink.letters).toMatchObject([{ from, to: [to], content: bytes }]);
  });

  test('with TLS and an account', async () => {
    const seen: unknown[] = [];
    const sink = await openSink({
      authOptional: false,
      onAuth: (auth, session, done) => {
        seen.push({ user: auth.username, password: auth.password, isSecure: session.secure });
        done(null, { user: auth.username });
      },
    });
    const tls = { mode: 'require', authority: (await testAuthority()).certificate, serverName: 'passerelle.test' } as const;
    expect(await send(smarthost(sink.port, { hop: hop(sink.port, tls), account }))).toMatchObject({ do: 'taken' });
    expect(seen).toEqual([{ ...account, isSecure: true }]);
    expect(sink.letters).toHaveLength(1);
  });
});

describe('whose fault a refusal is', () => {
  test.each([
    ['RCPT', '550 5.1.1 Inconnu', 'refused', 'address-refused'],
    ['RCPT', '550 Inconnu', 'refused', 'address-refused'],
    ['RCPT', '552 5.2.2 Boite pleine', 'refused', 'address-refused'],
    ['RCPT', '556 5.1.10 Aucun courrier ici', 'refused', 'address-refused'],
    ['RCPT', '550-5.2.1 Fermee\r\n550 5.2.1 pour de bon', 'refused', 'address-refused'],
    ['.', '550 5.1.1 Inconnu, tout compte fait', 'refused', 'address-refused'],
    ['.', '554 5.7.1 Indesirable', 'unwanted', 'letter-refused'],
    ['.', '554 Non', 'unwanted', 'letter-refused'],
    ['RCPT', '554 5.7.1 Relay access denied', 'later', 'smarthost-refuses-us'],
    ['RCPT', '550 5.1.8 Domaine de l expediteur inconnu', 'later', 'smarthost-refuses-us'],
    ['RCPT', '530 5.7.0 Authentification requise', 'later', 'smarthost-refuses-us'],
    ['RCPT', '450 4.2.0 Liste grise', 'later', 'put-off'],
    ['MAIL', '550 5.1.0 Expediteur refuse', 'later', 'smarthost-refuses-us'],
    ['MAIL', '451 4.3.0 Plus tard', 'later', 'put-off'],
    ['.', '452 4.3.1 Plus de place', 'later', 'put-off'],
    ['RCPT', '', 'later', 'smarthost-unreachable'],
    ['.', '', 'later', 'smarthost-unreachable'],
  ])('%s answered « %s »: %s, %s', async (command, reply, result, because) => {
    const answer = await send(await answering(command, reply));
    expect(answer).toMatchObject({ do: result, because });
    if (reply !== '') expect(answer.reply).toContain(reply.slice(0, 9));
  });

  test('a server that is not there, that hangs up, or that wants another account, is for later', async () => {
    expect(await send(smarthost(1))).toEqual({ do: 'later', because: 'smarthost-unreachable', reply: '' });
    const sink = await openSink({ authOptional: false, onAuth: (_auth, _session, done) => done(new Error('Non')) });
    const tls = { mode: 'require', authority: (await testAuthority()).certificate, serverName: 'passerelle.test' } as const;
    expect(await send(smarthost(sink.port, { hop: hop(sink.port, tls), account }))).toMatchObject({
      do: 'later',
      because: 'smarthost-refuses-us',
      reply: expect.stringContaining('535'),
    });
    expect(await send(smarthost(sink.port, { hop: hop(sink.port, { mode: 'require' }) }))).toMatchObject({
      because: 'smarthost-unreachable',
    });
    expect(sink.letters).toEqual([]);
  });
});

test('the password is not shown to a server without TLS', async () => {
  const lines: string[] = [];
  const { port } = await openScript((socket, line) => {
    lines.push(line);
    socket.write(line.startsWith('EHLO') ? '250-script\r\n250 AUTH PLAIN LOGIN\r\n' : '235 ok\r\n');
  });
  expect(await send(smarthost(port, { account }))).toEqual({ do: 'later', because: 'smarthost-without-tls', reply: '' });
  expect(lines.filter((line) => !line.startsWith('EHLO'))).toEqual([]);
});

test('a gateway that stops waits for no smarthost', async () => {
  const { port } = await openScript(() => undefined);
  const stop = new AbortController();
  const sending = sendToSmarthost(smarthost(port), { to, bytes }, { signal: stop.signal });
  stop.abort();
  expect(await sending).toMatchObject({ do: 'later', because: 'smarthost-unreachable' });
  expect(await sendToSmarthost(smarthost(port), { to, bytes }, { signal: stop.signal })).toMatchObject({ do: 'later' });
});

test('the settings name it, or there is none', async () => {
  const environment = {
    PASSERELLE_NOTICES_SMARTHOST_HOST: 'smtp.example',
    PASSERELLE_NOTICES_SMARTHOST_USER: account.user,
    PASSERELLE_NOTICES_SMARTHOST_PASSWORD: account.password,
    PASSERELLE_NOTICES_FROM: 'Ne-Pas-Repondre@Operateur.example',
  };
  expect(await openSmarthost(loadConfig({ environment }).notices, 'passerelle.test')).toEqual({
    hop: { host: 'smtp.example', port: 587, tls: { mode: 'require' } },
    account,
    heloName: 'passerelle.test',
    from,
  });
  expect(await openSmarthost(loadConfig({ environment: {} }).notices, 'passerelle.test')).toBeUndefined();
});
