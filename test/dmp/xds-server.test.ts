// The connection to the record: what the network and the other side may do, and what is made of it.
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RecordServer } from '../../src/dmp/xds/record-server.ts';
import { type BinaryPart, LengthError, mtomBody, plainBody } from '../../src/dmp/xds/request-body.ts';
import { until } from '../support/until.ts';
import { type Answerer, type Certificates, makeCertificates, openRecordPeer, partsOf } from './record-peer.ts';

let certificates: Certificates;
const peers: { close(): Promise<void> }[] = [];
const calm = new AbortController().signal;
const mebibyte = 1024 * 1024;

beforeAll(async () => {
  certificates = await makeCertificates();
});
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

async function openPeer(answer: Answerer, theirs: Certificates = certificates) {
  const peer = await openRecordPeer(theirs, answer);
  peers.push(peer);
  return peer;
}

const openServer = (over: Partial<ConstructorParameters<typeof RecordServer>[0]> = {}) =>
  new RecordServer({ credential: certificates.structure, authority: certificates.authority, silenceMs: 20_000, ...over });

const question = plainBody('<envelope/>', 'urn:test');

/** A document of `count` pieces of a mebibyte. */
function bigPart(count: number, over: Partial<BinaryPart> & { onPiece?: (index: number) => void } = {}): BinaryPart {
  return {
    name: 'document.cda',
    contentType: 'text/xml',
    sizeBytes: count * mebibyte,
    open: async function* () {
      for (let index = 0; index < count; index += 1) {
        over.onPiece?.(index);
        yield Buffer.alloc(mebibyte, index);
      }
    },
    ...over,
  };
}

const ok: Answerer = async (_request, response, heard) => {
  await heard();
  response.writeHead(200, { 'Content-Type': 'application/soap+xml' }).end('<answer/>');
};

