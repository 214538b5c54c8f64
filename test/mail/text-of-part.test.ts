import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textOfPart } from '../../src/mail/text-of-part.ts';

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function textOf(
  encoding: string | undefined,
  charset: string | undefined,
  bytes: Buffer,
  size: number,
  limit?: number,
): Promise<string> {
  const part = { ...(encoding ? { encoding } : {}), ...(charset ? { params: [['charset', charset]] as const } : {}) };
  let text = '';
  for await (const piece of textOfPart(part, pieces(bytes, size), limit)) text += piece;
  return text;
}

test.each<[string | undefined, string | undefined, string, string]>([
  [undefined, undefined, 'bonjour', 'bonjour'],
  [undefined, 'us-ascii', 'd\xc3\xa9j\xc3\xa0', 'déjà'],
  ['8bit', 'iso-8859-1', 'd\xe9j\xe0 \x80', 'déjà €'],
  ['quoted-printable', 'utf-8', 'd=C3=A9j=C3=A0 =\r\nvu =\nici=', 'déjà vu ici='],
  ['base64', 'utf-8', 'ZMOp\r\nasOg', 'déjà'],
  ['base64', 'utf-8', 'ZMOp asOg=', 'déjà'],
  ['x-unknown', 'x-unknown', 'd\xe9', 'dé'],
])('RFC 3501 §6.4.4 a part in %s and %s is read as text, however it is cut', async (encoding, charset, bytes, expected) => {
  for (const size of [1, 2, 3, 1000]) expect(await textOf(encoding, charset, Buffer.from(bytes, 'latin1'), size)).toBe(expected);
});

test('a text longer than the limit is cut there and its source is let go', async () => {
  let closed = false;
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield Buffer.from('abcdef');
    } finally {
      closed = true;
    }
  }
  let text = '';
  for await (const piece of textOfPart({}, endless(), 10)) text += piece;
  expect([text, closed]).toEqual(['abcdefabcd', true]);
});

test('base64 text comes back whatever the chunks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 9 }), async (text, size) => {
      const bytes = Buffer.from(Buffer.from(text).toString('base64'));
      expect(await textOf('base64', 'utf-8', bytes, size)).toBe(
        Buffer.from(text)
          .toString()
          .replace(/^\uFEFF/, ''),
      );
    }),
  );
});
