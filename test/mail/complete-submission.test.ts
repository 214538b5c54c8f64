import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Address } from '../../src/core/address.ts';
import { mailboxesOf } from '../../src/mail/address-list.ts';
import { completeHeader, completeSubmission, type SubmissionCompletion } from '../../src/mail/complete-submission.ts';
import { type Headers, parseHeaders } from '../../src/mail/headers.ts';
import { observeHeaders } from '../../src/mail/observe-headers.ts';
import type { PassingLetter } from '../../src/mail/passing-letter.ts';
import { letter } from './letters.ts';

const address = '279035121518989@patient.mssante.fr' as Address;
const now = new Date('2026-11-22T00:40:11Z');
const plain: SubmissionCompletion = { now, messageIdDomain: 'patient.mssante.fr' };
const named = (name: string | undefined): SubmissionCompletion => ({ ...plain, from: { name, address } });

type Passing = (source: AsyncIterable<Buffer>) => PassingLetter;
const completing =
  (completion: SubmissionCompletion): Passing =>
  (source) =>
    completeSubmission(source, completion);

/** Sends bytes through in chunks of one size, and says what came out. */
async function through(pass: Passing, bytes: Buffer, size: number): Promise<{ passed: Buffer; headers: Headers }> {
  const letter = pass(inChunks(bytes, size));
  const pieces: Buffer[] = [];
  for await (const piece of letter.bytes) pieces.push(piece);
  return { passed: Buffer.concat(pieces), headers: letter.headers() };
}

async function* inChunks(bytes: Buffer, size: number): AsyncIterable<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test.each([1, 3, 100_000])('a complete letter passes byte for byte, in chunks of %d', async (size) => {
  const bytes = letter('X-Odd: \xff\0', 'junk', 'Date: whenever', 'From: a@x.fr', 'Message-ID: <1@x>', '', 'body\n\r\0\xff', '.');
  const { passed, headers } = await through(completing(plain), bytes, size);
  expect(passed).toEqual(bytes);
  expect(headers.get('message-id')).toBe('<1@x>');
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
      'Sender: "Dr Important" <ministre@x.fr>',
      'To: t@x.fr',
      '',
      'Bcc: in the body',
      '',
    );
    const { passed, headers } = await through(completing(named('Dominique PAT-TROIS')), bytes, size);
    const id = headers.get('message-id');
    expect(passed.toString()).toBe(
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
    expect(headers.get('bcc')).toBeUndefined();
  },
);

test.each<[string, Buffer]>([
  ['nothing at all', Buffer.alloc(0)],
  ['a header without blank line', Buffer.from('Subject: x')],
  ['bare line feeds', Buffer.from('Subject: x\n\nbody\n')],
  ['an empty Date', letter('Date:', 'Message-ID: ', '', 'body')],
])('RFC 6409 §8 Date, Message-ID and From are added to %s', async (_, bytes) => {
  const { passed: completed } = await through(completing(named(undefined)), bytes, 4);
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

test('a header that never ends is refused before it is held', async () => {
  const letter = completeSubmission(inChunks(Buffer.alloc(300 * 1024, 'x'), 65_536), plain);
  await expect(buffer(letter.bytes)).rejects.toMatchObject({ name: 'RefusedError', code: 'header-too-large' });
  expect(() => letter.headers()).toThrow('not passed yet');
});

test('a source that breaks in the header or in the body breaks the letter', async () => {
  for (const before of ['Subject: x\r\n', 'Subject: x\r\n\r\nbody']) {
    const broken = (async function* () {
      yield Buffer.from(before);
      throw new Error('The client has gone');
    })();
    await expect(buffer(completeSubmission(broken, plain).bytes)).rejects.toThrow('The client has gone');
  }
});

test('nothing is read before it is asked for, and a reader who gives up lets the source go', async () => {
  let read = 0;
  let isReleased = false;
  const source = (async function* () {
    try {
      for (;;) {
        read += 1;
        yield read === 1 ? letter('Date: x', 'Message-ID: y', '', '') : Buffer.alloc(16_384);
      }
    } finally {
      isReleased = true;
    }
  })();
  for await (const _chunk of completeSubmission(source, plain).bytes) if (read === 3) break;
  expect([read, isReleased]).toEqual([3, true]);
});

test.each([1, 7, 1_000_000])('a letter from another operator passes unchanged and its header is known, in chunks of %d', async (size) => {
  const bytes = letter('X-MSS-MES: FIN', 'From: a@x.fr', '', 'body');
  const { passed, headers } = await through(observeHeaders, bytes, size);
  expect(passed).toEqual(bytes);
  expect(headers.get('x-mss-mes')).toBe('FIN');
});

test('a letter from another operator with a huge header passes unchanged, its first fields known', async () => {
  const bytes = Buffer.concat([letter('X-MSS-MES: FIN', ''), Buffer.alloc(300 * 1024, 'x')]);
  const { passed, headers } = await through(observeHeaders, bytes, 65_536);
  expect(passed).toEqual(bytes);
  expect(headers.get('x-mss-mes')).toBe('FIN');
});
