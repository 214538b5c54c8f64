import { expect, test } from 'vitest';
import { parseHeaders, selectHeaderFields } from '../../src/mail/headers.ts';
import { readSearchTexts } from '../../src/mail/search-texts.ts';
import { letter } from './letters.ts';

test.each<[string, string, string | undefined]>([
  ['Subject: bonjour\r\n', 'subject', 'bonjour'],
  ['SUBJECT:bonjour\r\n\r\nSubject: body\r\n', 'Subject', 'bonjour'],
  ['Subject : spaced\r\n', 'subject', 'spaced'],
  ['Subject: a\r\n b\r\n\tc\r\n', 'subject', 'a b\tc'],
  ['Subject: a\n b\n', 'subject', 'a b'],
  ['Subject: a\r\n \r\n b\r\n', 'subject', 'a  b'],
  ['From alice@x Mon Jan  1 00:00:00 2024\r\nSubject: after mbox line\r\n', 'subject', 'after mbox line'],
  ['no colon here\r\nSubject: kept\r\n', 'subject', 'kept'],
  [' orphan fold\r\nSubject: kept\r\n', 'subject', 'kept'],
  ['Subject: first\r\nSubject: second\r\n', 'subject', 'first'],
  ['Subject:\r\n', 'subject', ''],
  ['', 'subject', undefined],
  ['Subject: caf\xe9\r\n', 'subject', 'café'],
  ['Subject: caf\xc3\xa9 d\xc3\xa9j\xc3\xa0\r\n', 'subject', 'café déjà'],
  ['Subject: no end of line', 'subject', 'no end of line'],
])('RFC 5322 §2.2 %j: %s reads %j', (block, name, value) => {
  expect(parseHeaders(Buffer.from(block, 'latin1')).get(name)).toBe(value);
});

test('a header block keeps every line in its place, byte for byte', () => {
  const block = letter('From x', 'A: 1', ' 2', 'junk', '\xff: \0', 'B:', '', '');
  const headers = parseHeaders(block);
  expect(Buffer.concat([...headers.fields.map((field) => headers.raw(field)), Buffer.from('\r\n')])).toEqual(block);
  expect(headers.fields.map(({ name }) => name)).toEqual(['', 'a', '', '', 'b']);
  expect(headers.getAll('a')).toEqual(['1 2']);
});

test('RFC 3501 §6.4.5 HEADER.FIELDS takes the named fields as written, NOT takes the others, both with a blank line', () => {
  const block = letter('Subject: a', ' b', 'To: c', 'subject: d', '', '');
  expect(selectHeaderFields(block, ['SUBJECT'], false).toString()).toBe('Subject: a\r\n b\r\nsubject: d\r\n\r\n');
  expect(selectHeaderFields(block, ['SUBJECT'], true).toString()).toBe('To: c\r\n\r\n');
  expect(selectHeaderFields(Buffer.alloc(0), ['x'], false).toString()).toBe('\r\n');
});

test('RFC 3501 §6.4.4 search texts are decoded, lower case, without NUL and well formed', () => {
  const texts = readSearchTexts(
    parseHeaders(letter('Subject: =?utf-8?q?R=C3=89SULTAT_=00?=', 'To: A@X.fr', 'To: =?iso-8859-1?q?L=E9a?= <l@y.fr>', '')),
  );
  expect(texts).toEqual({ from: '', to: 'a@x.fr, léa <l@y.fr>', cc: '', bcc: '', subject: 'résultat  ' });
  const long = readSearchTexts(parseHeaders(Buffer.from(`Subject: x${'😀'.repeat(9000)}\r\n`)));
  expect(long.subject.length).toBeLessThanOrEqual(8000);
  expect(encodeURIComponent(long.subject)).toContain('%F0%9F%98%80');
});
