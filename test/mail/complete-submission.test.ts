import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Address } from '../../src/core/address.ts';
import { RefusedError } from '../../src/core/errors.ts';
import { mailboxesOf } from '../../src/mail/address-list.ts';
import { CompleteSubmission, completeHeader, type SubmissionCompletion } from '../../src/mail/complete-submission.ts';
import { parseHeaders } from '../../src/mail/headers.ts';
import { ObserveHeaders } from '../../src/mail/observe-headers.ts';
import { letter } from './letters.ts';

const address = '279035121518989@patient.mssante.fr' as Address;
const now = new Date('2026-11-22T00:40:11Z');
const plain: SubmissionCompletion = { now, messageIdDomain: 'patient.mssante.fr' };
const named = (name: string | undefined): SubmissionCompletion => ({ ...plain, from: { name, address } });

async function through(stream: CompleteSubmission | ObserveHeaders, bytes: Buffer, size: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, turn) => bytes.subarray(turn * size, (turn + 1) * size));
  await pipeline(Readable.from(chunks), stream, async (source: AsyncIterable<Buffer>) => {
    for await (const piece of source) pieces.push(piece);
  });
  return Buffer.concat(pieces);
}

test.each([1, 3, 100_000])('a complete letter passes byte for byte, in chunks of %d', async (size) => {
  const bytes = letter('X-Odd: \xff\0', 'junk', 'Date: whenever', 'From: a@x.fr', 'Message-ID: <1@x>', '', 'body\n\r\0\xff', '.');
  const stream = new CompleteSubmission(plain);
  expect(await through(stream, bytes, size)).toEqual(bytes);
  expect((await stream.headers).get('message-id')).toBe('<1@x>');
});

test.each([1, 3, 100_000])(
  'requirement 34: From becomes the holder, Bcc and Return-Path go, the rest stays, in chunks of %d',
  async (size) => {
    const bytes = letter(
      'Return-Path: <z@x.fr>',
      'Subject: a',
      'From: Someone',
      ' Else <e@x.fr>',
      'Bcc: b@x.fr,',
      ' c@x.fr',
      'From : Second <s@x.fr>',
      'Resent-Bcc: d@x.fr',
      'To: t@x.fr',
      '',
      'Bcc: in the body',
      '',
    );
    const stream = new CompleteSubmission(named('Dominique PAT-TROIS'));
    const completed = (await through(stream, bytes, size)).toString();
    const id = (await stream.headers).get('message-id');
    expect(completed).toBe(
      letter(
        'Subject: a',
        'From: "Dominique PAT-TROIS" <279035121518989@patient.mssante.fr>',
        'To: t@x.fr',
        'Date: Sun, 22 Nov 2026 00:40:11 +0000',
        `Message-ID: ${id}`,
        '',
        'Bcc: in the body',
        '',
      ).toString(),
    );
    expect(id).toMatch(/^<[0-9a-f-]{36}@patient\.mssante\.fr>$/);
    expect((await stream.headers).get('bcc')).toBeUndefined();
  },
);

test.each<[string, Buffer]>([
  ['nothing at all', Buffer.alloc(0)],
  ['a header without blank line', Buffer.from('Subject: x')],
  ['bare line feeds', Buffer.from('Subject: x\n\nbody\n')],
  ['an empty Date', letter('Date:', 'Message-ID: ', '', 'body')],
])('RFC 6409 §8 Date, Message-ID and From are added to %s', async (_, bytes) => {
  const stream = new CompleteSubmission(named(undefined));
  const completed = await through(stream, bytes, 4);
  const headers = parseHeaders(completed);
  expect(headers.get('from')).toBe(`<${address}>`);
  expect(headers.get('date')).toBe('Sun, 22 Nov 2026 00:40:11 +0000');
  expect(headers.getAll('message-id')).toEqual([expect.stringMatching(/^<.+>$/)]);
  expect(bytes.includes('\r') || !bytes.includes('\n') || !completed.includes('\r')).toBe(true);
});

test.each<[string, string]>([
  ['Dominique PAT-TROIS', 'Dominique PAT-TROIS'],
  ['Léa "la" Martin', 'Léa "la" Martin'],
  ['back\\slash "quote"', 'back\\slash "quote"'],
  ['x\r\nBcc: evil@x.fr', 'x Bcc: evil@x.fr'],
  ['x\0y\u2028z\u202Ew', 'x y z w'],
  ['" <evil@x.fr>, "', '" <evil@x.fr>, "'],
  ['=?utf-8?q?=0D=0ABcc:_e?=', '=?utf-8?q?=0D=0ABcc:_e?='],
  ['   ', ''],
])('requirement 34: the name %j cannot inject a field', (name, seen) => {
  const headers = parseHeaders(completeHeader(letter('Subject: x', '', ''), named(name)));
  expect(headers.fields.map((field) => field.name)).toEqual(['subject', 'from', 'date', 'message-id']);
  expect(mailboxesOf(headers.get('from') ?? '').map((mailbox) => mailbox.address)).toEqual([address]);
  if (!name.startsWith('=?')) expect(mailboxesOf(headers.get('from') ?? '')[0]?.name).toBe(seen);
});

test('requirement 34: no name whatever adds a field, an address or a long line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      const completed = completeHeader(letter('Subject: x', '', ''), named(name));
      const headers = parseHeaders(completed);
      expect(headers.fields.map((field) => field.name)).toEqual(['subject', 'from', 'date', 'message-id']);
      expect(mailboxesOf(headers.get('from') ?? '').map((mailbox) => mailbox.address)).toEqual([address]);
      expect(
        completed
          .toString('latin1')
          .split('\r\n')
          .every((line) => line.length <= 998),
      ).toBe(true);
    }),
  );
});

test('a header that never ends is refused, and whoever waits for it hears so', async () => {
  const stream = new CompleteSubmission(plain);
  await expect(through(stream, Buffer.alloc(300 * 1024, 'x'), 65_536)).rejects.toMatchObject({
    name: 'RefusedError',
    code: 'header-too-large',
  });
  await expect(stream.headers).rejects.toBeInstanceOf(RefusedError);
});

test('a letter that is abandoned in its header rejects the headers', async () => {
  const stream = new CompleteSubmission(plain);
  stream.write(Buffer.from('Subject: x\r\n'));
  stream.destroy();
  await expect(stream.headers).rejects.toThrow('ended before its header');
});

test('a slow reader holds back the writer', async () => {
  const stream = new CompleteSubmission(plain);
  stream.write(letter('Date: x', 'Message-ID: y', '', ''));
  let written = 0;
  while (stream.write(Buffer.alloc(16_384)) && written < 100) written += 1;
  expect(written).toBeLessThan(100);
  stream.destroy();
});

test.each([1, 7, 1_000_000])('a letter from another operator passes unchanged and its header is known, in chunks of %d', async (size) => {
  const bytes = letter('X-MSS-MES: FIN', 'From: a@x.fr', '', 'body');
  const stream = new ObserveHeaders();
  expect(await through(stream, bytes, size)).toEqual(bytes);
  expect((await stream.headers).get('x-mss-mes')).toBe('FIN');
});

test('a letter from another operator with a huge header passes unchanged, its first fields known', async () => {
  const bytes = Buffer.concat([letter('X-MSS-MES: FIN', ''), Buffer.alloc(300 * 1024, 'x')]);
  const stream = new ObserveHeaders();
  expect(await through(stream, bytes, 65_536)).toEqual(bytes);
  expect((await stream.headers).get('x-mss-mes')).toBe('FIN');
});
