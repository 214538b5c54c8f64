import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mailboxesOf, parseAddressList } from '../../src/mail/address-list.ts';
import { cpuMsOf } from '../support/cpu-time.ts';

test.each<[string, { name: string; address: string }[]]>([
  ['a@x.fr', [{ name: '', address: 'a@x.fr' }]],
  ['Léa Martin <lea@x.fr>', [{ name: 'Léa Martin', address: 'lea@x.fr' }]],
  [
    '"Martin, Léa" <lea@x.fr>, b@x.fr',
    [
      { name: 'Martin, Léa', address: 'lea@x.fr' },
      { name: '', address: 'b@x.fr' },
    ],
  ],
  ['"a \\"b\\" \\\\" <c@x.fr>', [{ name: 'a "b" \\', address: 'c@x.fr' }]],
  ['Dr. J. Martin <j@x.fr>', [{ name: 'Dr. J. Martin', address: 'j@x.fr' }]],
  ['=?utf-8?q?L=C3=A9a?= <lea@x.fr>', [{ name: 'Léa', address: 'lea@x.fr' }]],
  ['lea@x.fr (Léa (la) Martin)', [{ name: 'Léa (la) Martin', address: 'lea@x.fr' }]],
  ['lea @ x . fr', [{ name: '', address: 'lea@x.fr' }]],
  ['(c) lea(d)@(e)x.fr', [{ name: 'e', address: 'lea@x.fr' }]],
  ['<@relay.fr,@b.fr:lea@x.fr>', [{ name: '', address: 'lea@x.fr' }]],
  ['"lea martin"@x.fr', [{ name: '', address: 'lea martin@x.fr' }]],
  ['<"a@b"@x.fr>', [{ name: '', address: 'a@b@x.fr' }]],
  ['undisclosed-recipients:;', []],
  [
    'Equipe: a@x.fr, B <b@x.fr>; c@x.fr',
    [
      { name: '', address: 'a@x.fr' },
      { name: 'B', address: 'b@x.fr' },
      { name: '', address: 'c@x.fr' },
    ],
  ],
  [
    'a@x.fr; b@x.fr',
    [
      { name: '', address: 'a@x.fr' },
      { name: '', address: 'b@x.fr' },
    ],
  ],
  [',, a@x.fr ,,', [{ name: '', address: 'a@x.fr' }]],
  ['Léa lea@x.fr', [{ name: 'Léa', address: 'lea@x.fr' }]],
  [
    'Léa <lea@x.fr, b@x.fr',
    [
      { name: 'Léa', address: 'lea@x.fr' },
      { name: '', address: 'b@x.fr' },
    ],
  ],
  ['"never closed <lea@x.fr>', [{ name: '', address: 'never closed <lea@x.fr>' }]],
  ['root', [{ name: '', address: 'root' }]],
  ['', []],
  ['<>', []],
])('RFC 5322 §3.4 %j', (text, mailboxes) => {
  expect(mailboxesOf(text)).toEqual(mailboxes);
});

test('RFC 5322 §4.4 groups and routes are told apart from mailboxes', () => {
  expect(parseAddressList('Equipe: <@r.fr:a@x.fr>;')).toEqual([
    { group: 'Equipe', members: [{ name: undefined, route: '@r.fr', local: 'a', domain: 'x.fr' }] },
  ]);
});

test('any text is read without error', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'ab@.,:;<>()"\\ \t\xa0\xe9'), maxLength: 200 }),
      (text) => void parseAddressList(text),
    ),
  );
});

test.each(['(', '"', '<', 'a:', 'a@b,', '. ', '@ ', 'x ', '\\', 'a <', '<a@b> '])('128 KiB of %j take linear time', (piece) => {
  expect(cpuMsOf(() => void parseAddressList(piece.repeat(131_072 / piece.length)))).toBeLessThan(1500);
});
