// Many pokes become few, and none is forgotten.
import { expect, test } from 'vitest';
import { atMostEvery } from '../../src/core/at-most-every.ts';
import { until } from '../support/until.ts';

test('the first is said at once, those of the pause together after it', async () => {
  let said = 0;
  const say = atMostEvery(30, () => {
    said += 1;
  });
  for (let time = 0; time < 1000; time += 1) say();
  expect(said).toBe(1);
  await until('the others are said', () => said === 2);
});

test('silence says nothing', async () => {
  let said = 0;
  const say = atMostEvery(1, () => {
    said += 1;
  });
  say();
  await until('a second call is said at once again', () => {
    if (said === 1) say();
    return said === 2;
  });
  expect(said).toBe(2);
});
