// Bad manners at the door: each gets a result or a notice and a closed connection, never a crash or a hang, and the neighbour is served.
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import * as ber from './ber.ts';
import { LdapClient } from './ldap-client.ts';
import { baseDn, type LdapWorld, ldapWorld, lea, password } from './ldap-world.ts';
import * as requests from './requests.ts';

const notice = '1.3.6.1.4.1.1466.20036';
const professionals = `ou=professionnels,${baseDn}`;

let world: LdapWorld;
let neighbour: LdapClient;
beforeAll(async () => {
  world = await ldapWorld({ limits: { messageTimeoutMs: 400, maxConnections: 40 } });
  neighbour = await world.client();
});
afterEach(async () => {
  expect(await neighbour.search({ base: professionals, scope: 'one', filter: '(sn=martin)' })).toMatchObject({
    code: 0,
    entries: { length: 1 },
  });
  expect(world.failures).toEqual([]);
});
afterAll(() => world.close());

const stranger = () => LdapClient.secure(world.tlsPort);

/** Sends bytes, and expects the notice and the end. */
async function isSentAway(bytes: Buffer): Promise<void> {
  const client = await stranger();
  client.write(bytes);
  expect(await client.next()).toMatchObject({ messageId: 0, oid: notice, code: 2 });
  expect(await client.next()).toBeUndefined();
}

test.each<[string, Buffer]>([
  ['another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: annuaire\r\n\r\n')],
  ['a length of 2^31', Buffer.from([0x30, 0x84, 0x80, 0, 0, 0])],
  ['a length of 2^32 - 1', Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff])],
  ['a length in eight bytes', Buffer.from([0x30, 0x88, 0, 0, 0, 0, 0, 0, 0, 5])],
  ['an indefinite length', Buffer.from([0x30, 0x80, 0x02, 0x01, 0x01, 0, 0])],
  ['a length above what is taken before the bind', Buffer.from([0x30, 0x82, 0xff, 0xff])],
  ['an empty message', Buffer.from([0x30, 0])],
  ['no number', ber.sequence(requests.search({}))],
  ['a number below zero', requests.message(-1, requests.search({}))],
  ['the number of notices', requests.message(0, requests.search({}))],
  ['a number of five bytes', ber.sequence(ber.element(0x02, [Buffer.alloc(5, 1)]), requests.search({}))],
  ['an answer in place of a request', requests.message(1, ber.element(0x61, []))],
  ['an element longer than what holds it', requests.message(1, ber.element(0x63, [Buffer.from('x')], Buffer.from([0x20])))],
  ['something after the controls', ber.sequence(ber.integer(1), requests.search({}), ber.element(0xa0, []), ber.octets('x'))],
])('RFC 4511 §4.1.1: sent away for %s', async (_, bytes) => {
  await isSentAway(bytes);
});

test('RFC 4511 §4.1.1.1: two requests under way with one number are one too many', async () => {
  const client = await world.client();
  const same = requests.message(77, requests.search({ base: professionals, scope: 'one' }));
  client.write(Buffer.concat([same, same]));
  let last = await client.next();
  while (last && last.messageId !== 0) last = await client.next();
  expect(last).toMatchObject({ oid: notice, code: 2 });
});

const deep = (levels: number) => {
  let filter = ber.octets('objectClass', 0x87);
  for (let level = 1; level < levels; level += 1) filter = ber.element(0xa2, [filter]);
  return filter;
};
const wide = (parts: number) =>
  ber.element(
    0xa1,
    Array.from({ length: parts }, () => ber.octets('cn', 0x87)),
  );

test.each<[string, Buffer, number]>([
  ['a filter as deep as allowed', deep(32), 0],
  ['a deeper one', deep(33), 2],
  ['a filter as wide as allowed', wide(499), 0],
  ['a wider one', wide(500), 2],
  ['a filter of a kind that is none', ber.octets('x', 0x8f), 2],
  ['a substring without a piece', ber.element(0xa4, [ber.octets('cn'), ber.sequence()]), 2],
  ['two first pieces', ber.element(0xa4, [ber.octets('cn'), ber.sequence(ber.octets('a', 0x80), ber.octets('b', 0x80))]), 2],
  ['a first piece that is last', ber.element(0xa4, [ber.octets('cn'), ber.sequence(ber.octets('a', 0x81), ber.octets('b', 0x80))]), 2],
  ['an attribute that is not UTF-8', ber.element(0xa3, [ber.octets(Buffer.from([0xff])), ber.octets('x')]), 2],
  ['a value that is not UTF-8', ber.element(0xa3, [ber.octets('cn'), ber.octets(Buffer.from([0xff]))]), 0],
  ['NOT of two', ber.element(0xa2, [ber.octets('cn', 0x87), ber.octets('cn', 0x87)]), 2],
  ['NOT of nothing', ber.element(0xa2, []), 2],
])('%s is answered, and the connection goes on', async (_, filter, code) => {
  const client = await world.client();
  expect(await client.search({ base: professionals, filter })).toMatchObject({ code });
  expect(await client.search({ base: professionals })).toMatchObject({ code: 0 });
  client.close();
});

