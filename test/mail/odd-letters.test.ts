import { expect, test } from 'vitest';
import { MimeIndexer } from '../../src/mail/mime-index.ts';
import { cpuMsOf } from '../support/cpu-time.ts';
import { allParts, attachmentBytesOf, feed, indexOf, letter, readForm } from './letters.ts';

const multipart = (...parts: string[]): Buffer =>
  letter('Content-Type: multipart/mixed; boundary=b', '', ...parts.flatMap((part) => ['--b', part]), '--b--', '');

test.each<[string, Buffer]>([
  ['an empty letter', Buffer.alloc(0)],
  ['a single line feed', Buffer.from('\n')],
  ['a header without blank line', Buffer.from('Subject: x')],
  ['a header only', letter('Subject: x', '', '')],
  ['no header, only text', Buffer.from('bonjour')],
  ['8-bit header', Buffer.from('Subject: r\xe9sultat\nFrom: "L\xc3\xa9a" <a@x>\n\nx', 'latin1')],
  ['NULs everywhere', Buffer.from('Sub\0ject: \0\0\r\nFrom: \0<a\0@x>\r\nContent-Type: text/pl\0ain\r\n\r\n\0\0\0')],
  ['bare carriage returns', Buffer.from('Subject: a\rTo: b\r\r\n\r\rbody')],
  ['a delimiter as the last bytes', Buffer.from('Content-Type: multipart/mixed; boundary=b\n\n--b')],
  ['a closing delimiter first', Buffer.from('Content-Type: multipart/mixed; boundary=b\n\n--b--\n--b\n\nx')],
  ['a delimiter inside a header', multipart('Subject: x', 'Subject: y')],
  ['the same boundary inside', multipart('Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--')],
])('RFC 5322 odd letter: %s is kept whole and described', (_, bytes) => {
  const index = indexOf(bytes);
  readForm(index.bodystructure);
  readForm(index.envelope);
  expect(index).toMatchObject({ sizeBytes: bytes.length, truncated: false, part: { headerStart: 0, end: bytes.length } });
});

test('bare line feeds make the same parts as CRLF', () => {
  const crlf = multipart('\r\none\r\ntwo', 'Content-Type: text/html\r\n\r\n<p>');
  const lf = Buffer.from(crlf.toString().replaceAll('\r\n', '\n'));
  const shape = (bytes: Buffer): unknown =>
    allParts(indexOf(bytes).part).map(({ part }) => [
      part.subtype,
      part.lines,
      bytes.subarray(part.bodyStart, part.end).toString().replaceAll('\r\n', '\n'),
    ]);
  expect(shape(lf)).toEqual(shape(crlf));
});

function opaque(bytes: Buffer): void {
  const index = indexOf(bytes);
  expect(index.truncated).toBe(true);
  expect(index.part).toMatchObject({ type: 'application', subtype: 'octet-stream', headerStart: 0, end: bytes.length });
  expect(index.part.children).toBeUndefined();
  expect(readForm(index.bodystructure)).toEqual([
    'application',
    'octet-stream',
    null,
    null,
    null,
    'binary',
    bytes.length - index.part.bodyStart,
    null,
    null,
    null,
    null,
  ]);
}