describe('a request', () => {
  test('arrives by mutual TLS under the structure, and its answer comes back whole', async () => {
    const peer = await openPeer(ok);
    const answer = await openServer().post(peer.url('/services/registry'), question, calm);
    expect(answer).toEqual({ status: 200, contentType: 'application/soap+xml', body: Buffer.from('<answer/>') });
    expect(peer.requests[0]).toMatchObject({ path: '/services/registry', peer: 'Centre hospitalier', body: Buffer.from('<envelope/>') });
    expect(peer.requests[0]?.headers['content-type']).toBe('application/soap+xml; charset=UTF-8; action="urn:test"');
  });

  test('uses the connection of the one before', async () => {
    const peer = await openPeer(ok);
    const server = openServer();
    for (let index = 0; index < 3; index += 1) await server.post(peer.url('/'), question, calm);
    expect(peer.requests.map(({ connection }) => connection)).toEqual([0, 0, 0]);
  });

  test('in several pieces is not held up: no piece waits until the one before was acknowledged', async () => {
    const peer = await openPeer(ok);
    const server = openServer();
    const open = async function* () {
      for (let count = 0; count < 4; count += 1) {
        yield Buffer.alloc(100);
        // As a document does that is read from a disk.
        await new Promise(setImmediate);
      }
    };
    const pieces = mtomBody('<envelope/>', 'urn:test', [{ name: 'document.cda', contentType: 'text/xml', sizeBytes: 400, open }]);
    const tookMs: number[] = [];
    // A kernel acknowledges the first pieces of a connection at once, and the later ones after some 40 ms.
    for (let count = 0; count < 40; count += 1) {
      const begunAt = performance.now();
      await server.post(peer.url('/'), pieces, calm);
      tookMs.push(performance.now() - begunAt);
    }
    expect(Math.min(...tookMs.slice(20))).toBeLessThan(30);
  });

  test('carries a document of its own length, byte for byte, beside the envelope', async () => {
    const peer = await openPeer(ok);
    const body = mtomBody('<envelope/>', 'urn:test', [
      bigPart(3),
      { ...bigPart(0), name: 'empty' },
      // A document may hold anything, what separates parts included.
      {
        name: 'odd',
        contentType: 'text/xml',
        sizeBytes: 8,
        open: async function* () {
          yield Buffer.from('\r\n--part');
        },
      },
    ]);
    await openServer().post(peer.url('/'), body, calm);
    const [heard] = peer.requests;
    expect(heard?.headers['content-length']).toBe(String(heard?.body.length));
    expect(heard?.headers['transfer-encoding']).toBeUndefined();
    const parts = heard && partsOf(heard);
    expect([...(parts?.keys() ?? [])].slice(1)).toEqual(['document.cda', 'empty', 'odd']);
    expect(parts?.get('document.cda')?.content.equals(Buffer.concat([0, 1, 2].map((byte) => Buffer.alloc(mebibyte, byte))))).toBe(true);
    expect(parts?.get('empty')?.content.length).toBe(0);
    expect(parts?.get('odd')?.content.toString()).toBe('\r\n--part');
    expect(heard?.headers['content-type']).toMatch(
      /^multipart\/related; boundary="[\w-]+"; type="application\/xop\+xml"; start="<[\w.-]+>"; start-info="application\/soap\+xml"; action="urn:test"$/,
    );
  });

  test('never holds a document whole: a record that does not read leaves it where it lies', async () => {
    let reached = 0;
    let release: () => void = () => undefined;
    const peer = await openPeer(async (_request, response, heard) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      await heard();
      response.end();
    });
    const body = mtomBody('<envelope/>', 'urn:test', [bigPart(128, { onPiece: (index) => (reached = index) })]);
    const answered = openServer().post(peer.url('/'), body, calm);
    // Once the buffers of both sockets are full nothing moves any more.
    let before = -1;
    await until('the sending stands still', async () => {
      const isStill = reached > 0 && reached === before;
      before = reached;
      await new Promise((resolve) => setTimeout(resolve, 200));
      return isStill && reached === before;
    });
    expect(reached).toBeLessThan(64);
    release();
    expect(await answered).toMatchObject({ status: 200 });
    expect(peer.requests[0]?.body.length).toBeGreaterThan(128 * mebibyte);
  });
});

describe('what is tried again later', () => {
  const ends: readonly (readonly [string, Answerer, string])[] = [
    ['a record that cuts the connection', (request) => request.socket.destroy(), 'broken-connection'],
    [
      'a record that cuts the connection in the middle of its answer',
      async (request, response, heard) => {
        await heard();
        response.writeHead(200, { 'Content-Type': 'application/soap+xml', 'Content-Length': 100 }).write('<answer');
        setImmediate(() => request.socket.destroy());
      },
      'broken-connection',
    ],
    ['a record that says nothing', (_request, _response, heard) => heard(), 'silence'],
    [
      'a record that stops in the middle of its answer',
      async (_request, response, heard) => {
        await heard();
        response.writeHead(200, { 'Content-Length': 100 }).write('<answer');
      },
      'silence',
    ],
    [
      'an answer without end',
      async (_request, response, heard) => {
        await heard();
        response.writeHead(200);
        for (let index = 0; index < 40; index += 1) response.write(Buffer.alloc(64 * 1024, 0x20));
      },
      'answer-too-large',
    ],
    [
      'an answer that is no HTTP',
      (request) => {
        request.socket.end('hello\r\n\r\n');
      },
      'broken-connection',
    ],
  ];
  test.each(ends)('%s', async (_name, answer, because) => {
    const peer = await openPeer(answer);
    const silenceMs = because === 'silence' ? 300 : 20_000;
    expect(await openServer({ silenceMs }).post(peer.url('/'), question, calm)).toEqual({ do: 'later', because });
  });

  test('a record that is down', async () => {
    const peer = await openRecordPeer(certificates, ok);
    await peer.close();
    expect(await openServer().post(peer.url('/'), question, calm)).toEqual({ do: 'later', because: 'unreachable' });
  });

  test('a record that is not under the pinned authority is told nothing', async () => {
    const others = await makeCertificates();
    const peer = await openPeer(ok, others);
    expect(await openServer().post(peer.url('/'), question, calm)).toEqual({ do: 'later', because: 'tls' });
    expect(peer.requests).toEqual([]);
  });

  test('a record whose certificate is not one of a server is told nothing', async () => {
    const peer = await openPeer(ok, { ...certificates, server: { key: certificates.structure.key, cert: certificates.structure.chain } });
    expect(await openServer().post(peer.url('/'), question, calm)).toEqual({ do: 'later', because: 'tls' });
    expect(peer.requests).toEqual([]);
  });

  test('a record that does not take the certificate of the structure', async () => {
    const others = await makeCertificates();
    const peer = await openPeer(ok);
    const answer = await openServer({ credential: others.structure }).post(peer.url('/'), question, calm);
    // TLS 1.3 tells a client only after its first bytes; whether the alert or the cut is heard first is the network's choice.
    expect(['tls', 'broken-connection']).toContain('because' in answer && answer.because);
    expect(peer.requests).toEqual([]);
  });

  test('a signal raised before, or meanwhile', async () => {
    const peer = await openPeer((_request, _response, heard) => heard());
    expect(await openServer().post(peer.url('/'), question, AbortSignal.abort())).toEqual({ do: 'later', because: 'given-up' });
    const stop = new AbortController();
    const answered = openServer().post(peer.url('/'), question, stop.signal);
    await until('the request is heard', () => peer.requests.length > 0);
    stop.abort();
    expect(await answered).toEqual({ do: 'later', because: 'given-up' });
  });
});

