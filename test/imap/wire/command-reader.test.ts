import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BadLine } from '../../../src/imap/wire/command-line.ts';
import { CommandReader, type RawCommand } from '../../../src/imap/wire/command-reader.ts';
import { quote } from '../../../src/imap/wire/quote.ts';
import { StreamEndedError } from '../../../src/imap/wire/stream-ended-error.ts';

function peer(maxCommandBytes = 8192) {
  const stream = new PassThrough();
  const continuations: string[] = [];
  const reader = new CommandReader(stream, {
    sendContinuation: async (text) => void continuations.push(text),
    streamsLiteral: (name) => name === 'APPEND',
    maxCommandBytes,
  });
  return { stream, reader, continuations };
}

function said(text: string | Buffer, maxCommandBytes?: number) {
  const all = peer(maxCommandBytes);
  all.stream.end(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
  return all;
}

async function collect(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

async function transcript(reader: CommandReader): Promise<string[]> {
  const heard: string[] = [];
  for (let command = await reader.next(); command; command = await reader.next()) heard.push(await spell(command));
  return heard;
}

async function spell(command: RawCommand | BadLine): Promise<string> {
  if (command.kind === 'bad') return `${command.tag ?? '*'} BAD${command.isFatal ? ' fatal' : ''}`;
  const { arguments: cursor, literal } = command;
  const words = [command.tag, command.name];
  // The arguments of an APPEND end with the space before its literal.
  while (cursor.accept(' ') && !cursor.isAtEnd) words.push(cursor.astring());
  cursor.end();
  if (!literal) return words.join(' ');
  const body = await collect(await literal.accept());
  const tail = await literal.tail();
  return `${words.join(' ')} <${body}> ${tail?.kind}`;
}

const conversation = [
  'a1 CAPABILITY\r\n',
  'a2 login {6}\r\nmartin {4+}\r\na\r\nb\r\n',
  'a3 uid search UNSEEN\r\n',
  'a4 APPEND Sent {11}\r\nFrom: a\r\n\r\n\r\n',
  'a5 APPEND {4+}\r\nSent {5+}\r\n{9+}\r\r\n',
  'a6 bad\nline\r\n',
  'a7 NOOP\r\n',
].join('');

const heardConversation = [
  'a1 CAPABILITY',
  'a2 LOGIN martin a\r\nb',
  'a3 UID SEARCH UNSEEN',
  'a4 APPEND Sent <From: a\r\n\r\n> tail',
  'a5 APPEND Sent <{9+}\r> tail',
  'a6 BAD',
  'line BAD',
  'a7 NOOP',
];

describe('RFC 3501 §2.2.1: commands are read whatever way their bytes arrive', () => {
  test('in one piece', async () => {
    const { reader, continuations } = said(conversation);
    expect(await transcript(reader)).toEqual(heardConversation);
    expect(continuations).toEqual(['Ready', 'Ready']);
  });

  test('one byte per segment', async () => {
    const { stream, reader } = peer();
    const heard = transcript(reader);
    for (const byte of Buffer.from(conversation, 'latin1')) {
      stream.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    stream.end();
    expect(await heard).toEqual(heardConversation);
  });

  test('cut anywhere', async () => {
    const bytes = Buffer.from(conversation, 'latin1');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 8 }), async (unsorted) => {
        const { stream, reader } = peer();
        const heard = transcript(reader);
        let from = 0;
        for (const cut of [...unsorted.sort((a, b) => a - b), bytes.length]) {
          stream.write(bytes.subarray(from, cut));
          from = cut;
          await new Promise(setImmediate);
        }
        stream.end();
        expect(await heard).toEqual(heardConversation);
      }),
      { numRuns: 50 },
    );
  });

  test('a line as long as allowed, byte by byte, costs each byte once', async () => {
    const { stream, reader } = peer(64 * 1024);
    const command = reader.next();
    const startedAt = performance.now();
    for (const byte of Buffer.from(`a SEARCH ${'x'.repeat(60_000)}\r\n`)) stream.write(Buffer.of(byte));
    expect(await command).toMatchObject({ kind: 'command', name: 'SEARCH' });
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });

  test('what the writer quotes, the reader reads back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        const command = await said(Buffer.from(`a LOGIN ${quote(text)}\r\n`)).reader.next();
        if (command?.kind !== 'command') throw new Error('A command was expected');
        command.arguments.space();
        expect(command.arguments.string()).toBe(text.replaceAll('\0', ''));
        command.arguments.end();
      }),
    );
  });
});

