import { expect, test } from 'vitest';
import { newId } from '../../src/core/ids.ts';

test('RFC 9562 §5.7 an identifier begins with its time and says its version and variant', () => {
  expect(newId(Date.UTC(2026, 10, 22))).toMatch(
    /^019fa6f6-f400-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$|^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(parseInt(newId(1_795_305_600_000).replaceAll('-', '').slice(0, 12), 16)).toBe(1_795_305_600_000);
});

test('identifiers made later sort later, and no two are the same', () => {
  expect(newId(1) < newId(2) && newId(0xffff) < newId(0x10000)).toBe(true);
  expect(new Set(Array.from({ length: 10_000 }, () => newId(5))).size).toBe(10_000);
});
