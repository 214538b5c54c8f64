import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Address } from '../../../src/core/address.ts';
import { LetterFingerprint } from '../../../src/mail/automatic/letter-fingerprint.ts';
import { HeaderBlockReader } from '../../../src/mail/header-block.ts';
import { parseHeaders } from '../../../src/mail/headers.ts';
import { letter } from '../letters.ts';
import { doctor } from './facts.ts';

function fingerprint(bytes: Buffer, sender: Address | null = doctor, sizes: readonly number[] = [bytes.length || 1]): string {
  const reader = new LetterFingerprint();
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    reader.write(bytes.subarray(at, at + size));
    at += size;
  }
  const print = reader.end(sender, parseHeaders(bytes));
  expect(print).toHaveLength(32);
  return print.toString('hex');
}

const fields = [
  'From: a@b.fr',
  'Date: Sun, 22 Nov 2026 00:40:11 +0000',
  'Subject: Bonjour  à',
  'Message-ID: <id@x.fr>',
  'Reply-To: c@d.fr',
];
const body = ['', 'Bonjour', ''];
const plain = letter(...fields, ...body);

test.each<[string, Buffer]>([
  ['trace fields added on the way', letter('Return-Path: <a@b.fr>', 'Received: from x', '\tby y', ...fields, 'DKIM-Signature: z', ...body)],
  ['a line folded elsewhere', letter(...fields.map((field) => field.replace(': ', ':\r\n ')), ...body)],
  ['its fields in another order', letter(...[...fields].reverse(), ...body)],
])('requirement 29: a letter with %s is the same letter', (_, changed) => {
  expect(fingerprint(changed)).toBe(fingerprint(plain));
});

test.each<[string, Buffer, Address | null]>([
  ['another sender', plain, 'a@b.fr' as Address],
  ['no sender', plain, null],
  ['another body', letter(...fields, '', 'bonjour', ''), doctor],
  ['a body cut short', plain.subarray(0, -1), doctor],
  ['another Message-ID', letter(...fields.map((field) => field.replace('id@', 'ie@')), ...body), doctor],
  ['another subject', letter(...fields.map((field) => field.replace('Bonjour', '[FIN]')), ...body), doctor],
  ['X-MSS-MES added', letter(...fields, 'X-MSS-MES: FIN', ...body), doctor],
  ['a second Reply-To', letter(...fields, 'Reply-To: e@f.fr', ...body), doctor],
  ['Reply-To taken away', letter(...fields.slice(0, -1), ...body), doctor],
  ['a value moved to another field', letter('From: a@b.fr', 'Subject: c@d.fr', ...body), doctor],
])('requirement 29: a letter with %s is another letter', (_, changed, sender) => {
  expect(fingerprint(changed, sender)).not.toBe(fingerprint(plain));
});

test('requirement 29: values that move from one field to another make another letter', () => {
  expect(fingerprint(letter('From: a', 'Subject: b', ...body))).not.toBe(fingerprint(letter('From: b', 'Subject: a', ...body)));
  expect(fingerprint(letter('Subject: a', 'Subject: b', ...body))).not.toBe(fingerprint(letter('Subject: ab', ...body)));
});

test('any cutting into chunks gives the same fingerprint, and the body begins where the header block ends', () => {
  const lines = fc.array(fc.constantFrom('\r\n', '\n', '\r', 'a', 'From: x', ' ', '\n\n', '\r\n\r\n'), { maxLength: 20 });
  fc.assert(
    fc.property(lines, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }), (pieces, sizes) => {
      const bytes = Buffer.from(pieces.join(''));
      expect(fingerprint(bytes, doctor, sizes)).toBe(fingerprint(bytes));
      const progress = new HeaderBlockReader(1000).read(bytes);
      if (progress.is !== 'whole') return;
      const withBody = (body: string): string => fingerprint(Buffer.concat([progress.block, Buffer.from(body)]));
      expect(new Set([withBody(''), withBody('x'), withBody('y'), withBody('\n')]).size).toBe(4);
    }),
    { numRuns: 500 },
  );
});