describe('issue 2: hostile framing gets a protocol error, and the next command is heard', () => {
  test.each([
    ['bare LF', 'a NOOP\nb NOOP\r\n', ['a BAD', 'b NOOP']],
    ['bare CR', 'a NO\rOP\r\nb NOOP\r\n', ['a BAD', 'b NOOP']],
    ['NUL', 'a NO\0OP\r\nb NOOP\r\n', ['a BAD', 'b NOOP']],
    ['an empty line', '\r\nb NOOP\r\n', ['* BAD', 'b NOOP']],
    ['a tag alone', 'a\r\nb NOOP\r\n', ['a BAD', 'b NOOP']],
    ['a tag that is none', '+ NOOP\r\n"a" NOOP\r\nb NOOP\r\n', ['* BAD', '* BAD', 'b NOOP']],
    ['8-bit bytes for a command', 'a \xe9\xe8\r\nb NOOP\r\n', ['a BAD', 'b NOOP']],
    ['HTTP', 'GET / HTTP/1.1\r\n', ['GET BAD']],
    ['a line too long', `a SEARCH ${'x'.repeat(100_000)}\r\nb NOOP\r\n`, ['a BAD', 'b NOOP']],
    ['a tag too long', `${'a'.repeat(20_000)}\r\nb NOOP\r\n`, ['* BAD', 'b NOOP']],
    ['a literal too long to wait for', 'a LOGIN {99999999999}\r\nb NOOP\r\n', ['a BAD', 'b NOOP']],
    ['a literal of more digits than numbers have', `a APPEND x {${'9'.repeat(400)}}\r\nb NOOP\r\n`, ['a BAD', 'b NOOP']],
    ['literals without end', `a SEARCH ${'{1+}\r\nx '.repeat(100)}\r\nb NOOP\r\n`, ['a BAD', 'b NOOP']],
    ['literals that add up', `a LOGIN {5000+}\r\n${'x'.repeat(5000)} {5000+}\r\n${'x'.repeat(5000)}\r\nb NOOP\r\n`, ['a BAD', 'b NOOP']],
    ['a command hidden in the literal of a bad line', 'a NO\0OP {8+}\r\nx NOOP\r\n\r\nb NOOP\r\n', ['a BAD', 'b NOOP']],
    ['one hidden behind a line too long', `a X ${'x'.repeat(100_000)} {8+}\r\nx NOOP\r\n\r\nb NOOP\r\n`, ['a BAD', 'b NOOP']],
    [
      'one hidden behind a literal too long',
      `a LOGIN {10000+}\r\n${'x NOOP\r\n'.repeat(1250)} {8+}\r\nx NOOP\r\n\r\nb NOOP\r\n`,
      ['a BAD', 'b NOOP'],
    ],
  ])('%s', async (_, sent, heard) => {
    expect(await transcript(said(sent).reader)).toEqual(heard);
  });

  test.each([
    ['a line that never ends', `a ${'x'.repeat(3_000_000)}`, ['a BAD fatal']],
    ['a literal too long to pass over', 'a LOGIN {99999999999+}\r\nb NOOP\r\n', ['a BAD fatal']],
  ])('%s is cut', async (_, sent, heard) => {
    expect(await transcript(said(sent).reader)).toEqual(heard);
  });

  test.each([
    ['half a line', 'a NOOP'],
    ['half a literal', 'a LOGIN {10}\r\nabc'],
    ['a literal without the rest of its line', 'a LOGIN {3}\r\nabc'],
    ['nothing', ''],
    ['half of a literal that is being passed over', 'a NO\0OP {100+}\r\nabc'],
  ])('%s, then the end, is the end', async (_, sent) => {
    expect(await transcript(said(sent).reader)).toEqual([]);
  });

  test('a peer that resets the connection is the end', async () => {
    const { stream, reader } = peer();
    const next = reader.next();
    stream.destroy(new Error('ECONNRESET'));
    expect(await next).toBeUndefined();
    expect(await reader.next()).toBeUndefined();
  });

  test('the bound follows the state of the peer', async () => {
    const { stream, reader } = peer(100);
    stream.write(`a SEARCH ${'x'.repeat(200)}\r\n`);
    expect(await reader.next()).toMatchObject({ kind: 'bad', tag: 'a' });
    reader.setMaxCommandBytes(1000);
    stream.write(`b SEARCH ${'x'.repeat(200)}\r\n`);
    expect(await reader.next()).toMatchObject({ kind: 'command', tag: 'b' });
  });

  test('whatever is sent, the reader comes to an end and throws nothing', async () => {
    const words = ['a ', 'APPEND ', 'LOGIN ', 'x ', '{3}', '{3+}', '{99+}', '{9999999}', '\r\n', '\n', '\r', '\0', '"', '(', ' ', '\xe9'];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...words), { maxLength: 40 }), async (parts) => {
        const { reader } = said(parts.join(''), 50);
        for (let command = await reader.next(); command; command = await reader.next()) expect(['bad', 'command']).toContain(command.kind);
      }),
      { numRuns: 500 },
    );
  });
});

