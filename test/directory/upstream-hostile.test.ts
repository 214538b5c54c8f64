// Servers of other directories that lie, stop in the middle or never stop: what they cost is one answer, in time and in memory.
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { entryOf, type LdapPeer, type PeerRequest, referenceOf, requestTag, resultOf, startLdapPeer } from '../support/ldap-peer.ts';
import { askUpstreams, regionCitizens, strangersIns } from '../support/region.ts';

const { open } = regionCitizens;
const searchDone = 0x65;
const honest = { mail: [`${open}@patient.region.mssante.fr`], cn: ['Dominique PAT-TROIS'], mssINS: [open] };

async function meet(answer: (request: PeerRequest, socket: Socket) => void, settings: Readonly<Record<string, unknown>> = {}) {
  const peer = await startLdapPeer(answer);
  onTestFinished(() => peer.close());
  const asked = await askUpstreams({ region: { urls: [peer.url], startTls: false, timeoutMs: 15_000, freshSeconds: 0, ...settings } });
  onTestFinished(() => asked.close());
  const because = () => asked.told.failures.map((failure) => failure.because);
  return { peer, upstreams: asked.upstreams, because };
}

const answerHonestly = ({ id, operation }: PeerRequest, socket: Socket) => {
  if (operation !== requestTag.search) return;
  socket.write(Buffer.concat([entryOf(id, 'uid=a', honest), resultOf(id, searchDone, 0)]));
};

test('what follows the answer to StartTLS is not taken for an answer under TLS: the connection ends, and nothing was said', async () => {
  const forged = entryOf(2, 'uid=forged', honest);
  const extras = [forged, forged.subarray(0, -1), Buffer.from([0])];
  for (const extra of extras) {
    const agree = ({ id }: PeerRequest, socket: Socket) => void socket.write(Buffer.concat([resultOf(id, 0x78, 0), extra]));
    const { peer, upstreams, because } = await meet(agree, { startTls: true });
    expect(await upstreams.findByIns(open)).toBe('unreachable');
    expect(because()).toEqual(['tls']);
    expectNothingButStartTls(peer);
  }
});

test('a server that has no TLS, or never finishes with it, is told neither who asks nor whom for', async () => {
  const ways: [(request: PeerRequest, socket: Socket) => void, string][] = [
    [({ id }, socket) => void socket.write(resultOf(id, 0x78, 52)), 'tls'],
    [({ id }, socket) => void socket.write(resultOf(id, 0x61, 0)), 'tls'],
    [({ id }, socket) => void socket.write(resultOf(id + 1, 0x78, 0)), 'tls'],
    [(_, socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), 'tls'],
    [(_, socket) => void socket.write(Buffer.concat([Buffer.from([0x30, 0x83, 0x7f, 0xff, 0xff]), Buffer.alloc(5000)])), 'tls'],
    [(_, socket) => void socket.end(), 'tls'],
    [({ id }, socket) => void socket.end(resultOf(id, 0x78, 0)), 'tls'],
    [() => undefined, 'timeout'],
    [({ id }, socket) => void socket.write(resultOf(id, 0x78, 0)), 'timeout'],
  ];
  for (const [index, [answer, expected]] of ways.entries()) {
    const { peer, upstreams, because } = await meet(answer, { startTls: true, ...patienceFor(expected) });
    expect(await upstreams.findByIns(open)).toBe('unreachable');
    expect(because(), `way ${index}`).toEqual([expected]);
    expectNothingButStartTls(peer);
  }
});

test('an answer without end, half an answer and no answer at all end in time', async () => {
  const entry = (id: number) => entryOf(id, 'uid=a', { ...honest, description: ['x'.repeat(60_000)] });
  const ways: [(request: PeerRequest, socket: Socket) => void, string][] = [
    [({ id }, socket) => pour(socket, entry(id)), 'unreachable'],
    [({ id }, socket) => void socket.write(entry(id).subarray(0, 100)), 'timeout'],
    [(_, socket) => pour(socket, Buffer.concat([Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]), Buffer.alloc(65_536)])), 'unreachable'],
    [() => undefined, 'timeout'],
    [(_, socket) => void socket.destroy(), 'unreachable'],
    [({ id }, socket) => void socket.write(resultOf(id + 1, searchDone, 0)), 'timeout'],
    [(_, socket) => void socket.write('not LDAP at all'), 'unreachable'],
    [({ id }, socket) => void socket.write(resultOf(id, searchDone, 51)), 'unwell'],
    // Entries of our own, or of nobody's, by the thousand in one reading of the socket.
    [({ id }, socket) => flood(socket, entryOf(id, '', {})), 'unreachable'],
    [(_, socket) => flood(socket, entryOf(99, '', {})), 'timeout'],
    // An attribute that says it is longer than the message it is in.
    [({ id }, socket) => void socket.write(lying(entryOf(id, 'uid=a', { cn: ['a'] }))), 'unreachable'],
  ];
  for (const [index, [answer, expected]] of ways.entries()) {
    const { upstreams, because } = await meet(answer, patienceFor(expected));
    expect(await upstreams.findByIns(open)).toBe('unreachable');
    expect(because(), `way ${index}`).toEqual([expected]);
  }
});

