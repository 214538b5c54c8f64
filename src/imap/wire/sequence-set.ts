// Sets of message numbers or UIDs: `2,4:7,12:*`. Never expanded further than the mailbox goes: `1:4294967295` costs one range. RFC 3501 §9 (sequence-set).

/** One end of a range; `*` is the largest number in use when the command runs. */
export type SequenceEnd = number | '*';

/** One element as it was written: the ends may come in either order, a single number has both ends equal. */
export type SequenceRange = { readonly first: SequenceEnd; readonly last: SequenceEnd };

/** At least one range, in the order written. */
export type SequenceSet = readonly SequenceRange[];

/** Numbers from `first` to `last`, both included, `first` never above `last`. */
export type ResolvedRange = { readonly first: number; readonly last: number };

const maxNumber = 0xffff_ffff;
const elementShape = /^(?:\*|[1-9]\d{0,9})(?::(?:\*|[1-9]\d{0,9}))?$/;

/** Reads a set; undefined when it is none (zero, a sign, a number above 32 bits, an empty element). */
export function parseSequenceSet(text: string): SequenceSet | undefined {
  const ranges: SequenceRange[] = [];
  for (const element of text.split(',')) {
    if (!elementShape.test(element)) return undefined;
    const [first = '', last = first] = element.split(':');
    if (!fits(first) || !fits(last)) return undefined;
    ranges.push({ first: toEnd(first), last: toEnd(last) });
  }
  return ranges;
}

/**
 * The numbers meant, sorted and merged, with `*` read as `max` (the last message number, or the largest UID).
 * With `max` 0, an empty mailbox, `*` names nothing. Numbers above `max` stay: clipRanges() or matchIndexes() drop them.
 */
export function resolveSequenceSet(set: SequenceSet, max: number): readonly ResolvedRange[] {
  const resolved: ResolvedRange[] = [];
  for (const { first, last } of set) {
    if (max === 0 && (first === '*' || last === '*')) continue;
    const a = first === '*' ? max : first;
    const b = last === '*' ? max : last;
    resolved.push({ first: Math.min(a, b), last: Math.max(a, b) });
  }
  return mergeRanges(resolved);
}

/** What is left of sorted ranges between 1 and `max`. */
export function clipRanges(ranges: readonly ResolvedRange[], max: number): readonly ResolvedRange[] {
  return ranges.filter(({ first }) => first <= max).map(({ first, last }) => ({ first, last: Math.min(last, max) }));
}

/** The positions, from 0 and ascending, of the numbers of `sorted` (ascending, no repeats) that the ranges hold. */
export function matchIndexes(ranges: readonly ResolvedRange[], sorted: readonly number[]): number[] {
  const indexes: number[] = [];
  for (const { first, last } of ranges) {
    for (let index = lowerBound(sorted, first); index < sorted.length && (sorted[index] ?? 0) <= last; index += 1) indexes.push(index);
  }
  return indexes;
}

/** A compact set in the order given: only runs that go up by one are joined, so that the two sets of COPYUID stay aligned. RFC 4315 §3. */
export function formatNumberSet(numbers: Iterable<number>): string {
  const elements: string[] = [];
  let run: { first: number; last: number } | undefined;
  const closeRun = () => {
    if (run) elements.push(run.first === run.last ? `${run.first}` : `${run.first}:${run.last}`);
  };
  for (const number of numbers) {
    if (run && number === run.last + 1) run.last = number;
    else {
      closeRun();
      run = { first: number, last: number };
    }
  }
  closeRun();
  return elements.join(',');
}

function mergeRanges(ranges: ResolvedRange[]): readonly ResolvedRange[] {
  const merged: { first: number; last: number }[] = [];
  for (const range of ranges.sort((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous && range.first <= previous.last + 1) previous.last = Math.max(previous.last, range.last);
    else merged.push({ ...range });
  }
  return merged;
}

function lowerBound(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

function fits(end: string): boolean {
  return end === '*' || Number(end) <= maxNumber;
}

function toEnd(end: string): SequenceEnd {
  return end === '*' ? '*' : Number(end);
}
