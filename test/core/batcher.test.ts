import { expect, test } from 'vitest';
import { batched } from '../../src/core/batcher.ts';

test('what is asked in one turn is loaded once, and each hears its own answer', async () => {
  const loads: number[][] = [];
  const double = batched(async (keys: readonly number[]) => {
    loads.push([...keys]);
    return new Map(keys.filter((key) => key !== 3).map((key) => [key, key * 2]));
  });
  expect(await Promise.all([double(1), double(2), double(1), double(3)])).toEqual([2, 4, 2, undefined]);
  expect(await double(1)).toBe(2);
  expect(loads).toEqual([[1, 2, 3], [1]]);
});

test('a turn with more keys than a batch holds is loaded in several', async () => {
  const sizes: number[] = [];
  const same = batched(async (keys: readonly number[]) => {
    sizes.push(keys.length);
    return new Map(keys.map((key) => [key, key]));
  }, 2);
  expect(await Promise.all([same(1), same(2), same(3)])).toEqual([1, 2, 3]);
  expect(sizes).toEqual([2, 1]);
});

test('a failing load fails the questions of its turn alone', async () => {
  let failing = true;
  const ask = batched(async (keys: readonly string[]) => {
    if (failing) throw new Error('The database has gone');
    return new Map(keys.map((key) => [key, key]));
  });
  await expect(Promise.all([ask('a'), ask('b')])).rejects.toThrow('gone');
  failing = false;
  expect(await ask('a')).toBe('a');
});
