import { expect, test } from 'vitest';
import { type Form, indexOf, letter, readForm } from './letters.ts';

const lea: Form = [[null, null, 'lea', 'x.fr']];

test.each<[string, string[], Form]>([
  ['nothing is ten times NIL', [''], Array<null>(10).fill(null)],
  ['sender and reply-to repeat from', ['From: lea@x.fr', ''], [null, null, lea, lea, lea, null, null, null, null, null]],
  ['an empty Reply-To repeats from', ['From: lea@x.fr', 'Reply-To:', ''], [null, null, lea, lea, lea, null, null, null, null, null]],
  [
    'every field in its place, raw',
    [
      'Date: Sun, 22 Nov 2026 00:40:11 +0000',
      'Subject: =?utf-8?q?=C3=A9?=',
      'From: "Martin \\"L\\"" <lea@x.fr>',
      'Sender: s@x.fr',
      'Reply-To: r@x.fr',
      'To: t@x.fr, u@x.fr',
      'Cc: c@x.fr',
      'Bcc: b@x.fr',
      'In-Reply-To: <1@x>',
      'Message-ID: <2@x>',
      '',
    ],
    [
      'Sun, 22 Nov 2026 00:40:11 +0000',
      '=?utf-8?q?=C3=A9?=',
      [['Martin "L"', null, 'lea', 'x.fr']],
      [[null, null, 's', 'x.fr']],
      [[null, null, 'r', 'x.fr']],
      [
        [null, null, 't', 'x.fr'],
        [null, null, 'u', 'x.fr'],
      ],
      [[null, null, 'c', 'x.fr']],
      [[null, null, 'b', 'x.fr']],
      '<1@x>',
      '<2@x>',
    ],
  ],
  [
    'groups open and close',
    ['To: Equipe: a@x.fr, b@x.fr;', 'Cc: none:;', ''],
    [
      null,
      null,
      null,
      null,
      null,
      [
        [null, null, 'Equipe', null],
        [null, null, 'a', 'x.fr'],
        [null, null, 'b', 'x.fr'],
        [null, null, null, null],
      ],
      [
        [null, null, 'none', null],
        [null, null, null, null],
      ],
      null,
      null,
      null,
    ],
  ],
  [
    '8-bit bytes are a literal, NUL is dropped',
    ['Subject: caf\xc3\xa9\0', ''],
    [null, 'caf\xc3\xa9', null, null, null, null, null, null, null, null],
  ],
  [
    'a missing domain is an empty string',
    ['To: root', ''],
    [null, null, null, null, null, [[null, null, 'root', '']], null, null, null, null],
  ],
  [
    'obsolete routes are kept',
    ['To: <@r.fr:t@x.fr>', ''],
    [null, null, null, null, null, [[null, '@r.fr', 't', 'x.fr']], null, null, null, null],
  ],
])('RFC 3501 §7.4.2 envelope: %s', (_, lines, expected) => {
  expect(readForm(indexOf(letter(...lines, '')).envelope)).toEqual(expected);
});

test('the index knows Message-ID and Date as values', () => {
  const index = indexOf(letter('Message-ID: <2@x>', 'Date: 22 Nov 2026 00:40:11 +0000', '', 'x'));
  expect([index.messageId, index.sentAt?.toISOString(), index.sizeBytes]).toEqual(['<2@x>', '2026-11-22T00:40:11.000Z', 56]);
  expect(indexOf(letter('Date: soon', '', 'x'))).toMatchObject({ messageId: null, sentAt: null });
});