describe('RFC 3501 §6.3.11: the message of an APPEND is streamed', () => {
  async function append(sent: string) {
    const all = peer();
    all.stream.write(sent);
    const command = await all.reader.next();
    if (command?.kind !== 'command' || !command.literal) throw new Error('An APPEND was expected');
    return { ...all, literal: command.literal };
  }

  test('the peer is told to send only once the literal is accepted', async () => {
    const { literal, continuations, stream, reader } = await append('a APPEND Sent {300}\r\n');
    expect(continuations).toEqual([]);
    expect(literal).toMatchObject({ sizeBytes: 300, isSynchronising: true });
    const body = await literal.accept();
    expect(continuations).toEqual(['Ready']);
    stream.end(`${'x'.repeat(300)}\r\nb NOOP\r\n`);
    expect(await collect(body)).toBe('x'.repeat(300));
    expect(await literal.tail()).toMatchObject({ kind: 'tail' });
    expect(await transcript(reader)).toEqual(['b NOOP']);
  });

  test('a refused one is never sent, and a refused one already under way is passed over', async () => {
    const waiting = await append('a APPEND Sent {300}\r\n');
    await waiting.literal.refuse();
    waiting.stream.end('b NOOP\r\n');
    expect(await transcript(waiting.reader)).toEqual(['b NOOP']);
    expect(waiting.continuations).toEqual([]);

    const sending = await append('a APPEND Sent {8+}\r\nx NOOP\r\n\r\nb NOOP\r\n');
    sending.stream.end();
    expect(await transcript(sending.reader)).toEqual(['b NOOP']);
  });

  test('one under way that is too long to pass over is fatal', async () => {
    const { literal, reader, stream } = await append('a APPEND Sent {50000000+}\r\n');
    await literal.refuse();
    stream.end();
    expect(await transcript(reader)).toEqual(['* BAD fatal']);
  });

  test('a body left half read does not become commands', async () => {
    const { literal, reader, stream } = await append('a APPEND Sent {16}\r\n');
    const body = await literal.accept();
    stream.end('x NOOP\r\nx NOOP\r\n\r\nb NOOP\r\n');
    for await (const chunk of body) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(await transcript(reader)).toEqual(['b NOOP']);
  });

  test('a peer that goes in the middle interrupts whoever stores the message', async () => {
    const { literal, stream } = await append('a APPEND Sent {300}\r\n');
    const body = await literal.accept();
    stream.end('x');
    await expect(collect(body)).rejects.toThrow(StreamEndedError);
  });

  test('what follows may announce another literal, or be wrong', async () => {
    const { literal, stream, reader } = await append('a APPEND Sent {1}\r\n');
    stream.write('x (\\Seen) {1}\r\n');
    expect(await collect(await literal.accept())).toBe('x');
    const second = await literal.tail();
    if (second?.kind !== 'tail' || !second.literal) throw new Error('A second literal was expected');
    stream.end('yoh\0no\r\nb NOOP\r\n');
    expect(await collect(await second.literal.accept())).toBe('y');
    expect(await second.literal.tail()).toMatchObject({ kind: 'bad', tag: 'a', isFatal: false });
    expect(await transcript(reader)).toEqual(['b NOOP']);
  });

  test('a peer that sends faster than it is stored is made to wait', async () => {
    const { literal, stream } = await append('a APPEND Sent {50000000}\r\n');
    const body = await literal.accept();
    let sentBytes = 0;
    while (stream.write(Buffer.alloc(65_536))) sentBytes += 65_536;
    for await (const chunk of body) {
      expect(chunk.length).toBeLessThanOrEqual(sentBytes + 65_536);
      break;
    }
    expect(sentBytes).toBeLessThan(1_000_000);
  });
});

describe('lines that are no commands', () => {
  test('RFC 2177: DONE is awaited, and the wait can be given up without losing a byte', async () => {
    const { stream, reader } = peer();
    const giveUp = new AbortController();
    const line = reader.readLine({ signal: giveUp.signal });
    stream.write('DO');
    await new Promise(setImmediate);
    giveUp.abort();
    expect(await line).toBe('aborted');
    stream.write('NE\r\n');
    expect(await reader.readLine()).toEqual({ kind: 'line', text: 'DONE' });
  });

  test('RFC 4959: an answer of AUTHENTICATE is bounded and framed like any line', async () => {
    expect(await said('AGEAYg==\r\n').reader.readLine()).toEqual({ kind: 'line', text: 'AGEAYg==' });
    expect(await said('*\n').reader.readLine()).toMatchObject({ kind: 'bad' });
    expect(await said(`${'A'.repeat(10_000)}\r\n`).reader.readLine()).toMatchObject({ kind: 'bad', isFatal: false });
    expect(await said(`${'A'.repeat(10_000)}\r\n`).reader.readLine({ maxBytes: 12_000 })).toMatchObject({ kind: 'line' });
    expect(await said('AGEA').reader.readLine()).toBeUndefined();
  });
});

test('CVE-2011-0411: what was sent ahead of TLS is dropped and counted', async () => {
  const { stream, reader } = peer();
  stream.write('a STARTTLS\r\nx LOGIN mallory secret\r\ny NO');
  expect(await reader.next()).toMatchObject({ name: 'STARTTLS' });
  stream.write('OP\r\n');
  expect(reader.detach()).toBe('x LOGIN mallory secret\r\ny NOOP\r\n'.length);
  const secured = new PassThrough();
  reader.attach(secured);
  secured.end('b NOOP\r\n');
  expect(await transcript(reader)).toEqual(['b NOOP']);
});