describe('what is heard all the same', () => {
  test('an answer given before the document was sent: the rest is not sent', async () => {
    let reached = 0;
    const peer = await openPeer((_request, response) => response.writeHead(503, { Connection: 'close' }).end('busy'));
    const body = mtomBody('<envelope/>', 'urn:test', [bigPart(128, { onPiece: (index) => (reached = index) })]);
    const answer = await openServer().post(peer.url('/'), body, calm);
    // The cut may overtake the answer: either way the work is for later.
    expect([503, 'broken-connection']).toContain('status' in answer ? answer.status : answer.do === 'later' && answer.because);
    expect(reached).toBeLessThan(127);
  });

  test('a redirection, which is not followed', async () => {
    const peer = await openPeer(async (_request, response, heard) => {
      await heard();
      response.writeHead(307, { Location: '/elsewhere' }).end();
    });
    expect(await openServer().post(peer.url('/'), question, calm)).toMatchObject({ status: 307 });
    expect(peer.requests.length).toBe(1);
  });
});

describe('what is thrown', () => {
  test('a document that cannot be read: it is no fault of the record', async () => {
    const peer = await openPeer(ok);
    const open = async function* () {
      yield Buffer.alloc(mebibyte);
      throw new Error('The blob is damaged');
    };
    const body = mtomBody('<envelope/>', 'urn:test', [bigPart(2, { open })]);
    await expect(openServer().post(peer.url('/'), body, calm)).rejects.toThrow('The blob is damaged');
    expect(peer.requests).toEqual([]);
  });

  test.each([-1, 1])('a document that is not as long as was said (%i)', async (more) => {
    const peer = await openPeer(ok);
    const body = mtomBody('<envelope/>', 'urn:test', [bigPart(2, { sizeBytes: 2 * mebibyte + more })]);
    await expect(openServer().post(peer.url('/'), body, calm)).rejects.toThrow(LengthError);
    expect(peer.requests).toEqual([]);
  });
});

test('the server of these tests speaks to nobody without a certificate', async () => {
  const peer = await openPeer(ok);
  const plain = connect(peer.port, '127.0.0.1');
  plain.end('POST / HTTP/1.1\r\n\r\n');
  await once(plain.resume(), 'close');
  expect(peer.requests).toEqual([]);
});
