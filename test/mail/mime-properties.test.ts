import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MimeIndexer } from '../../src/mail/mime-index.ts';
import { renderBody } from '../../src/mail/part-section.ts';
import { allParts, feed, indexOf, readForm } from './letters.ts';

// Lines that make and break MIME structure, in any order, with either line end.
const line = fc.constantFrom(
  '',
  '',
  'text',
  '--',
  '--a',
  '--a--',
  '--ab',
  '--ab--',
  '--a \t',
  '--abc',
  '-',
  '- -',
  '---a',
  ' folded',
  'Subject: =?utf-8?q?=C3=A9?=',
  'junk\xe9\0',
  '\r',
  '=',
  'QUJD',
  'a=E9=',
  'Content-Type: multipart/mixed; boundary=a',
  'Content-Type: multipart/digest; boundary="ab"',
  'Content-Type: message/rfc822',
  'Content-Type: text/html; name=x',
  'Content-Type: application/pdf; name="r\\"\xe9.pdf"',
  'Content-Transfer-Encoding: base64',
  'Content-Transfer-Encoding: quoted-printable',
  "Content-Disposition: attachment; filename*0*=utf-8''%C3; filename*1=b",
  'To: g: a@x, "b(" <c@y>;',
  'Content-Language: fr, en',
  'Content-Description: (\\',
);
const oddLetter = fc
  .array(fc.tuple(line, fc.constantFrom('\r\n', '\r\n', '\n', '')), { maxLength: 60 })
  .map((lines) =>
    Buffer.from(['Content-Type: multipart/mixed; boundary=a\r\n\r\n', ...lines.flat()].slice(lines.length % 2).join(''), 'latin1'),
  );

test('RFC 2046 any cutting into chunks gives the same index', () => {
  fc.assert(
    fc.property(oddLetter, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }), (bytes, sizes) => {
      const whole = indexOf(bytes);
      expect(indexOf(bytes, 1)).toEqual(whole);
      expect(indexOf(bytes, ...sizes)).toEqual(whole);
    }),
    { numRuns: 500 },
  );
});

test('requirement 16: any cutting into chunks gives the same attachment size', () => {
  fc.assert(
    fc.property(oddLetter, (bytes) => {
      const whole = new MimeIndexer();
      whole.write(bytes);
      const cut = new MimeIndexer();
      for (const byte of bytes) cut.write(Buffer.of(byte));
      whole.end();
      cut.end();
      expect(cut.attachmentBytes).toBe(whole.attachmentBytes);
    }),
  );
});

test('any cutting into chunks passes the limits at the same place', () => {
  const limits = fc.record({
    depth: fc.integer({ min: 1, max: 4 }),
    parts: fc.integer({ min: 1, max: 6 }),
    headerBytes: fc.integer({ min: 40, max: 200 }),
    totalHeaderBytes: fc.integer({ min: 40, max: 400 }),
  });
  fc.assert(
    fc.property(oddLetter, limits, (bytes, bounds) => {
      const [whole, cut] = [new MimeIndexer(bounds), new MimeIndexer(bounds)];
      feed(whole, bytes);
      feed(cut, bytes, 1);
      expect(cut.end()).toEqual(whole.end());
      expect(cut.attachmentBytes).toBe(whole.attachmentBytes);
    }),
    { numRuns: 500 },
  );
});

test('a delimiter with much white space after it is one or not, however it is cut', () => {
  for (let padding = 500; padding < 520; padding += 1) {
    const bytes = Buffer.from(
      `Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nx\r\n--a${' '.repeat(padding)}\r\n\r\ny\r\n--a--\r\n`,
    );
    expect(indexOf(bytes, 1)).toEqual(indexOf(bytes));
    expect(indexOf(bytes, 300, 7)).toEqual(indexOf(bytes));
  }
});

test('parts are nested, in order and in range, whatever the letter', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        oddLetter,
        fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      ),
      (bytes) => {
        const { part } = indexOf(bytes);
        expect([part.headerStart, part.end]).toEqual([0, bytes.length]);
        for (const { part: inner, parent } of allParts(part)) {
          expect(inner.headerStart).toBeLessThanOrEqual(inner.bodyStart);
          expect(inner.bodyStart).toBeLessThanOrEqual(inner.end);
          expect(inner.lines).toBeGreaterThanOrEqual(0);
          if (parent) {
            expect(inner.headerStart).toBeGreaterThanOrEqual(parent.bodyStart);
            expect(inner.end).toBeLessThanOrEqual(parent.end);
          }
          const children = inner.children ?? [];
          for (const [place, child] of children.entries()) expect(child.headerStart).toBeGreaterThanOrEqual(children[place - 1]?.end ?? 0);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('RFC 3501 §7.4.2 what is rendered always reads back', () => {
  fc.assert(
    fc.property(oddLetter, (bytes) => {
      const index = indexOf(bytes);
      expect(readForm(index.envelope)).toHaveLength(10);
      readForm(index.bodystructure);
      readForm(renderBody(index.part));
      expect(JSON.parse(JSON.stringify(index.part))).toEqual(index.part);
    }),
    { numRuns: 500 },
  );
});
