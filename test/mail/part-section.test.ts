import { expect, test } from 'vitest';
import { findPart, locateSection, shiftPart } from '../../src/mail/part-section.ts';
import { indexOf, letter } from './letters.ts';

type Kind = 'body' | 'mime' | 'header' | 'text';

// The shape of RFC 3501 §6.4.5's own example: text, data, a letter inside, and a multipart holding another letter.
const inner = [
  'Subject: inner',
  'Content-Type: multipart/mixed; boundary=i',
  '',
  '--i',
  '',
  'inner 1',
  '--i',
  'X: mime',
  '',
  'inner 2',
  '--i--',
];
const nested = letter(
  'Subject: outer',
  'Content-Type: multipart/mixed; boundary=o',
  '',
  '--o',
  '',
  'one',
  '--o',
  'Content-Type: application/octet-stream',
  '',
  'two',
  '--o',
  'Content-Type: message/rfc822',
  '',
  ...inner,
  '--o',
  'Content-Type: multipart/mixed; boundary=m',
  '',
  '--m',
  'Content-Type: image/gif',
  '',
  'gif',
  '--m',
  'Content-Type: message/rfc822',
  '',
  'Subject: plain',
  '',
  'letter body',
  '--m--',
  '--o--',
  '',
);

test.each<[number[], Kind, string | undefined]>([
  [[], 'body', nested.toString()],
  [[], 'header', 'Subject: outer\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n'],
  [[], 'text', nested.toString().slice(nested.toString().indexOf('--o'))],
  [[], 'mime', undefined],
  [[1], 'body', 'one'],
  [[1], 'mime', '\r\n'],
  [[1], 'header', undefined],
  [[1, 1], 'body', undefined],
  [[2], 'body', 'two'],
  [[2], 'mime', 'Content-Type: application/octet-stream\r\n\r\n'],
  [[3], 'body', inner.join('\r\n')],
  [[3], 'header', 'Subject: inner\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n'],
  [[3], 'text', inner.slice(3).join('\r\n')],
  [[3, 1], 'body', 'inner 1'],
  [[3, 2], 'mime', 'X: mime\r\n\r\n'],
  [[3, 3], 'body', undefined],
  [
    [4],
    'body',
    '--m\r\nContent-Type: image/gif\r\n\r\ngif\r\n--m\r\nContent-Type: message/rfc822\r\n\r\nSubject: plain\r\n\r\nletter body\r\n--m--',
  ],
  [[4], 'mime', 'Content-Type: multipart/mixed; boundary=m\r\n\r\n'],
  [[4, 1], 'body', 'gif'],
  [[4, 2], 'header', 'Subject: plain\r\n\r\n'],
  [[4, 2], 'text', 'letter body'],
  [[4, 2, 1], 'body', 'letter body'],
  [[4, 2, 1], 'mime', 'Subject: plain\r\n\r\n'],
  [[4, 2, 1, 1], 'body', undefined],
  [[4, 2, 2], 'body', undefined],
  [[5], 'body', undefined],
  [[0], 'body', undefined],
])('RFC 3501 §6.4.5 section %j %s', (section, kind, expected) => {
  const span = locateSection(indexOf(nested).part, section, kind);
  expect(span && nested.toString().slice(span.start, span.end)).toBe(expected);
});

test('RFC 3501 §6.4.5 part 1 of a letter that is not multipart is its body', () => {
  const bytes = letter('Subject: x', '', 'body');
  const { part } = indexOf(bytes);
  expect(locateSection(part, [1], 'body')).toEqual({ start: 14, end: 18 });
  expect(locateSection(part, [1, 1], 'body')).toBeUndefined();
  expect(locateSection(part, [2], 'body')).toBeUndefined();
  expect(findPart(part, [])).toBe(part);
});

test('a letter whose body is a letter: 1 is that letter, 1.1 its body, 1.HEADER its header', () => {
  const bytes = letter('Content-Type: message/rfc822', '', 'Subject: in', '', 'body');
  const { part } = indexOf(bytes);
  const cut = (section: number[], kind: Kind): string | undefined => {
    const span = locateSection(part, section, kind);
    return span && bytes.toString().slice(span.start, span.end);
  };
  expect([cut([1], 'body'), cut([1, 1], 'body'), cut([1], 'header')]).toEqual(['Subject: in\r\n\r\nbody', 'body', 'Subject: in\r\n\r\n']);
});

test('a trace prefix moves every part, and becomes the beginning of the letter header', () => {
  const prefix = Buffer.from('Return-Path: <a@x.fr>\r\n');
  const shifted = shiftPart(indexOf(nested).part, prefix.length);
  expect(shifted).toEqual(indexOf(Buffer.concat([prefix, nested])).part);
});