test('a message of ten thousand nested sequences is refused without being followed', async () => {
  let nested: Buffer = Buffer.alloc(0);
  for (let level = 0; level < 10_000; level += 1) nested = ber.element(0xa0, [nested], undefined);
  const client = await world.client();
  expect(await client.search({ base: professionals, filter: nested })).toMatchObject({ code: 2 });
  client.close();
});

test('ten requests in a row that cannot be read end the connection', async () => {
  const client = await stranger();
  for (let at = 1; at <= 10; at += 1) {
    client.write(requests.message(at, ber.element(0x63, [ber.octets('no scope')])));
    expect(await client.next()).toMatchObject({ messageId: at, code: 2 });
  }
  expect(await client.next()).toMatchObject({ messageId: 0, oid: notice });
  expect(await client.next()).toBeUndefined();
});

test('a message that does not end in time is not waited for', async () => {
  const client = await stranger();
  client.write(Buffer.from([0x30, 0x20, 0x02]));
  expect(await client.next()).toMatchObject({ messageId: 0, oid: notice });
});

test('a message in segments of one byte is read as any other', async () => {
  const patient = await ldapWorld();
  const client = await LdapClient.secure(patient.tlsPort);
  for (const byte of requests.message(1, requests.bind(lea, password))) client.write(Buffer.from([byte]));
  expect(await client.next()).toMatchObject({ messageId: 1, code: 0 });
  await patient.close();
});

test('RFC 4511 §3.1: a client that closes its side alone has left, as one that closes both', async () => {
  const before = world.server.connectionCount;
  const client = await world.client();
  client.write(requests.message(9, requests.search({ base: professionals, scope: 'one' })));
  client.socket.end();
  for (let answer = await client.next(); answer; answer = await client.next()) expect(answer.messageId).toBe(9);
  await until('its place is free', () => world.server.connectionCount === before);
});

test('unbind ends everything without a word', async () => {
  const client = await world.client();
  client.write(
    Buffer.concat([
      requests.message(5, requests.search({ base: professionals, scope: 'one' })),
      requests.message(6, ber.element(0x42, [])),
    ]),
  );
  for (let answer = await client.next(); answer; answer = await client.next()) expect(answer.messageId).toBe(5);
});

test('one client too many is told so, and the place of one who leaves is free again', async () => {
  await until('nobody but the neighbour is there', () => world.server.connectionCount === 1);
  const crowd = await Promise.all(Array.from({ length: 39 }, () => LdapClient.plain(world.startTlsPort)));
  await until('the door is full', () => world.server.connectionCount === 40);
  const late = await LdapClient.plain(world.startTlsPort);
  expect(await late.next()).toMatchObject({ messageId: 0, oid: notice, code: 52 });
  for (const client of crowd) client.close();
  await until('they have left', () => world.server.connectionCount === 1);
});

test('bytes at random, and requests with bytes changed, never bring the door down', async () => {
  const sample = requests.message(1, requests.search({ base: professionals, filter: '(&(objectClass=*)(|(cn=a*b*c)(!(sn~=x))))' }), [
    requests.page(5),
  ]);
  const changed = fc.tuple(fc.nat(sample.length - 1), fc.nat(255)).map(([at, byte]) => {
    const bytes = Buffer.from(sample);
    bytes[at] = byte;
    return bytes;
  });
  const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  await fc.assert(
    fc.asyncProperty(fc.oneof(changed, random), async (bytes) => {
      const client = await LdapClient.plain(world.startTlsPort);
      client.socket.end(bytes);
      while (await client.next()) {
        // whatever it says
      }
      client.close();
    }),
    { numRuns: 150 },
  );
  expect(world.failures).toEqual([]);
});

test('a server that stops says so, and waits for nobody', async () => {
  const closing = await ldapWorld();
  const client = await closing.client();
  const closed = closing.server.close();
  expect(await client.next()).toMatchObject({ messageId: 0, oid: notice, code: 52, text: expect.stringContaining('Arrêt') });
  await closed;
  await closing.close();
});
