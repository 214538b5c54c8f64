// Bad manners at the door: each gets a protocol error or a closed connection, never a crash or a hang, and the neighbour is served.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { ImapClient } from './imap-client.ts';
import { type ImapWorld, imapWorld, password, sampleLetter } from './imap-world.ts';

let world: ImapWorld;
let neighbour: ImapClient;
beforeAll(async () => {
  world = await imapWorld({ limits: { loginTimeoutMs: 3_000, maxConnectionsPerMailbox: 20 } });
  const mailbox = await world.mailbox();
  await world.deliver(mailbox);
  neighbour = await world.inInbox(mailbox);
});
afterEach(async () => {
  expect(await neighbour.ok('FETCH 1 UID')).toEqual(['* 1 FETCH (UID 1)']);
  expect(world.failures).toEqual([]);
});
afterAll(() => world.close());

async function stranger(): Promise<ImapClient> {
  const client = await ImapClient.secure(world.tlsPort);
  await client.next();
  return client;
}

test('commands out of order are BAD, and too many in a row close the connection', async () => {
  const client = await stranger();
  for (const command of ['SELECT INBOX', 'FETCH 1 FLAGS', 'IDLE', 'APPEND INBOX x', 'UID', 'DONE', '"', 'LOGIN', 'LOGIN {', 'NOOP extra']) {
    client.write(`a ${command}\r\n`);
  }
  const lines = await client.until(/BYE/);
  expect(lines.filter((line) => / BAD /.test(line)).length).toBeGreaterThanOrEqual(10);
  expect(await client.next()).toBeUndefined();
});

test('an over-long line is refused without being kept; an endless one closes the connection', async () => {
  const client = await stranger();
  client.write(`a NOOP ${'x'.repeat(20_000)}\r\nb NOOP\r\n`);
  expect(await client.next()).toMatch(/^a BAD/);
  expect(await client.next()).toMatch(/^b OK/);
  client.write(Buffer.alloc(5_000_000, 'x'));
  await client.until(/BYE/);
});

test('bare line feeds and NUL are never obeyed', async () => {
  const client = await stranger();
  client.write('a CAPABILITY\nb NOOP\r\n');
  expect(await client.next()).toMatch(/BAD/);
  expect(await client.next()).toMatch(/^b OK/);
  client.write('c NO\0OP\r\n');
  expect(await client.next()).toMatch(/BAD/);
  expect(await client.ok('NOOP')).toEqual([]);
  client.close();
});

test('a literal that never ends, then a closed connection', async () => {
  const client = await stranger();
  client.write(`a LOGIN {20}\r\n`);
  expect(await client.next()).toMatch(/^\+/);
  client.write('half');
  client.socket.end();
  expect(await client.next()).toBeUndefined();
});

test('RFC 7888: a large literal before log-in is refused', async () => {
  const client = await stranger();
  client.write('a LOGIN {100000000}\r\n');
  expect(await client.next()).toMatch(/^a BAD/);
  client.write('b APPEND INBOX {100000000}\r\n');
  expect(await client.next()).toMatch(/^b BAD/);
  client.close();
});

test('one byte per segment is as good as any', async () => {
  const mailbox = await world.mailbox();
  await world.deliver(mailbox, { text: sampleLetter('Octet') });
  const client = await stranger();
  const quoted = password.replace(/["\\]/g, '\\$&');
  // The quoted password is UTF-8, which clients do send.
  const script = Buffer.from(`a LOGIN ${mailbox.address} "${quoted}"\r\nb SELECT INBOX\r\nc FETCH 1 (UID)\r\nd LOGOUT\r\n`);
  for (const byte of script) {
    client.write(Buffer.from([byte]));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const lines = await client.until(/^d OK/);
  expect(lines).toContain('* 1 FETCH (UID 1)');
});

test('a client that closes its side still hears the answers to what it sent', async () => {
  const client = await ImapClient.plain(world.startTlsPort);
  await client.next();
  client.socket.end('a CAPABILITY\r\nb LOGOUT\r\n');
  const lines = await client.until(/^b OK/);
  expect(lines.some((line) => line.startsWith('a OK'))).toBe(true);
});

test('silence and slowness before log-in end at the log-in time-out', async () => {
  const silent = await ImapClient.plain(world.startTlsPort);
  const chatty = await stranger();
  const noHandshake = await ImapClient.plain(world.tlsPort);
  const timer = setInterval(() => chatty.write('x'), 50);
  expect((await silent.until(/BYE/)).at(-1)).toMatch(/^\* BYE/);
  await chatty.until(/BYE/);
  clearInterval(timer);
  expect(await noHandshake.next()).toBeUndefined();
});

test('garbage instead of a TLS handshake concerns nobody else', async () => {
  const client = await ImapClient.plain(world.tlsPort);
  client.write('GET / HTTP/1.1\r\n\r\n');
  await until('the server has closed', () => client.socket.destroyed);
});

test('two hundred connections opened and dropped, at every stage, leave none behind', async () => {
  const mailbox = await world.mailbox();
  const before = world.server.connectionCount;
  await Promise.all(
    Array.from({ length: 200 }, async (_, count) => {
      const client = await (count % 2 === 0 ? ImapClient.plain(world.startTlsPort) : ImapClient.secure(world.tlsPort));
      if (count % 4 >= 2) client.write(`a LOGIN ${mailbox.address} {5}\r\n`);
      if (count % 8 >= 6) client.write('b STARTTLS\r\n');
      client.close();
    }),
  );
  await until('all have gone', () => world.server.connectionCount === before);
});

test('a client that does not read what it asked for holds up nobody, and is dropped when it goes', async () => {
  const mailbox = await world.mailbox();
  await world.deliver(mailbox, { text: Buffer.concat([Buffer.from('Subject: gros\r\n\r\n'), Buffer.alloc(8_000_000, 'x')]) });
  const client = await world.inInbox(mailbox);
  const before = world.server.connectionCount;
  client.socket.pause();
  for (let count = 0; count < 20; count++) client.write(`f${count} FETCH 1 BODY.PEEK[]\r\n`);
  expect(await neighbour.ok('NOOP')).toEqual([]);
  client.close();
  await until('it has gone', () => world.server.connectionCount < before);
});

test('RFC 5530 LIMIT: one mailbox cannot take all connections; they are given back', async () => {
  const mailbox = await world.mailbox();
  const clients: ImapClient[] = [];
  for (let count = 0; count < 20; count++) clients.push(await world.client(mailbox));
  const late = await stranger();
  expect(await late.no(`LOGIN ${mailbox.address} `, password)).toMatch(/^\[LIMIT\]/);
  for (const client of clients) client.close();
  await until('there is room again', async () => (await late.send(`LOGIN ${mailbox.address} `, password)).status === 'OK');
});

test('the server takes no more connections than it may, and says so', async () => {
  const small = await imapWorld({ limits: { maxConnections: 1 } });
  const first = await ImapClient.plain(small.startTlsPort);
  await first.next();
  const second = await ImapClient.plain(small.startTlsPort);
  expect(await second.next()).toMatch(/^\* BYE \[UNAVAILABLE\]/);
  first.close();
  await small.close();
});
