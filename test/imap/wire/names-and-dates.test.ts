import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatInternalDate, parseDate, parseDateTime } from '../../../src/imap/wire/date-time.ts';
import { formatFlags, sortFlags } from '../../../src/imap/wire/flags.ts';
import { matchesListPattern } from '../../../src/imap/wire/list-pattern.ts';
import { decodeMailboxName, encodeMailboxName } from '../../../src/imap/wire/mailbox-name.ts';
import { decodeMutf7, encodeMutf7 } from '../../../src/imap/wire/mutf7.ts';
import { cpuMsOf } from '../../support/cpu-time.ts';

describe('RFC 3501 §5.1.3: mailbox names travel in modified UTF-7', () => {
  test.each([
    ['INBOX', 'INBOX'],
    ['R&D', 'R&-D'],
    ['Envoyés', 'Envoy&AOk-s'],
    ['~peter/mail/台北/日本語', '~peter/mail/&U,BTFw-/&ZeVnLIqe-'],
    ['😀', '&2D3eAA-'],
    ['', ''],
  ])('%s is spelt %s', (name, wire) => {
    expect(encodeMutf7(name)).toBe(wire);
    expect(decodeMutf7(wire)).toBe(name);
  });

  test.each([
    ['a lone ampersand', 'R&D'],
    ['an unclosed run', '&AOk'],
    ['printable ASCII in base64', '&AGE-'],
    ['two runs where one would do', '&U,BTFw-&ZeVnLIqe-'],
    ['stray bits', '&AOl-'],
    ['half a character', '&AA-'],
    ['a lone surrogate', '&2D0-'],
    ['8-bit bytes', 'Envoy\xe9s'],
    ['standard base64', '&U/BTFw-'],
    ['padding', '&AOk=-'],
    ['a control character', 'a\tb'],
  ])('%s is refused', (_, wire) => {
    expect(decodeMutf7(wire)).toBeUndefined();
  });

  test('any well-formed text comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        expect(decodeMutf7(encodeMutf7(name))).toBe(name);
      }),
    );
  });

  test('any ASCII is either refused or the one spelling of its name', () => {
    const fromAlphabet = fc
      .array(fc.constantFrom('&', '-', 'A', 'O', 'k', ',', '+', 'é', '2', 'D'), { maxLength: 12 })
      .map((letters) => letters.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fromAlphabet), (wire) => {
        const name = decodeMutf7(wire);
        if (name !== undefined) expect(encodeMutf7(name)).toBe(wire);
      }),
    );
  });

  test('INBOX is one mailbox whatever its case, and so are its children', () => {
    expect(decodeMailboxName('inBox')).toBe('INBOX');
    expect(decodeMailboxName('Inbox/Factures')).toBe('INBOX/Factures');
    expect(decodeMailboxName('inboxes')).toBe('inboxes');
  });

  test('a name with control characters, even encoded, or without end is refused', () => {
    expect(decodeMailboxName('&AAA-')).toBeUndefined();
    expect(decodeMailboxName('&AA0ACg-')).toBeUndefined();
    expect(decodeMailboxName('a'.repeat(1001))).toBeUndefined();
  });

  test('LIST prints a name quoted, its specials escaped', () => {
    expect(encodeMailboxName('Reçus "2026"')).toBe('"Re&AOc-us \\"2026\\""');
  });
});

describe('RFC 3501 §6.3.8: the patterns of LIST', () => {
  test.each([
    ['*', 'a/b/c', true],
    ['%', 'a', true],
    ['%', 'a/b', false],
    ['a/%', 'a/b', true],
    ['a/%', 'a/b/c', false],
    ['a*c', 'a/b/c', true],
    ['%/%', 'a/b', true],
    ['%*', 'a/b', true],
    ['', '', true],
    ['', 'a', false],
    ['inbox', 'INBOX', true],
    ['Reçus*', 'Reçus 2026', true],
    ['a.c', 'abc', false],
  ])('%s on %s: %s', (pattern, name, matches) => {
    expect(matchesListPattern(pattern, name)).toBe(matches);
  });

  test('no pattern stalls the process', () => {
    const look = () => expect(matchesListPattern(`${'*a'.repeat(500)}b`, 'a'.repeat(1000))).toBe(false);
    expect(cpuMsOf(look)).toBeLessThan(1000);
  });
});

describe('RFC 3501 §9: dates', () => {
  test.each([
    [' 7-Feb-1994 21:52:25 -0800', '1994-02-08T05:52:25.000Z'],
    ['17-Jul-1996 02:44:25 -0700', '1996-07-17T09:44:25.000Z'],
    ['29-feb-2024 00:00:00 +0000', '2024-02-29T00:00:00.000Z'],
    ['01-Jan-0094 00:00:00 +0000', '0094-01-01T00:00:00.000Z'],
  ])('%s', (text, iso) => {
    expect(parseDateTime(text)?.toISOString()).toBe(iso);
  });

  test.each([
    '7-Feb-1994 21:52:25 -0800',
    '31-Feb-2024 00:00:00 +0000',
    '01-Jan-0000 00:00:00 +0000',
    '01-Jan-2024 24:00:00 +0000',
    '01-Jan-2024 00:60:00 +0000',
    '01-Foo-2024 00:00:00 +0000',
    '01-Jan-2024 00:00:00 +2460',
    '01-Jan-2024 00:00:00',
    '',
  ])('%j is no date and time', (text) => {
    expect(parseDateTime(text)).toBeUndefined();
  });

  test('a day may have one digit or two, and must exist', () => {
    expect(parseDate('1-Feb-2026')).toBe('2026-02-01');
    expect(parseDate('01-FEB-2026')).toBe('2026-02-01');
    expect(parseDate('30-Feb-2026')).toBeUndefined();
    expect(parseDate('0-Feb-2026')).toBeUndefined();
    expect(parseDate('001-Feb-2026')).toBeUndefined();
  });

  test('what is printed is read back, to the second', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
        (date) => {
          const printed = formatInternalDate(date);
          expect(parseDateTime(printed.slice(1, -1))?.getTime()).toBe(Math.floor(date.getTime() / 1000) * 1000);
        },
      ),
    );
  });
});

describe('RFC 3501 §2.3.2: flags', () => {
  test('system flags are known whatever their case, keywords keep theirs, nothing twice, and what cannot be changed is left out', () => {
    expect(sortFlags(['\\SEEN', '$Forwarded', '\\Recent', '\\Unknown', '\\seen', '$forwarded', 'NonJunk'])).toEqual({
      system: ['\\Seen'],
      keywords: ['$Forwarded', 'NonJunk'],
    });
  });

  test('FETCH prints them between parentheses', () => {
    expect(formatFlags(['\\Seen', '\\Draft'], ['NonJunk'])).toBe('(\\Seen \\Draft NonJunk)');
    expect(formatFlags([], [])).toBe('()');
  });
});
