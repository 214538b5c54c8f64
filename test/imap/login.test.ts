// Coming in: greeting, STARTTLS, LOGIN, AUTHENTICATE, and what is refused before.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ImapClient } from './imap-client.ts';
import { type ImapWorld, imapWorld, password } from './imap-world.ts';

let world: ImapWorld;
beforeAll(async () => {
  world = await imapWorld();
});
afterAll(() => world.close());

const plain = (login: string, secret: string, actingFor = '') => Buffer.from(`${actingFor}\0${login}\0${secret}`).toString('base64');

test('RFC 3501 §6.2.1 STARTTLS: no way in before it, log-in after it', async () => {
  const mailbox = await world.mailbox();
  const client = await ImapClient.plain(world.startTlsPort);
  expect(await client.next()).toMatch(/^\* OK \[CAPABILITY IMAP4rev1 SASL-IR STARTTLS LOGINDISABLED ID\]/);
  expect(await client.no(`LOGIN ${mailbox.address} `, password)).toMatch(/^\[PRIVACYREQUIRED\]/);
  expect(await client.no(`AUTHENTICATE PLAIN ${plain(mailbox.address, password)}`)).toMatch(/^\[PRIVACYREQUIRED\]/);
  await client.ok('STARTTLS');
  await client.upgrade();
  expect(await client.ok('CAPABILITY')).toEqual(['* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN ID']);
  expect(await client.bad('STARTTLS')).toContain('TLS is in use already');
  expect((await client.send(`LOGIN ${mailbox.address} `, password)).text).toMatch(/^\[CAPABILITY IMAP4rev1 .*IDLE UIDPLUS MOVE/);
  client.close();
});

test('CVE-2011-0411: a command slipped in behind STARTTLS in the clear is never obeyed', async () => {
  const client = await ImapClient.plain(world.startTlsPort);
  await client.next();
  client.write('a STARTTLS\r\nb CREATE piège\r\nc NOOP\r\n');
  expect(await client.next()).toMatch(/^a OK/);
  await client.upgrade();
  expect(await client.ok('NOOP')).toEqual([]);
  client.close();
});

test('RFC 3501 §6.2.2, RFC 4959 AUTHENTICATE PLAIN: in two steps, in one, cancelled, malformed', async () => {
  const mailbox = await world.mailbox();
  const client = await ImapClient.secure(world.tlsPort);
  await client.next();
  client.write('a AUTHENTICATE PLAIN\r\n');
  expect(await client.next()).toBe('+ ');
  client.write('*\r\n');
  expect(await client.next()).toMatch(/^a BAD/);
  expect(await client.bad('AUTHENTICATE PLAIN !!!')).toContain('base64');
  expect(await client.bad('AUTHENTICATE PLAIN =')).toContain('PLAIN');
  expect(await client.no('AUTHENTICATE GSSAPI')).toContain('inconnu');
  expect(await client.no(`AUTHENTICATE PLAIN ${plain(mailbox.address, password, 'autre@mssante.example')}`)).toMatch(
    /^\[AUTHORIZATIONFAILED\]/,
  );
  client.write(`b AUTHENTICATE PLAIN\r\n`);
  expect(await client.next()).toBe('+ ');
  client.write(`${plain(mailbox.address, password)}\r\n`);
  expect(await client.next()).toMatch(/^b OK \[CAPABILITY/);
  expect(await client.bad('LOGIN a b')).toContain('not allowed now');

  const direct = await ImapClient.secure(world.tlsPort);
  await direct.next();
  await direct.ok(`authenticate plain ${plain(mailbox.address, password)}`);
  client.close();
  direct.close();
});

test('a wrong password is refused, and the third refusal closes the connection', async () => {
  const mailbox = await world.mailbox();
  const client = await ImapClient.secure(world.tlsPort);
  await client.next();
  expect(await client.no(`LOGIN ${mailbox.address} faux`)).toMatch(/^\[AUTHENTICATIONFAILED\]/);
  await client.no(`LOGIN ${mailbox.address} faux`);
  await client.no(`LOGIN ${mailbox.address} faux`);
  expect(await client.next()).toMatch(/^\* BYE/);
  expect(await client.next()).toBeUndefined();
});

test('RFC 3501 §6.1: CAPABILITY, NOOP, LOGOUT work in every state; RFC 2971 ID; RFC 2342 NAMESPACE', async () => {
  const mailbox = await world.mailbox();
  const client = await world.client(mailbox);
  expect(await client.ok('ID ("name" "Thunderbird" "version" NIL)')).toEqual(['* ID ("name" "Passerelle")']);
  expect(await client.ok('id nil')).toHaveLength(1);
  expect(await client.ok('NAMESPACE')).toEqual(['* NAMESPACE (("" "/")) NIL NIL']);
  expect(await client.ok('NOOP')).toEqual([]);
  expect(await client.bad('CHECK')).toContain('not allowed now');
  expect(await client.bad('XYZZY')).toContain('Unknown');
  const goodbye = await client.ok('LOGOUT');
  expect(goodbye).toHaveLength(1);
  expect(goodbye[0]).toMatch(/^\* BYE/);
  expect(await client.next()).toBeUndefined();
});

test('a server that closes says BYE, in IDLE too', async () => {
  const other = await imapWorld();
  const waiting = await other.client(await other.mailbox());
  const idling = await other.client(await other.mailbox());
  idling.write('i IDLE\r\n');
  expect(await idling.next()).toMatch(/^\+/);
  const closed = other.server.close();
  expect(await waiting.next()).toMatch(/^\* BYE/);
  expect(await idling.next()).toMatch(/^\* BYE/);
  await closed;
  expect(other.server.connectionCount).toBe(0);
  await other.close();
});
