import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clipRanges, formatNumberSet, matchIndexes, parseSequenceSet, resolveSequenceSet } from '../../../src/imap/wire/sequence-set.ts';

function resolve(text: string, max: number) {
  const set = parseSequenceSet(text);
  return set && resolveSequenceSet(set, max).map(({ first, last }) => `${first}:${last}`);
}

describe('RFC 3501 §9: sequence sets', () => {
  test.each([
    ['1', 10, ['1:1']],
    ['2,4:7,9,12:*', 15, ['2:2', '4:7', '9:9', '12:15']],
    ['*', 10, ['10:10']],
    ['*:4', 10, ['4:10']],
    ['559:*', 10, ['10:559']],
    ['7:4', 10, ['4:7']],
    ['3,1:2,2', 10, ['1:3']],
    ['1:4294967295', 10, ['1:4294967295']],
    ['*,1', 0, ['1:1']],
  ])('%s with %i as the largest', (text, max, ranges) => {
    expect(resolve(text, max)).toEqual(ranges);
  });

  test.each(['', '0', '0:1', '-1', '1,', ',1', '1::2', '1:2:3', '4294967296', '99999999999', '01', 'a', '1 2', '**'])(
    '%j is refused',
    (text) => {
      expect(parseSequenceSet(text)).toBeUndefined();
    },
  );

  test('the whole range of UIDs costs no more than the mailbox has messages', () => {
    const ranges = resolveSequenceSet(parseSequenceSet('1:4294967295') ?? [], 30);
    expect(matchIndexes(ranges, [3, 10, 30])).toEqual([0, 1, 2]);
    expect(clipRanges(ranges, 5)).toEqual([{ first: 1, last: 5 }]);
    expect(clipRanges(ranges, 0)).toEqual([]);
  });

  test('matching agrees with looking at every UID', () => {
    const end = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constant('*'));
    const setText = fc
      .array(
        fc.tuple(end, end).map(([a, b]) => `${a}:${b}`),
        { minLength: 1, maxLength: 6 },
      )
      .map((all) => all.join(','));
    fc.assert(
      fc.property(setText, fc.uniqueArray(fc.integer({ min: 1, max: 60 })), (text, unsorted) => {
        const uids = unsorted.sort((a, b) => a - b);
        const max = uids.at(-1) ?? 0;
        const isNamed = (uid: number) =>
          text.split(',').some((element) => {
            const [a = 0, b = 0] = element.split(':').map((side) => (side === '*' ? max : Number(side)));
            return uid >= Math.min(a, b) && uid <= Math.max(a, b);
          });
        const expected = uids.flatMap((uid, index) => (isNamed(uid) ? [index] : []));
        expect(matchIndexes(resolveSequenceSet(parseSequenceSet(text) ?? [], max), uids)).toEqual(expected);
      }),
    );
  });

  test('RFC 4315 §3: a printed set is read back number for number, in its order', () => {
    expect(formatNumberSet([1, 2, 3, 7, 9, 10])).toBe('1:3,7,9:10');
    expect(formatNumberSet([5, 4, 3])).toBe('5,4,3');
    expect(formatNumberSet([])).toBe('');
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (numbers) => {
        const readBack = formatNumberSet(numbers)
          .split(',')
          .flatMap((element) => {
            const [first = 0, last = first] = element.split(':').map(Number);
            return Array.from({ length: last - first + 1 }, (_, index) => first + index);
          });
        expect(readBack).toEqual(numbers);
      }),
    );
  });
});