test('MIME 1,000 deep is kept whole and shown as one opaque part, its header still readable', () => {
  const levels = Array.from({ length: 1000 }, (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}`);
  const bytes = letter('Subject: deep', ...levels, '', 'x');
  opaque(bytes);
  expect(indexOf(bytes).search.subject).toBe('deep');
});

test('letters inside letters, 1,000 deep, are one opaque part', () => {
  opaque(Buffer.from('Content-Type: message/rfc822\r\n\r\n'.repeat(1000)));
});

test('63 levels are described one by one', () => {
  const bytes = Buffer.from('Content-Type: message/rfc822\r\n\r\n'.repeat(63));
  expect(allParts(indexOf(bytes).part)).toHaveLength(64);
});

test('10,000 parts are one opaque part; 999 are described one by one', () => {
  opaque(multipart(...Array<string>(10_000).fill('\r\nx')));
  expect(indexOf(multipart(...Array<string>(999).fill('\r\nx'))).part.children).toHaveLength(999);
});

test('a header of 200 KiB, in the letter or in a part, makes one opaque part', () => {
  const long = `X: ${'x'.repeat(200 * 1024)}`;
  opaque(letter('Subject: seen', long, '', 'body'));
  opaque(multipart(`${long}\r\n\r\nbody`));
  opaque(multipart(...Array<string>(10).fill(`X: ${'x'.repeat(60 * 1024)}\r\n\r\nbody`)));
});

test('RFC 2231 thousands of parameters are bounded', () => {
  const many = Array.from({ length: 5000 }, (_, number) => ` f*${number}=x;`).join('\r\n');
  const { part } = indexOf(letter(`Content-Disposition: attachment;${many}`, '', 'x'));
  expect(JSON.stringify(part).length).toBeLessThan(3000);
});

test('RFC 3501 §7.4.2 a header of nothing but addresses does not swell its envelope', () => {
  for (const piece of ['g:;', 'a@b,', 'g: a,']) {
    const index = indexOf(letter(`From: ${piece.repeat(25_000)}`, '', 'x'));
    readForm(index.envelope);
    expect(index.envelope.length).toBeLessThan(200_000);
  }
});

test('a JSON-hostile parameter name is only a name', () => {
  const { part } = indexOf(letter('Content-Type: text/plain; __proto__=x; constructor=y', '', ''));
  expect(JSON.parse(JSON.stringify(part))).toEqual(part);
  expect(part.params).toEqual([
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ]);
});

test.each<[string, Buffer]>([
  ['one line', Buffer.alloc(10 << 20, 'x')],
  ['hyphens without end', Buffer.alloc(10 << 20, '-')],
  ['lines of two hyphens', Buffer.from('--\r\n'.repeat((10 << 20) / 4))],
  ['lines that nearly are delimiters', Buffer.from('--c\r\n'.repeat((10 << 20) / 5))],
  ['empty lines', Buffer.from('\r\n'.repeat((10 << 20) / 2))],
  ['equals signs', Buffer.alloc(10 << 20, '=')],
])('10 MB of %s pass in linear time, in any encoding', (_, filling) => {
  for (const encoding of ['7bit', 'base64', 'quoted-printable']) {
    const indexer = new MimeIndexer();
    const elapsedMs = cpuMsOf(() => {
      const head = [
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        `Content-Transfer-Encoding: ${encoding}`,
        'Content-Type: image/png',
        '',
        '',
      ];
      feed(indexer, letter(...head));
      feed(indexer, filling, 65_536);
    });
    const index = indexer.end();
    expect(elapsedMs).toBeLessThan(5000);
    expect(index.part.children).toHaveLength(1);
  }
});

test.each<[string, string[], number]>([
  ['a text body is no attachment', ['Content-Type: text/plain', '', 'hello'], 0],
  [
    'base64 counts decoded, without line breaks and padding',
    ['Content-Type: image/png', 'Content-Transfer-Encoding: base64', '', 'aGVs', 'bG8='],
    5,
  ],
  [
    'quoted-printable counts decoded',
    ['Content-Type: text/plain; name=x', 'Content-Transfer-Encoding: quoted-printable', '', 'a=E9b=', 'c=', ''],
    4,
  ],
  ['others count as they are', ['Content-Type: application/pdf', '', 'hello'], 5],
  ['a text with a file name counts', ['Content-Disposition: inline; filename=x.txt', '', 'hello'], 5],
  ['a text said to be an attachment counts', ['Content-Disposition: attachment', '', 'hello'], 5],
  ['a broken escape counts as written', ['Content-Type: image/png', 'Content-Transfer-Encoding: quoted-printable', '', '====x'], 5],
])('requirement 16: %s', (_, lines, expected) => {
  expect(attachmentBytesOf(letter(...lines))).toBe(expected);
  expect(attachmentBytesOf(multipart('\r\nbody', lines.join('\r\n')))).toBe(expected);
});

test('requirement 16: what a forwarded letter holds counts once, its text included', () => {
  const forwarded = [
    'Subject: x',
    'Content-Type: multipart/mixed; boundary=i',
    '',
    '--i',
    '',
    'text',
    '--i',
    'Content-Type: image/png',
    'Content-Transfer-Encoding: base64',
    '',
    'AAAA',
    '--i--',
  ];
  expect(attachmentBytesOf(multipart(['Content-Type: message/rfc822', '', ...forwarded].join('\r\n')))).toBe(4 + 3);
});

test('requirement 16: the count is live, and goes on when the letter is beyond the limits', () => {
  const indexer = new MimeIndexer();
  indexer.write(letter('Content-Type: image/png', '', 'x'.repeat(100)));
  expect(indexer.attachmentBytes).toBe(100);
  const beyond = new MimeIndexer();
  beyond.write(Buffer.from('Content-Type: message/rfc822\r\n\r\n'.repeat(100)));
  beyond.write(Buffer.alloc(1000));
  expect(beyond.attachmentBytes).toBeGreaterThanOrEqual(1000);
});
