// What peers do wrong, by mistake or on purpose: a protocol error for them, and the neighbour is served as before.
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RawSmtp } from '../support/raw-smtp.ts';
import { mxSession, openTestMx, openTestSubmission, submissionSession } from '../support/smtp-doors.ts';
import { until } from '../support/until.ts';

let own: Awaited<ReturnType<typeof openTestSubmission>>;
let neighbour: RawSmtp;
beforeEach(async () => {
  own = await openTestSubmission({ limits: { openingMs: 5_000 } });
  neighbour = await submissionSession(own.door.tlsPort);
});
afterEach(async () => {
  // Whatever happened, the neighbour's own letter still goes through.
  expect(await deliver(neighbour)).toMatch(/^250 2\.6\.0 /);
  await own.door.close();
});

async function envelope(client: RawSmtp): Promise<void> {
  await client.ask('MAIL FROM:<lea@chu.mssante.fr>');
  await client.ask('RCPT TO:<b@labo.mssante.fr>');
}

async function deliver(client: RawSmtp, content = 'A: b\r\n\r\nc\r\n'): Promise<string | undefined> {
  await envelope(client);
  await client.ask('DATA');
  client.send(`${content}.\r\n`);
  return client.reply();
}

describe('framing', () => {
  test('a command ended by a bare LF is refused and ends the connection', async () => {
    const client = await submissionSession(own.door.tlsPort);
    client.send('NOOP\nQUIT\r\n');
    expect(await client.reply()).toMatch(/^521 5\.5\.2 /);
    await client.closed;
  });

  test.each([
    ['LF . LF', '\n.\n'],
    ['LF . CRLF', '\n.\r\n'],
    ['CRLF . LF', '\r\n.\n'],
    ['CR . CR', '\r.\r'],
    ['LF . CR LF after a lone CR', '\r\r\n.\n'],
  ])('%s does not end a letter: no second letter is smuggled in', async (_name, fake) => {
    const client = await submissionSession(own.door.tlsPort);
    const hidden = 'MAIL FROM:<paul@chu.mssante.fr>\r\nRCPT TO:<c@labo.mssante.fr>\r\nDATA\r\nX: y\r\n\r\nz';
    expect(await deliver(client, `A: b\r\n\r\nc${fake}${hidden}\r\n`)).toMatch(/^250 2\.6\.0 /);
    expect(own.delivery.letters).toHaveLength(1);
    expect(own.delivery.letters[0]?.content.toString()).toContain('RCPT TO:<c@labo.mssante.fr>');
    expect(await client.ask('NOOP')).toMatch(/^250 /);
    expect(client.unread).toEqual([]);
  });

  test('a letter with one byte per segment is taken unchanged', async () => {
    const client = await submissionSession(own.door.tlsPort);
    await client.drip('MAIL FROM:<lea@chu.mssante.fr>\r\n');
    expect(await client.reply()).toMatch(/^250 /);
    await client.drip('RCPT TO:<b@labo.mssante.fr>\r\n');
    expect(await client.reply()).toMatch(/^250 /);
    await client.drip('DATA\r\n');
    expect(await client.reply()).toMatch(/^354 /);
    await client.drip('A: b\r\n\r\n..c\r\n.\nd\r\n..\r\n.\r\n');
    expect(await client.reply()).toMatch(/^250 /);
    expect(own.delivery.letters[0]?.content.toString()).toBe('A: b\r\n\r\n.c\r\n\nd\r\n.\r\n');
  });

  test('an over-long line is 500 and the session goes on; a line without end is cut off', async () => {
    const client = await submissionSession(own.door.tlsPort);
    expect(await client.ask(`NOOP ${'x'.repeat(20_000)}`)).toMatch(/^500 5\.5\.2 /);
    expect(await client.ask('NOOP')).toMatch(/^250 /);
    client.send('x'.repeat(2 * 1024 * 1024));
    expect(await client.reply()).toMatch(/^500 5\.5\.2 /);
    await client.closed;
  });

  test('a whole envelope and two letters in one segment are answered in order', async () => {
    const client = await submissionSession(own.door.tlsPort);
    const one = 'MAIL FROM:<lea@chu.mssante.fr>\r\nRCPT TO:<b@labo.mssante.fr>\r\nDATA\r\nA: b\r\n.\r\n';
    client.send(`${one}${one}QUIT\r\n`);
    const codes: (string | undefined)[] = [];
    for (let count = 0; count < 9; count += 1) codes.push((await client.reply())?.slice(0, 3));
    expect(codes).toEqual(['250', '250', '354', '250', '250', '250', '354', '250', '221']);
    expect(own.delivery.letters).toHaveLength(2);
    await client.closed;
  });
});

