// Lines out of a stream, however it is cut, and from any of their beginnings.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type TextLine, textLines } from '../../../directory/imports/text-lines.ts';

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function linesOf(bytes: Buffer, size: number, from = { byte: 0, line: 0 }, longest = 5): Promise<TextLine[]> {
  const lines: TextLine[] = [];
  for await (const line of textLines(chunksOf(bytes.subarray(from.byte), size), from, longest)) lines.push(line);
  return lines;
}

const text = fc
  .array(fc.constantFrom('a', 'b', '\n', '\r', '\r\n', 'é', 'abcdef'), { maxLength: 40 })
  .map((parts) => Buffer.from(parts.join('')));

test('the lines are the same whatever the size of the chunks, and go on from the end of any of them', async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (bytes, size) => {
      const whole = await linesOf(bytes, bytes.length || 1);
      expect(await linesOf(bytes, size)).toEqual(whole);
      for (const { line, endsAt } of whole) {
        expect(await linesOf(bytes, size, { byte: endsAt, line })).toEqual(whole.slice(line));
      }
      expect(whole.at(-1)?.endsAt ?? 0).toBe(bytes.length);
    }),
  );
});

test.each([
  ['a\nb', ['a', 'b']],
  ['a\r\nb\r\n', ['a', 'b']],
  ['\n\na', ['', '', 'a']],
  ['a\rb\n', ['a\rb']],
  ['12345\r\n123456\n1\n', ['12345', undefined, '1']],
  ['1234567890\n1', [undefined, '1']],
  ['123456', [undefined]],
  ['', []],
])('%j', async (given, expected) => {
  expect((await linesOf(Buffer.from(given), 3)).map(({ bytes }) => bytes?.toString())).toEqual(expected);
});
