// What was measured, as text; and what it means for all of France, on paper.
import type { LookupTimes, Size } from './measure.ts';

/** One size of the registry, as it was found. */
export type Stage = {
  readonly citizens: number;
  readonly loadedInMs: number;
  readonly sizes: readonly Size[];
  readonly lookups: LookupTimes;
};

const everybody = 65_000_000;

/** A table of the stages, and the largest one's sizes carried on to 65 million. */
export function describeScale(stages: readonly Stage[]): string {
  const [first, last] = [stages[0], stages.at(-1)];
  if (!first || !last) return '';
  const rows = stages.map(({ citizens, loadedInMs, lookups, sizes }) => [
    million(citizens),
    `${(loadedInMs / 1000).toFixed(0)} s`,
    gib(sizes.reduce((sum, size) => sum + size.bytes, 0)),
    `${lookups.medianMs.toFixed(2)} ms`,
    `${lookups.p99Ms.toFixed(2)} ms`,
    lookups.perSecond.toFixed(0),
  ]);
  const perCitizen = last.sizes.map(({ name, bytes }) => [
    name,
    gib(bytes),
    `${(bytes / last.citizens).toFixed(0)} B`,
    gib((bytes / last.citizens) * everybody),
  ]);
  const ratio = last.lookups.medianMs / first.lookups.medianMs;
  const tail = last.lookups.p99Ms / first.lookups.p99Ms;
  return [
    '',
    ...table(['citizens', 'loaded in', 'on disk', 'median', 'p99', 'lookups/s'], rows),
    `ratio of medians ${ratio.toFixed(2)}, of 99th percentiles ${tail.toFixed(2)}`,
    '',
    ...table([`at ${million(last.citizens)}`, 'size', 'a citizen', `at ${million(everybody)}`], perCitizen),
    '',
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

const million = (count: number) => `${(count / 1_000_000).toLocaleString('en', { maximumFractionDigits: 2 })} M`;
const gib = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(3)} GiB`;