describe('order', () => {
  test.each([
    ['RCPT TO:<b@labo.mssante.fr>', /^503 /],
    ['DATA', /^503 /],
    ['STARTTLS', /^503 /],
    ['AUTH PLAIN AGEAYQ==', /^503 /],
    ['EHLO', /^501 /],
    ['EHLO a b', /^501 /],
    ['EHLO <script>', /^501 /],
    [`EHLO ${'x'.repeat(256)}`, /^501 /],
    ['WIZ', /^500 /],
    ['XCLIENT ADDR=1.2.3.4', /^500 /],
    ['', /^500 /],
    ['\x00\xff\x80', /^500 /],
  ])('%j out of place is answered with an error', async (command, expected) => {
    const client = await submissionSession(own.door.tlsPort);
    expect(await client.ask(command)).toMatch(expected);
    expect(await client.ask('NOOP')).toMatch(/^250 /);
  });

  test('MAIL twice is 503 and keeps the first', async () => {
    const client = await submissionSession(own.door.tlsPort);
    await client.ask('MAIL FROM:<lea@chu.mssante.fr>');
    expect(await client.ask('MAIL FROM:<lea@chu.mssante.fr>')).toMatch(/^503 /);
    expect(await client.ask('RCPT TO:<b@labo.mssante.fr>')).toMatch(/^250 /);
  });

  test('who talks before the greeting is turned away with 554', async () => {
    const mx = await openTestMx();
    // On a busy machine the loop may greet before the bytes arrive; they are an ordinary EHLO then.
    await until('an early talker is caught', async () => {
      const client = await RawSmtp.connect(mx.door.port, { greeting: false });
      client.send('EHLO early.test\r\n');
      const reply = await client.reply();
      client.socket.destroy();
      return reply?.startsWith('554 ');
    });
    await mx.door.close();
  });

  test("who waits is greeted at once, not after smtp-server's own tenth of a second", async () => {
    const tookMs: number[] = [];
    for (let count = 0; count < 20; count += 1) {
      const start = performance.now();
      (await RawSmtp.connect(own.door.port)).socket.destroy();
      tookMs.push(performance.now() - start);
    }
    expect(Math.min(...tookMs)).toBeLessThan(75);
  });

  test('a client that only makes errors is let go', async () => {
    const client = await submissionSession(own.door.tlsPort);
    for (let count = 0; count < 400; count += 1) client.send('RCPT TO:<b@labo.mssante.fr>\r\n');
    const replies: string[] = [];
    for (let reply = await client.reply(); reply !== undefined; reply = await client.reply()) replies.push(reply);
    expect(replies.at(-1)).toMatch(/^421 4\.7\.0 /);
    expect(replies.length).toBeLessThan(220);
  });
});

describe('connections that break', () => {
  test.each(['destroy', 'end', 'resetAndDestroy'] as const)(
    'a client that leaves by %s in the middle of a letter delivers nothing',
    async (how) => {
      const client = await submissionSession(own.door.tlsPort);
      await envelope(client);
      await client.ask('DATA');
      client.send(`A: b\r\n\r\n${'x'.repeat(100_000)}\r\n`);
      await until('half the letter is read', () => own.delivery.readBytes > 50_000);
      if (how === 'resetAndDestroy') client.socket.destroy();
      else client.socket[how]();
      await until('the reader has its error', () => own.delivery.broken.length === 1);
      expect(own.delivery.broken[0]?.error).toBeInstanceOf(Error);
      expect(own.delivery.letters).toEqual([]);
    },
  );

  test('a client that closes its side after the final dot still hears the answer', async () => {
    const client = await submissionSession(own.door.tlsPort);
    await envelope(client);
    await client.ask('DATA');
    client.socket.end('A: b\r\n\r\nc\r\n.\r\n');
    expect(await client.reply()).toMatch(/^250 2\.6\.0 /);
  });

  test('200 sockets opened and dropped, at every stage, leave nothing behind', async () => {
    const before = own.door.connections();
    const drops = Array.from({ length: 200 }, (_, index) => {
      const socket = connect({ host: '127.0.0.1', port: index % 4 === 3 ? own.door.tlsPort : own.door.port });
      socket.on('error', () => undefined);
      return new Promise<void>((resolve) => {
        socket.once('close', () => resolve());
        socket.once('connect', () => {
          if (index % 4 === 0) socket.destroy();
          else if (index % 4 === 1) socket.resetAndDestroy();
          else if (index % 4 === 2) socket.write('EHLO a\r\nSTARTTLS\r\n\x16\x03\x01', () => socket.destroy());
          else socket.write('not a handshake\r\n', () => socket.destroy());
        });
      });
    });
    await Promise.all(drops);
    await until('the dropped connections are gone', () => own.door.connections() === before);
  });

  test('beyond the bound of connections the next one hears 421, and a place is free once one leaves', async () => {
    const small = await openTestMx({ limits: { maxConnections: 2 } });
    const first = await RawSmtp.connect(small.door.port);
    await RawSmtp.connect(small.door.port);
    const third = await RawSmtp.connect(small.door.port, { greeting: false });
    expect(await third.reply()).toMatch(/^421 /);
    await third.closed;
    await first.ask('QUIT');
    await first.closed;
    expect(await (await mxSession(small.door.port)).ask('NOOP')).toMatch(/^250 /);
    await small.door.close();
  });

  test('a silent client is let go after the idle time, a letter that never ends after the letter time', async () => {
    const quick = await openTestMx({ limits: { idleMs: 200, letterMs: 400 } });
    const silent = await mxSession(quick.door.port);
    expect(await silent.reply()).toMatch(/^421 4\.4\.2 /);
    const slow = await mxSession(quick.door.port);
    await slow.ask('MAIL FROM:<dr@chu.mssante.fr>');
    await slow.ask('RCPT TO:<b@labo.mssante.fr>');
    await slow.ask('DATA');
    const drip = setInterval(() => slow.send('x'), 50);
    expect(await slow.reply()).toMatch(/^421 4\.4\.2 /);
    clearInterval(drip);
    slow.socket.destroy();
    await until('the reader has its error', () => quick.delivery.broken.length === 1);
    await quick.door.close();
  });
});
