import { expect, test } from 'vitest';
import { UnavailableError } from '../../src/core/errors.ts';
import { GroupCommit } from '../../src/delivery/group-commit.ts';

const sqlError = (code: string) => Object.assign(new Error('refused by the database'), { code });

test('letters that end while a group commits travel together in the next', async () => {
  const groups: number[][] = [];
  const group = new GroupCommit<number, number>({
    maxItems: 3,
    maxGroups: 1,
    commit: async (items) => {
      groups.push([...items]);
      return items.map((item) => item * 10);
    },
  });
  const first = Promise.all([1, 2].map((item) => group.submit(item)));
  const later = new Promise<number[]>((resolve) =>
    setImmediate(() => resolve(Promise.all([3, 4, 5, 6].map((item) => group.submit(item))))),
  );
  expect(await first).toEqual([10, 20]);
  expect(await later).toEqual([30, 40, 50, 60]);
  expect(groups).toEqual([[1, 2], [3, 4, 5], [6]]);
});

test('one bad letter does not fail its neighbours', async () => {
  const committed: string[] = [];
  const group = new GroupCommit<string, string>({
    maxItems: 64,
    maxGroups: 1,
    commit: async (items) => {
      if (items.includes('bad')) throw sqlError('22021');
      committed.push(...items);
      return items.map(() => 'kept');
    },
  });
  const outcomes = await Promise.allSettled(['a', 'bad', 'b'].map((item) => group.submit(item)));
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(committed).toEqual(['a', 'b']);
});

test('after a lost connection nothing is tried again: the group may have been committed', async () => {
  let commits = 0;
  const group = new GroupCommit<string, string>({
    maxItems: 64,
    maxGroups: 1,
    commit: async () => {
      commits += 1;
      throw Object.assign(new Error('Connection terminated unexpectedly'), { code: commits % 2 ? undefined : '57P01' });
    },
  });
  const outcomes = await Promise.allSettled(['a', 'b'].map((item) => group.submit(item)));
  expect(outcomes.every((outcome) => outcome.status === 'rejected' && outcome.reason instanceof UnavailableError)).toBe(true);
  expect(commits).toBe(1);
});

test('no more groups are on their way than allowed', async () => {
  let inFlight = 0;
  let most = 0;
  const group = new GroupCommit<number, number>({
    maxItems: 1,
    maxGroups: 2,
    commit: async (items) => {
      most = Math.max(most, ++inFlight);
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      inFlight -= 1;
      return items;
    },
  });
  await Promise.all(Array.from({ length: 20 }, (_, item) => group.submit(item)));
  expect(most).toBe(2);
});
