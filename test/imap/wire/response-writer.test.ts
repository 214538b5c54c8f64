import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { nstring, quote } from '../../../src/imap/wire/quote.ts';
import { ResponseWriter } from '../../../src/imap/wire/response-writer.ts';
import { StreamEndedError } from '../../../src/imap/wire/stream-ended-error.ts';
import { until } from '../../support/until.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function socketPair(): Promise<{ server: Socket; client: Socket }> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('A port was expected');
  const client = connect(address.port, '127.0.0.1');
  const [server] = (await once(listener, 'connection')) as [Socket];
  closers.push(() => {
    client.destroy();
    server.destroy();
    listener.close();
  });
  return { server, client };
}

async function* repeat(chunk: Buffer, times: number): AsyncIterable<Buffer> {
  for (let time = 0; time < times; time += 1) yield chunk;
}

describe('RFC 3501 §7: answers', () => {
  test('leave in their order, each on its line', async () => {
    const stream = new PassThrough();
    const writer = new ResponseWriter(stream);
    writer.untagged('3 EXISTS');
    writer.untaggedStatus('OK', 'UIDVALIDITY 7', 'UIDs valides');
    writer.continuation('');
    writer.write('* 1 FETCH (BODY[] ');
    await writer.literal(6, repeat(Buffer.from('abc'), 2));
    writer.write(')\r\n');
    writer.tagged('a', 'NO', undefined, 'Dossier protégé');
    await writer.flush();
    expect(stream.read().toString()).toBe(
      '* 3 EXISTS\r\n* OK [UIDVALIDITY 7] UIDs valides\r\n+ \r\n* 1 FETCH (BODY[] {6}\r\nabcabc)\r\na NO Dossier protege\r\n',
    );
  });

  test.each([
    ['accents', 'Reçu à Nœux, « déjà » : l’été…', 'Recu a Noeux, " deja " : l\'ete...'],
    ['line breaks', 'a\r\nb OK', 'a b OK'],
    ['what could be a response code', '[ALERT] x', '(ALERT] x'],
    ['nothing', '', '-'],
    ['other scripts', '日本', '??'],
  ])('RFC 3501 §9: a text is one line of ASCII: %s', async (_, text, printed) => {
    const stream = new PassThrough();
    const writer = new ResponseWriter(stream);
    writer.tagged('a', 'OK', undefined, text);
    await writer.flush();
    expect(stream.read().toString()).toBe(`a OK ${printed}\r\n`);
  });

  test('RFC 3501 §4.3: a string is quoted when it can be, else a literal', () => {
    expect(quote('a "b" \\')).toBe('"a \\"b\\" \\\\"');
    expect(quote('été')).toBe('{5}\r\nété');
    expect(quote('a\r\nb')).toBe('{4}\r\na\r\nb');
    expect(quote('x'.repeat(2000))).toBe(`{2000}\r\n${'x'.repeat(2000)}`);
    expect(nstring(null)).toBe('NIL');
    expect(nstring('')).toBe('""');
  });
});

describe('RFC 3501 §4.3: a literal is exactly as long as it says, or the connection ends', () => {
  test.each([
    ['too short', repeat(Buffer.from('abc'), 1)],
    ['too long', repeat(Buffer.from('abc'), 3)],
    [
      'broken',
      (async function* () {
        yield Buffer.from('a');
        throw new Error('disk');
      })(),
    ],
  ])('%s', async (_, source) => {
    const stream = new PassThrough();
    const writer = new ResponseWriter(stream);
    await expect(writer.literal(6, source)).rejects.toThrow();
    expect(stream.destroyed).toBe(true);
    expect(writer.isMidLiteral).toBe(false);
    await expect(writer.flush()).rejects.toThrow(StreamEndedError);
  });

  test('nothing can be written into the middle of one', async () => {
    const writer = new ResponseWriter(new PassThrough());
    const meddling = (async function* () {
      writer.untagged('BYE');
      yield Buffer.from('a');
    })();
    await expect(writer.literal(1, meddling)).rejects.toThrow('under way');
  });
});

describe('a peer that reads slowly', () => {
  test('holds the source back, and gets every byte in the end', async () => {
    const { server, client } = await socketPair();
    const writer = new ResponseWriter(server);
    const wholeBytes = 640 * 65_536;
    let takenBytes = 0;
    let receivedBytes = 0;
    let furthestAhead = 0;
    const source = (async function* () {
      for (let index = 0; index < 640; index += 1) {
        takenBytes += 65_536;
        furthestAhead = Math.max(furthestAhead, takenBytes - receivedBytes);
        expect(server.writableLength).toBeLessThan(512 * 1024);
        yield Buffer.alloc(65_536, index % 256);
      }
    })();
    const done = writer.literal(wholeBytes, source).then(() => writer.flush());
    await until('the peer is behind', () => server.writableNeedDrain);
    client.on('data', (chunk: Buffer) => {
      receivedBytes += chunk.length;
    });
    await done;
    await until('everything has arrived', () => receivedBytes === wholeBytes + `{${wholeBytes}}\r\n`.length);
    // What the kernel's own buffers hold, and no more.
    expect(furthestAhead).toBeLessThan(30 * 1024 * 1024);
  });

  test('and goes, frees whoever waited for it', async () => {
    const { server, client } = await socketPair();
    const writer = new ResponseWriter(server);
    let isClosed = false;
    const source = (async function* () {
      try {
        for (;;) yield Buffer.alloc(65_536);
      } finally {
        isClosed = true;
      }
    })();
    const done = writer.literal(1e12, source);
    const failed = expect(done).rejects.toThrow(StreamEndedError);
    client.resetAndDestroy();
    await failed;
    expect(isClosed).toBe(true);
    writer.untagged('lost');
    await expect(writer.room()).rejects.toThrow(StreamEndedError);
  });
});
