import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeWords, encodeWords } from '../../src/mail/encoded-words.ts';

test.each<[string, string]>([
  ['plain', 'plain'],
  ['=?utf-8?q?caf=C3=A9_noir?=', 'café noir'],
  ['=?UTF-8?B?Y2Fmw6k=?=', 'café'],
  ['=?iso-8859-1?q?caf=e9?=', 'café'],
  ['=?ISO-8859-15?Q?=A4?=', '€'],
  ['=?windows-1252?Q?=80?=', '€'],
  ['=?windows-1251?B?z/Do4uXy?=', 'Привет'],
  ['=?utf-8*fr?q?=C3=A9?=', 'é'],
  ['=?utf-8?q?a?= =?utf-8?q?b?=', 'ab'],
  ['=?utf-8?q?a?= \t =?iso-8859-1?q?=e9?= c', 'aé c'],
  ['=?utf-8?q?a?= and =?utf-8?q?b?=', 'a and b'],
  ['=?utf-8?B?w6k=?==?utf-8?B?w6k=?=', 'éé'],
  ['=?utf-8?q?split_=C3?= =?utf-8?q?=A9?=', 'split é'],
  ['=?utf-8?B?w?= =?utf-8?B?w6k?=', 'é'],
  ['=?unknown-charset?q?=e9?=', 'é'],
  ['=?utf-8?q?with spaces?=', 'with spaces'],
  ['=?utf-8?x?nonsense?=', '=?utf-8?x?nonsense?='],
  ['=?utf-8?q?unfinished', '=?utf-8?q?unfinished'],
  ['=?utf-8?q?bad =ZZ?=', 'bad =ZZ'],
])('RFC 2047 %j reads %j', (encoded, text) => {
  expect(decodeWords(encoded)).toBe(text);
});

test('RFC 2047 §2 encoded text comes back the same, each word at most 75 characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
      const encoded = encodeWords(text);
      expect(encoded.split('\r\n ').every((word) => word.length <= 75 && /^[!-~]+$/.test(word))).toBe(true);
      expect(decodeWords(encoded.replaceAll('\r\n', ''))).toBe(Buffer.from(text).toString());
    }),
  );
});
