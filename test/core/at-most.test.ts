import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { atMost } from '../../src/core/at-most.ts';

test('atMost() lets that many pieces of work go at once, in the order they came, and goes on after one that fails', async () => {
  const gate = atMost(2);
  let underWay = 0;
  let most = 0;
  const begun: number[] = [];
  const outcomes = await Promise.allSettled(
    Array.from({ length: 7 }, (_, number) =>
      gate(async () => {
        begun.push(number);
        underWay += 1;
        most = Math.max(most, underWay);
        await turn();
        underWay -= 1;
        if (number % 3 === 0) throw new Error('failed');
        return number;
      }),
    ),
  );
  expect(most).toBe(2);
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([false, true, true, false, true, true, false]);
  expect(await gate(() => Promise.resolve('free again'))).toBe('free again');
});
