import { expect, test } from 'vitest';
import { formatDate, parseDate } from '../../src/mail/date.ts';

test.each<[string, string | null]>([
  ['Sun, 22 Nov 2026 00:40:11 +0000', '2026-11-22T00:40:11.000Z'],
  ['22 Nov 2026 00:40:11 +0100', '2026-11-21T23:40:11.000Z'],
  ['Sun, 22 Nov 2026 00:40 -0530', '2026-11-22T06:10:00.000Z'],
  ['Sun, 22 Nov 2026 00:40:11 +0100 (CET (Paris))', '2026-11-21T23:40:11.000Z'],
  ['Sun, 2 Nov 26 00:40:11 EST', '2026-11-02T05:40:11.000Z'],
  ['2 Nov 97 00:40:11 GMT', '1997-11-02T00:40:11.000Z'],
  ['2 Nov 126 00:40:11 Z', '2026-11-02T00:40:11.000Z'],
  ['Sun,22 Nov 2026 00:40:11', '2026-11-22T00:40:11.000Z'],
  ['Sunday, 22 November 2026 00:40:11 UT', '2026-11-22T00:40:11.000Z'],
  ['22-Nov-2026 00:40:11 +0000', '2026-11-22T00:40:11.000Z'],
  ['29 Feb 2024 12:00:00 +0000', '2024-02-29T12:00:00.000Z'],
  ['29 Feb 2025 12:00:00 +0000', null],
  ['31 Nov 2026 12:00:00 +0000', null],
  ['22 Nov 2026 24:00:00 +0000', null],
  ['22 Nov 0099 00:00:00 +0000', null],
  ['0 Nov 2026 00:00:00 +0000', null],
  ['2026-11-22T00:40:11Z', null],
  ['yesterday', null],
  ['', null],
])('RFC 5322 §3.3 %j is %s', (text, iso) => {
  expect(parseDate(text)?.toISOString() ?? null).toBe(iso);
});

test('RFC 5322 §3.3 a date that is written reads back the same', () => {
  const date = new Date('2026-01-02T03:04:05Z');
  expect(formatDate(date)).toBe('Fri, 02 Jan 2026 03:04:05 +0000');
  expect(parseDate(formatDate(date))).toEqual(date);
});
