// CRLF alone ends a line, however the bytes are cut into segments. RFC 5321 §2.3.8, §4.1.1.4, §4.5.2.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StrictParser } from '../../src/smtp/strict-parser.ts';

type Heard = { readonly commands: string[]; readonly faults: string[]; readonly letters: string[] };

/** Feeds the segments; DATA starts a letter, and each letter is read to its end before commands go on. */
async function parse(segments: readonly Buffer[], limits = { maxLineBytes: 64, maxDrainedBytes: 1_000_000 }): Promise<Heard> {
  const heard: Heard = { commands: [], faults: [], letters: [] };
  const parser = new StrictParser(limits);
  parser.onfault = (fault, next) => {
    heard.faults.push(fault);
    next();
  };
  parser.oncommand = (command, next) => {
    heard.commands.push(command.toString('latin1'));
    if (command.toString() === 'DATA') {
      const stream = parser.startDataMode();
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        heard.letters.push(Buffer.concat(chunks).toString('latin1'));
        parser.continue();
      });
    }
    next?.();
  };
  for (const segment of segments) await new Promise((resolve) => parser.write(segment, resolve));
  return heard;
}

const whole = (text: string) => [Buffer.from(text, 'latin1')];
const bytewise = (text: string) => [...Buffer.from(text, 'latin1')].map((byte) => Buffer.of(byte));

const letters: [name: string, sent: string, expected: string][] = [
  ['an empty letter', '.\r\n', ''],
  ['a plain letter', 'A: b\r\n\r\nc\r\n.\r\n', 'A: b\r\n\r\nc\r\n'],
  ['a stuffed first line', '..a\r\n.\r\n', '.a\r\n'],
  ['a stuffed lone dot', '..\r\n.\r\n', '.\r\n'],
  ['lines of dots', 'x\r\n....\r\n..\r\n.\r\n', 'x\r\n...\r\n.\r\n'],
  ['LF . LF is content', 'a\n.\nb\r\n.\r\n', 'a\n.\nb\r\n'],
  ['LF . CRLF is content', 'a\n.\r\nb\r\n.\r\n', 'a\n.\r\nb\r\n'],
  ['CR . CR is content', 'a\r.\rb\r\n.\r\n', 'a\r.\rb\r\n'],
  ['CRLF . LF ends nothing, its dot being a stuffed one', 'a\r\n.\nb\r\n.\r\n', 'a\r\n\nb\r\n'],
  ['CRLF . CR ends nothing', 'a\r\n.\rb\r\n.\r\n', 'a\r\n\rb\r\n'],
  ['a dot after a bare LF is not unstuffed', 'a\n..b\r\n.\r\n', 'a\n..b\r\n'],
  ['CR CR LF . CRLF', 'a\r\r\n.\r\n', 'a\r\r\n'],
  ['bytes of every kind', '\x00\xff\x80\r\n.\r\n', '\x00\xff\x80\r\n'],
];

describe('a letter', () => {
  test.each(letters)('%s', async (_name, sent, expected) => {
    for (const segments of [whole(`DATA\r\n${sent}NOOP\r\n`), bytewise(`DATA\r\n${sent}NOOP\r\n`)]) {
      expect(await parse(segments)).toEqual({ commands: ['DATA', 'NOOP'], faults: [], letters: [expected] });
    }
  });

  test('any content comes out as it went in, however it is cut, and nothing of it is taken for a command', async () => {
    const piece = fc.constantFrom('\r\n', '\n', '\r', '.', '..', 'a', '\r\n.', 'QUIT', '\x00', '\xe9');
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(40), { maxLength: 20 }), async (pieces, cuts) => {
        const content = `${pieces.join('')}\r\n`;
        const stuffed = content.replace(/(^|\r\n)\./g, '$1..');
        const bytes = Buffer.from(`DATA\r\n${stuffed}.\r\nNOOP\r\n`, 'latin1');
        const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const segments = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        const heard = await parse(segments.filter((segment) => segment.length > 0));
        expect(heard).toEqual({ commands: ['DATA', 'NOOP'], faults: [], letters: [content] });
      }),
      { numRuns: 500 },
    );
  });
});

describe('a command line', () => {
  test.each([
    ['a bare LF', 'NOOP\nQUIT\r\n', ['QUIT'], ['bare-lf']],
    ['a line of exactly the bound', `${'x'.repeat(64)}\r\n`, ['x'.repeat(64)], []],
    ['one byte more', `${'x'.repeat(65)}\r\nNOOP\r\n`, ['NOOP'], ['too-long']],
    ['far more', `${'x'.repeat(5_000)}\r\nNOOP\r\n`, ['NOOP'], ['too-long']],
    ['too long and ended by a bare LF', `${'x'.repeat(5_000)}\nNOOP\r\n`, ['NOOP'], ['bare-lf']],
    ['a line cut short', 'NOOP\r\nQUI', ['NOOP'], []],
  ])('%s', async (_name, sent, commands, faults) => {
    for (const segments of [whole(sent), bytewise(sent)]) expect(await parse(segments)).toEqual({ commands, faults, letters: [] });
  });

  test('that never ends is given up after a megabyte', async () => {
    const parser = new StrictParser({ maxLineBytes: 64, maxDrainedBytes: 1 });
    let floods = 0;
    parser.onflood = () => {
      floods += 1;
    };
    for (let count = 0; count < 40; count += 1) await new Promise((resolve) => parser.write(Buffer.alloc(65_536, 'x'), resolve));
    expect(floods).toBe(1);
  });

  test('nothing is run once the parser is closed, and a line cut short by the end is not run', async () => {
    const heard: string[] = [];
    const parser = new StrictParser({ maxLineBytes: 64, maxDrainedBytes: 1 });
    parser.oncommand = (command, next) => {
      heard.push(command.toString());
      if (command.toString() === 'QUIT') parser.isClosed = true;
      next?.();
    };
    await new Promise((resolve) => parser.write('NOOP\r\nQUIT\r\nNOOP\r\n', resolve));
    parser.isClosed = false;
    await new Promise((resolve) => parser.end('RSET', () => resolve(undefined)));
    expect(heard).toEqual(['NOOP', 'QUIT']);
  });
});
