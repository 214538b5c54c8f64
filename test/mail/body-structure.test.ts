import { expect, test } from 'vitest';
import { renderBody } from '../../src/mail/part-section.ts';
import { type Form, indexOf, letter, readForm } from './letters.ts';

const ascii: Form = ['charset', 'us-ascii'];
const nilEnvelope: Form = Array<null>(10).fill(null);
const text = (octets: number, lines: number): Form => ['text', 'plain', null, null, null, '7bit', octets, lines, null, null, null, null];
const bare = (octets: number, lines: number): Form => ['text', 'plain', ascii, null, null, '7bit', octets, lines, null, null, null, null];

test.each<[string, string[], Form]>([
  ['plain text by default', ['Subject: x', '', 'one', 'two', ''], bare(10, 2)],
  ['no final newline', ['', 'one', 'two'], bare(8, 1)],
  [
    'every field of a single part',
    [
      'Content-Type: Application/PDF; name="r.pdf"',
      'Content-Transfer-Encoding: BASE64',
      'Content-ID: <1@x>',
      'Content-Description: r\xe9sultat',
      'Content-MD5: Q2hlY2s=',
      'Content-Disposition: Attachment; filename=r.pdf',
      'Content-Language: fr, en',
      'Content-Location: http://x/',
      '',
      'AAAA',
    ],
    [
      'application',
      'pdf',
      ['name', 'r.pdf'],
      '<1@x>',
      'r\xe9sultat',
      'base64',
      4,
      'Q2hlY2s=',
      ['attachment', ['filename', 'r.pdf']],
      ['fr', 'en'],
      'http://x/',
    ],
  ],
  [
    'RFC 2231 continuations are joined',
    ['Content-Disposition: attachment; filename*0*=utf-8\'\'r%C3%A9; filename*1="sultat final"; filename*2*=.pdf', '', ''],
    ['text', 'plain', ascii, null, null, '7bit', 0, 0, null, ['attachment', ['filename*', "utf-8''r%C3%A9sultat%20final.pdf"]], null, null],
  ],
  [
    'comments and unquoted file names',
    ['Content-Type: text/plain (note); charset=utf-8 (UTF); name=a b.txt', '', ''],
    ['text', 'plain', ['charset', 'utf-8', 'name', 'a b.txt'], null, null, '7bit', 0, 0, null, null, null, null],
  ],
  ['an unreadable type is plain text', ['Content-Type: ;;;', '', ''], bare(0, 0)],
  [
    'a multipart with preamble, padding after the delimiter and epilogue',
    [
      'Content-Type: multipart/mixed; boundary="b c"',
      '',
      'preamble',
      '--b c \t',
      '',
      'one',
      '--b c',
      'Content-Type: text/plain',
      '',
      'two',
      '',
      '--b c--',
      'epilogue',
      '--b c',
      '',
    ],
    [bare(3, 0), text(5, 1), 'mixed', ['boundary', 'b c'], null, null, null],
  ],
  [
    'a boundary that is the beginning of another',
    [
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: multipart/alternative; boundary=bb',
      '',
      '--bb',
      '',
      '1',
      '--bb',
      '',
      '2',
      '--bb--',
      '--b',
      '',
      '3',
      '--b--',
    ],
    [
      [bare(1, 0), bare(1, 0), 'alternative', ['boundary', 'bb'], null, null, null],
      bare(1, 0),
      'mixed',
      ['boundary', 'b'],
      null,
      null,
      null,
    ],
  ],
  [
    'an inner multipart that is never closed ends with the outer one',
    [
      'Content-Type: multipart/mixed; boundary=o',
      '',
      '--o',
      'Content-Type: multipart/mixed; boundary=i',
      '',
      '--i',
      '',
      '1',
      '--o',
      '',
      '2',
      '--o--',
      '',
    ],
    [[bare(1, 0), 'mixed', ['boundary', 'i'], null, null, null], bare(1, 0), 'mixed', ['boundary', 'o'], null, null, null],
  ],
  [
    'a boundary that is never closed',
    ['Content-Type: multipart/mixed; boundary=b', '', '--b', '', 'one', ''],
    [bare(5, 1), 'mixed', ['boundary', 'b'], null, null, null],
  ],
  [
    'a boundary that never appears',
    ['Content-Type: multipart/mixed; boundary=b', '', 'body', ''],
    [text(6, 1), 'mixed', ['boundary', 'b'], null, null, null],
  ],
  ['a multipart without boundary', ['Content-Type: multipart/mixed', '', 'body'], [text(4, 0), 'mixed', null, null, null, null]],
  [
    'a part without blank line after its header',
    ['Content-Type: multipart/mixed; boundary=b', '', '--b', 'Content-Type: text/html', '--b--', ''],
    [['text', 'html', null, null, null, '7bit', 0, 0, null, null, null, null], 'mixed', ['boundary', 'b'], null, null, null],
  ],
  [
    'empty parts between two delimiters',
    ['Content-Type: multipart/mixed; boundary=b', '', '--b', '--b', '', '--b--'],
    [bare(0, 0), bare(0, 0), 'mixed', ['boundary', 'b'], null, null, null],
  ],
  [
    'a letter inside a letter',
    ['Content-Type: message/rfc822', '', 'Subject: inner', '', 'body', ''],
    [
      'message',
      'rfc822',
      null,
      null,
      null,
      '7bit',
      24,
      [null, 'inner', null, null, null, null, null, null, null, null],
      bare(6, 1),
      3,
      null,
      null,
      null,
      null,
    ],
  ],
  [
    'a digest holds letters by default',
    ['Content-Type: multipart/digest; boundary=b', '', '--b', '', 'Subject: inner', '', 'x', '--b--'],
    [
      [
        'message',
        'rfc822',
        null,
        null,
        null,
        '7bit',
        19,
        [null, 'inner', null, null, null, null, null, null, null, null],
        bare(1, 0),
        2,
        null,
        null,
        null,
        null,
      ],
      'digest',
      ['boundary', 'b'],
      null,
      null,
      null,
    ],
  ],
  [
    'a letter inside that is encoded is not opened',
    ['Content-Type: message/rfc822', 'Content-Transfer-Encoding: base64', '', 'AAAA'],
    ['message', 'rfc822', null, null, null, 'base64', 4, nilEnvelope, text(4, 0), 0, null, null, null, null],
  ],
])('RFC 3501 §7.4.2, RFC 2046 structure: %s', (_, lines, expected) => {
  const index = indexOf(letter(...lines));
  expect(readForm(index.bodystructure)).toEqual(expected);
  expect(index.truncated).toBe(false);
});

test('RFC 3501 §7.4.2 BODY is BODYSTRUCTURE without its extensions', () => {
  const index = indexOf(
    letter('Content-Type: multipart/mixed; boundary=b', '', '--b', 'Content-Type: image/png', 'Content-MD5: x', '', '1', '--b--'),
  );
  expect(readForm(renderBody(index.part))).toEqual([['image', 'png', null, null, null, '7bit', 1], 'mixed']);
});

test('the stored description of a short letter is short', () => {
  const index = indexOf(
    letter(
      'From: a@x.fr',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      '',
      '1',
      '--b',
      'Content-Type: application/pdf; name=x.pdf',
      '',
      '2',
      '--b--',
    ),
  );
  expect(JSON.stringify(index.part).length).toBeLessThan(600);
});