test('referrals are not followed', async () => {
  const elsewhere = await startLdapPeer(answerHonestly);
  onTestFinished(() => elsewhere.close());
  const referred = await meet(({ id }, socket) => void socket.write(resultOf(id, searchDone, 10, [`${elsewhere.url}/o=region`])));
  expect(await referred.upstreams.findByIns(open)).toBe('unreachable');
  expect(referred.because()).toEqual(['question-refused']);
  const pointed = await meet(({ id }, socket) => {
    socket.write(Buffer.concat([referenceOf(id, `${elsewhere.url}/o=region`), resultOf(id, searchDone, 0)]));
  });
  expect(await pointed.upstreams.findByIns(open)).toBeUndefined();
  expect(elsewhere.connections()).toBe(0);
});

test('an answer about somebody else is none, and a name is one line of text', async () => {
  const other = await meet(({ id }, socket) => {
    const entry = { ...honest, mssINS: [strangersIns] };
    socket.write(Buffer.concat([entryOf(id, 'uid=b', entry), resultOf(id, searchDone, 0)]));
  });
  expect(await other.upstreams.findByIns(open)).toBeUndefined();
  const dressed = await meet(({ id }, socket) => {
    const entry = {
      MAIL: honest.mail,
      CN: ['Dominique\r\nPAT\u202e-TROIS\u001b[2J'],
      mssBoxState: ['content', 'opposed'],
      jpegPhoto: ['x'],
    };
    socket.write(Buffer.concat([entryOf(id, 'uid=a', entry), resultOf(id, searchDone, 0)]));
  });
  expect(await dressed.upstreams.findByIns(open)).toMatchObject({ displayName: 'Dominique PAT -TROIS [2J', state: 'opposed' });
});

test('a connection that ends just when it is used again costs nobody an answer', async () => {
  const { peer, upstreams, because } = await meet((request, socket) => {
    if (request.count > 1) socket.destroy();
    else answerHonestly(request, socket);
  });
  for (let times = 0; times < 4; times += 1) expect(await upstreams.findByIns(open)).toMatchObject({ address: honest.mail[0] });
  expect(peer.connections()).toBe(4);
  expect(because()).toEqual([]);
});

test('many who ask at once wait for a dying server together, not one after the other', async () => {
  const { peer, upstreams, because } = await meet(() => undefined, { connections: 2, timeoutMs: 500 });
  const asked = Array.from({ length: 40 }, (_, index) => upstreams.findByAddress(`p${index}@region.mssante.fr` as never));
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['unreachable']));
  expect(peer.connections()).toBeLessThanOrEqual(2);
  expect(new Set(because())).toEqual(new Set(['timeout']));
  // And those who come later do not wait at all.
  const before = peer.requests.length;
  expect(await upstreams.findByIns(open)).toBe('unreachable');
  expect(peer.requests).toHaveLength(before);
});

test('after the end nobody is asked any more', async () => {
  const { peer, upstreams } = await meet(answerHonestly);
  expect(await upstreams.findByIns(open)).toMatchObject({ from: 'region' });
  upstreams.close();
  expect(await upstreams.findByIns(strangersIns)).toBe('unreachable');
  expect(peer.requests.filter(({ operation }) => operation === requestTag.search)).toHaveLength(1);
});

/** Where no wait is meant to end, a busy machine must not end one. */
function patienceFor(expected: string): { timeoutMs: number } {
  return { timeoutMs: expected === 'timeout' ? 300 : 15_000 };
}

/** The same entry, whose last value says that it goes on past the end. */
function lying(entry: Buffer): Buffer {
  const bytes = Buffer.from(entry);
  bytes[bytes.length - 2] = 0x7f;
  return bytes;
}

function flood(socket: Socket, entry: Buffer): void {
  socket.write(Buffer.concat(Array.from({ length: 20_000 }, () => entry)));
}

/** Writes the same bytes for as long as they are taken. */
function pour(socket: Socket, bytes: Buffer): void {
  const more = () => {
    if (!socket.destroyed) socket.write(bytes, () => setImmediate(more));
  };
  more();
}

function expectNothingButStartTls({ requests }: LdapPeer): void {
  expect(requests.map(({ operation }) => operation)).toEqual([requestTag.extended]);
  for (const { bytes } of requests) expect(bytes.includes(open)).toBe(false);
}
