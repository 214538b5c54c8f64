// A large extraction, imported by a process that is killed on its way. EXTRACTION_LINES=600000 makes it as large as the national one,
// TEST_DURABLE=1 writes it to a server that syncs to disk.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ImportOutcome } from '../../../directory/extraction/run-import.ts';
import { writeExtraction } from '../../../directory/extraction/write-extraction.ts';
import { directoryMigrations } from '../../../directory/migrations/set.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { extractionLines, publishedHeader } from '../../support/extraction-lines.ts';

const lines = Number(process.env.EXTRACTION_LINES ?? 25_000);
const script = fileURLToPath(new URL('./import-process.ts', import.meta.url));

let database: TestDatabase;
let folder: string;
let file: string;
beforeAll(async () => {
  database = await createTestDatabase([directoryMigrations]);
  folder = await mkdtemp(join(tmpdir(), 'passerelle-extraction-'));
  file = join(folder, 'extraction.txt');
  await pipeline(Readable.from(textOf(lines)), createWriteStream(file));
}, 300_000);
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

function* textOf(count: number): Generator<string> {
  yield `\ufeff${publishedHeader}\r\n`;
  for (const line of extractionLines(count)) yield `${line}\r\n`;
}

type Step = { readonly line: number };
type End = { readonly outcome: ImportOutcome; readonly peakBytes: number };

const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** Runs the import, killed when `isEnough` of its steps; its steps, and its end when it came to one. */
async function run(isEnough: (step: Step) => boolean = () => false): Promise<{ readonly steps: readonly Step[]; readonly end?: End }> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(database.connection), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const exit = once(child, 'exit');
  const steps: Step[] = [];
  let end: End | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const told = JSON.parse(line) as Step | End;
    if ('outcome' in told) end = told;
    else if (steps.push(told) > 0 && isEnough(told)) child.kill('SIGKILL');
  }
  await exit;
  return { steps, ...(end && { end }) };
}

test('requirement 24: an extraction whose import is killed three times is applied whole, and no line is read twice', async () => {
  const begun = Date.now();
  const first = await run(({ line }) => line > 5000);
  const second = await run(({ line }) => line > lines / 2);
  // The last batch is committed: what is left is to settle, compare and apply.
  const third = await run(({ line }) => line === lines + 1);
  expect([first.end, second.end, third.end]).toEqual([undefined, undefined, undefined]);
  const last = await run();

  expect(first.steps[0]?.line).toBe(1);
  for (const [before, after] of [
    [first, second],
    [second, third],
    [third, last],
  ] as const) {
    // A batch may be committed and its word lost with the process.
    expect(after.steps[0]?.line).toBeGreaterThanOrEqual(before.steps.at(-1)?.line ?? Number.NaN);
  }
  const { outcome, peakBytes } = last.end ?? expect.fail('the last run did not end');
  expect(outcome).toMatchObject({ result: 'applied', record: { state: 'applied', linesDone: lines + 1, linesTaken: lines, refused: 0 } });
  process.stdout.write(`${lines} lines, killed three times: ${((Date.now() - begun) / 1000).toFixed(1)} s, peak ${peakBytes >> 20} MiB\n`);

  const expected = new Set(Array.from(extractionLines(lines), (line) => line.split('|')[1]));
  const exported = new Map<string, number>();
  for await (const piece of writeExtraction(database.db, { isAll: true })) {
    for (const line of piece.split('\n').slice(0, -1)) {
      const address = line.split('|')[1] ?? '';
      exported.set(address, (exported.get(address) ?? 0) + 1);
    }
  }
  exported.delete('Adresse BAL');
  expect(exported.size).toBe(expected.size);
  expect([...expected].filter((address) => !exported.has(address ?? ''))).toEqual([]);
  expect([...exported.values()].reduce((sum, count) => sum + count, 0)).toBe(lines);
}, 1_200_000);

test('requirement 24: the same extraction the next day, in one run: little memory, and nothing to change', async () => {
  const begun = Date.now();
  const { end } = await run();
  const { outcome, peakBytes } = end ?? expect.fail('the run did not end');
  process.stdout.write(`${lines} lines again: ${((Date.now() - begun) / 1000).toFixed(1)} s, peak ${peakBytes >> 20} MiB\n`);
  expect(outcome).toMatchObject({ result: 'applied', plan: { addresses: { added: 0, changed: 0, withdrawn: 0 } } });
  expect(peakBytes).toBeLessThan(400 * 1024 * 1024);
}, 1_200_000);
