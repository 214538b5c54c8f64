import fc from 'fast-check';
import { expect, test } from 'vitest';
import { carriedText, isSevenBit } from '../../../src/mail/automatic/seven-bit.ts';
import { transferDecoderFor } from '../../../src/mail/transfer-decoding.ts';

const line = fc.string({ unit: fc.constantFrom('a', ' ', '\t', '=', '.', '\r', '\0', '\xe9', 'x'.repeat(70)), maxLength: 30 });
const text = fc.array(line, { maxLength: 10 }).map((lines) => Buffer.from(lines.join('\r\n'), 'latin1'));

test('RFC 2045 §6.7 whatever the bytes, what is carried is seven-bit and comes back', () => {
  fc.assert(
    fc.property(text, (bytes) => {
      const carried = carriedText(bytes);
      expect(isSevenBit(carried.bytes)).toBe(true);
      const decoder = transferDecoderFor(carried.encoding);
      expect(Buffer.concat([decoder.write(carried.bytes), decoder.end()])).toEqual(bytes);
      if (carried.encoding === '7bit') return;
      for (const encoded of carried.bytes.toString('latin1').split('\r\n')) expect(encoded).toMatch(/^(?:[\t !-~]{0,75}[!-~])?$/);
    }),
    { numRuns: 500 },
  );
});

test('a line feed alone gets its carriage return, and plain text is left as it is', () => {
  expect(carriedText(Buffer.from('a\nb\r\n'))).toEqual({ encoding: '7bit', bytes: Buffer.from('a\r\nb\r\n') });
});
