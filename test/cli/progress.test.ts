// How far a long command is: a bar that fits its terminal and goes away, plain lines for a log.
import { expect, test } from 'vitest';
import { openProgress } from '../../src/cli/progress.ts';
import { durationText, progressText } from '../../src/cli/progress-text.ts';

/** What is drawn with a clock of the test's own. `advance` lets time pass. */
function draw(kind: 'bar' | 'lines', columns = 80) {
  const drawn: string[] = [];
  let nowMs = 0;
  const progress = openProgress(kind, { columns, write: (text) => drawn.push(text) }, () => nowMs);
  const advance = (ms: number) => {
    nowMs += ms;
  };
  return { drawn, progress, advance };
}

const reading = (done: number, total = 600_000) => ({ what: 'Lecture', done, unit: 'lignes', fraction: done / total });
// French numbers are parted by narrow no-break spaces.
const plain = (text: string) => text.replace(/\s/g, ' ');

test('a bar says how far, how fast and how long still, and is erased at the end', () => {
  const { drawn, progress, advance } = draw('bar', 100);
  progress.show(reading(0));
  advance(10_000);
  progress.show(reading(150_000));
  progress.end();
  expect(drawn.map(plain)).toEqual([
    expect.stringMatching(/^ Lecture \[\.{40}\] {3}0 % {2}0 lignes.\[K$/),
    expect.stringMatching(/^ Lecture \[#{10}\.{30}\] {2}25 % {2}150 000 lignes {2}15 000\/s {2}encore 30 s.\[K$/),
    expect.stringMatching(/^ .\[K$/),
  ]);
});

test('whatever the width of the terminal, the line stays within it', () => {
  for (let columns = 1; columns <= 250; columns += 1) {
    const text = progressText(reading(599_999), { perSecond: 123_456, leftMs: 3_900_000 }, columns - 1);
    expect([...text].length).toBeLessThan(Math.max(columns, 1));
    expect(progressText({ what: 'Écriture', done: 12, unit: 'lignes' }, {}, columns - 1).length).toBeLessThan(Math.max(columns, 1));
  }
});

test('a hundred thousand calls draw ten bars a second at most, and a new step at once', () => {
  const { drawn, progress, advance } = draw('bar');
  for (let line = 0; line < 100_000; line += 1) {
    progress.show(reading(line));
    advance(0.01);
  }
  expect(drawn).toHaveLength(10);
  progress.show({ what: 'Comparaison', done: 0, unit: 'lignes' });
  expect(drawn).toHaveLength(11);
});

test('an import that is resumed at the half is not said to be twice as fast', () => {
  const { drawn, progress, advance } = draw('lines');
  progress.show(reading(300_000));
  for (const done of [310_000, 320_000]) {
    advance(5000);
    progress.show(reading(done));
  }
  expect(drawn.map(plain)).toEqual(
    [
      'Lecture 50 % 300 000 lignes ',
      'Lecture 51 % 310 000 lignes 2 000/s encore 2 min 25 s ',
      'Lecture 53 % 320 000 lignes 2 000/s encore 2 min 20 s ',
    ].map((line) => expect.stringMatching(new RegExp(`^${line.replaceAll(' ', ' +')}$`))),
  );
});

test('a figure that goes wrong draws no wrong bar', () => {
  expect(progressText({ what: 'Lecture', done: 2, unit: 'lignes', fraction: 1.5 }, {}, 60)).toMatch(/\[#+\] 100 %/);
  expect(progressText({ what: 'Lecture', done: 2, unit: 'lignes', fraction: -1 }, {}, 60)).toMatch(/\[\.+\] {3}0 %/);
});

test.each([
  [0, '0 s'],
  [59_400, '59 s'],
  [59_600, '1 min 00 s'],
  [3_599_000, '59 min 59 s'],
  [3_600_000, '1 h 00 min'],
  [90_000_000, '25 h 00 min'],
])('%d ms is said %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
