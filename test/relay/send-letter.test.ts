// Handing letters to the next hop: one result per recipient, and doubt means later. RFC 5321 §4.2, §6.1.
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { sendLetter } from '../../src/relay/send-letter.ts';
import { address, peerOf, testAuthority } from '../support/smtp-doors.ts';
import { until } from '../support/until.ts';
import { closeHops, closeLater, hop, openScript, openSink } from './next-hops.ts';

const a = address('a@labo.mssante.fr');
const b = address('b@labo.mssante.fr');
afterEach(closeHops);

async function* pieces(...parts: string[]) {
  for (const part of parts) yield Buffer.from(part);
}
const letter = (content = 'A: b\r\n\r\nc\r\n', recipients = [a, b]) => ({
  sender: address('dr@chu.mssante.fr'),
  recipients: recipients.map((recipient) => ({ address: recipient })),
  content: () => pieces(content),
});
const options = { heloName: 'passerelle.test', timeouts: { connectMs: 2_000, greetingMs: 2_000, idleMs: 2_000 } };

describe('a letter taken', () => {
  test('by a server that does not answer QUIT leaves no connection open for minutes', async () => {
    const sockets: Socket[] = [];
    let isContent = false;
    const { port } = await openScript((socket, line) => {
      if (isContent && line !== '.') return;
      isContent = line === 'DATA';
      if (line === 'QUIT') sockets.push(socket);
      else socket.write(isContent ? '354 go on\r\n' : '250 yes\r\n');
    });
    const timeouts = { connectMs: 2_000, greetingMs: 2_000, idleMs: 600_000, farewellMs: 50 };
    const results = await sendLetter(hop(port), letter(), { ...options, timeouts });
    expect(results.map(({ result }) => result)).toEqual(['delivered', 'delivered']);
    await until('it is closed', () => sockets[0]?.readableEnded);
  });

  test('arrives as it is, and each recipient is delivered with the reply', async () => {
    const sink = await openSink();
    const content = 'Subject: x\r\n\r\n.dot\r\n..\r\né\r\n';
    const results = await sendLetter(hop(sink.port), letter(content), options);
    expect(results).toEqual(
      [a, b].map((recipient) => ({
        recipient,
        result: 'delivered',
        reply: expect.stringMatching(/^250 /),
        status: '2.0.0',
        dsnPassedOn: false,
        isInDoubt: false,
      })),
    );
    expect(sink.letters).toMatchObject([{ from: 'dr@chu.mssante.fr', to: [a, b], content: Buffer.from(content) }]);
  });

  test('requirement 17: the null sender is sent as <>', async () => {
    const sink = await openSink();
    await sendLetter(hop(sink.port), { ...letter(), sender: null }, options);
    expect(sink.letters[0]?.from).toBe('');
  });

  test('of 20 MB is streamed, never held', async () => {
    let received = 0;
    const sink = await openSink({
      onData: async (stream, _session, callback) => {
        for await (const chunk of stream) received += (chunk as Buffer).length;
        callback();
      },
    });
    const block = Buffer.from(`${'x'.repeat(998)}\r\n`.repeat(64));
    let given = 0;
    let furthest = 0;
    const content = async function* () {
      for (let count = 0; count < 312; count += 1) {
        given += block.length;
        furthest = Math.max(furthest, given - received);
        yield block;
      }
    };
    const [result] = await sendLetter(hop(sink.port), { ...letter('', [a]), content }, options);
    expect(result?.result).toBe('delivered');
    expect(received).toBe(given);
    expect(furthest).toBeLessThan(10_000_000);
  });
});

describe('a letter refused', () => {
  test('for one recipient only', async () => {
    const sink = await openSink({
      onRcptTo: (to, _session, callback) =>
        callback(to.address === a ? Object.assign(new Error('5.1.1 inconnu'), { responseCode: 550 }) : null),
    });
    expect(await sendLetter(hop(sink.port), letter(), options)).toEqual([
      { recipient: a, result: 'failed', reply: '550 5.1.1 inconnu', status: '5.1.1', dsnPassedOn: false, isInDoubt: false },
      expect.objectContaining({ recipient: b, result: 'delivered' }),
    ]);
    expect(sink.letters[0]?.to).toEqual([b]);
  });

  test('for one recipient for good, for another until later: both are told apart', async () => {
    const sink = await openSink({
      onRcptTo: (to, _session, callback) => callback(Object.assign(new Error('x'), { responseCode: to.address === a ? 550 : 452 })),
    });
    expect((await sendLetter(hop(sink.port), letter(), options)).map(({ result }) => result)).toEqual(['failed', 'later']);
  });

  test.each([
    ['MAIL', 550, 'failed'],
    ['MAIL', 451, 'later'],
    ['DATA', 554, 'failed'],
    ['DATA', 450, 'later'],
  ])('at %s with %i: everyone is %s', async (command, responseCode, expected) => {
    const error = Object.assign(new Error('x'), { responseCode });
    const sink = await openSink(
      command === 'MAIL'
        ? { onMailFrom: (_from, _session, callback) => callback(error) }
        : { onData: (stream, _session, callback) => void stream.resume().once('end', () => callback(error)) },
    );
    const results = await sendLetter(hop(sink.port), letter(), options);
    expect(results.map(({ result }) => result)).toEqual([expected, expected]);
  });

  test('before it is sent, when it is larger than the next hop takes', async () => {
    const sink = await openSink({ size: 1_000 });
    const results = await sendLetter(hop(sink.port), { ...letter(), sizeBytes: 1_001 }, options);
    expect(results.map(({ result, status }) => [result, status])).toEqual([
      ['failed', '5.3.4'],
      ['failed', '5.3.4'],
    ]);
    expect(sink.letters).toEqual([]);
  });
});

describe('doubt means later', () => {
  const polite = (socket: Socket, line: string, afterDot: (socket: Socket) => void) => {
    if (line === '.') afterDot(socket);
    else if (line === 'DATA') socket.write('354 go\r\n');
    else if (/^(EHLO|MAIL|RCPT|QUIT)/.test(line)) socket.write(line.includes(`<${a}>`) ? '550 5.1.1 no\r\n' : '250 ok\r\n');
  };

  test('a connection dropped after the final dot; a recipient refused before stays refused', async () => {
    const script = await openScript((socket, line) => polite(socket, line, (open) => open.destroy()));
    const results = await sendLetter(hop(script.port), letter(), options);
    expect(results.map(({ result, status, isInDoubt }) => [result, status, isInDoubt])).toEqual([
      ['failed', '5.1.1', false],
      ['later', '4.4.2', true],
    ]);
  });

  test('a connection dropped before the final dot, or a final dot that is put off, leaves no doubt that the letter was not taken', async () => {
    const early = await openScript((socket, line) => {
      if (line === 'DATA') socket.destroy();
      else polite(socket, line, () => undefined);
    });
    const later = await openScript((socket, line) => polite(socket, line, (open) => open.write('451 4.3.0 plus tard\r\n')));
    for (const script of [early, later]) {
      const results = await sendLetter(hop(script.port), letter('x\r\n', [b]), options);
      expect(results.map(({ result, isInDoubt }) => [result, isInDoubt])).toEqual([['later', false]]);
    }
  });

  test('silence after the final dot', async () => {
    const script = await openScript((socket, line) => polite(socket, line, () => undefined));
    const results = await sendLetter(hop(script.port), letter('x\r\n', [b]), {
      ...options,
      timeouts: { ...options.timeouts, idleMs: 300 },
    });
    expect(results.map(({ result, isInDoubt }) => [result, isInDoubt])).toEqual([['later', true]]);
  });

  test('a server that is down, says 554 at once, or never greets', async () => {
    const script = await openScript(() => undefined);
    await closeHops();
    expect(await sendLetter(hop(script.port), letter('x', [a]), options)).toEqual([
      { recipient: a, result: 'later', reply: '', status: '4.4.1', dsnPassedOn: false, isInDoubt: false },
    ]);
    const refusing = createServer((socket) => socket.on('error', () => undefined).end('554 5.7.1 no service\r\n'));
    await new Promise<void>((resolve) => void refusing.listen(0, '127.0.0.1', () => resolve()));
    closeLater(() => new Promise((resolve) => refusing.close(() => resolve())));
    const [result] = await sendLetter(hop((refusing.address() as { port: number }).port), letter('x', [a]), options);
    expect(result).toMatchObject({ result: 'later', reply: expect.stringContaining('554') });
  });

  test('an abort in the middle', async () => {
    const script = await openScript((socket, line) => polite(socket, line, () => undefined));
    const abort = new AbortController();
    const content = async function* () {
      yield Buffer.from('x\r\n');
      abort.abort();
      yield Buffer.from('y\r\n');
    };
    const results = await sendLetter(hop(script.port), { ...letter('', [b]), content }, { ...options, signal: abort.signal });
    expect(results.map(({ result }) => result)).toEqual(['later']);
  });

  test('a content that cannot be read is thrown, and the next hop gets no half letter', async () => {
    const sink = await openSink();
    const content = async function* () {
      yield Buffer.from('A: b\r\n\r\n');
      throw new Error('blob unreadable');
    };
    await expect(sendLetter(hop(sink.port), { ...letter(), content }, options)).rejects.toThrow(/could not be read/);
    expect(sink.letters).toEqual([]);
  });
});

describe('TLS', () => {
  test('require: a hop without STARTTLS, or with an unknown certificate, gets nothing', async () => {
    const own = await testAuthority();
    const clear = await openSink({ disabledCommands: ['STARTTLS'] });
    const secured = await openSink();
    const tls = { mode: 'require' as const, authority: own.certificate, serverName: 'passerelle.test' };
    expect((await sendLetter(hop(clear.port, tls), letter(), options))[0]?.result).toBe('later');
    expect((await sendLetter(hop(secured.port, { mode: 'require', serverName: 'passerelle.test' }), letter(), options))[0]?.result).toBe(
      'later',
    );
    expect((await sendLetter(hop(secured.port, { ...tls, serverName: 'autre.test' }), letter(), options))[0]?.result).toBe('later');
    expect([clear.letters, secured.letters]).toEqual([[], []]);
    expect((await sendLetter(hop(secured.port, tls), letter(), options))[0]?.result).toBe('delivered');
  });

  test('starttls: TLS when offered, clear text when not; a client certificate is shown when asked for', async () => {
    const own = await testAuthority();
    const mutual = await openSink({ requestCert: true, rejectUnauthorized: true, ca: own.certificate });
    const clear = await openSink({ disabledCommands: ['STARTTLS'] });
    const tls = {
      mode: 'starttls' as const,
      authority: own.certificate,
      serverName: 'passerelle.test',
      client: await peerOf('relais.chu.fr'),
    };
    expect((await sendLetter(hop(mutual.port, tls), letter(), options))[0]?.result).toBe('delivered');
    expect((await sendLetter(hop(clear.port, tls), letter(), options))[0]?.result).toBe('delivered');
  });
});
