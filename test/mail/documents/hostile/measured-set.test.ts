// What the hostile set costs: every verdict within a fifth of a second and 64 MiB, in one process that reads all of them in a row.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { hostileSet } from './all-cases.ts';
import type { Cost } from './measuring-child.ts';

const maxMs = 200;
const maxGrownBytes = 64 * 1024 * 1024;
/** A reader that does not yield would hold the loop for its whole time. By the clock on the wall: what else the machine does counts too. */
const maxStallMs = 120;

const mebibytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

test('requirement 47: each letter of the hostile set gets its verdict within 200 ms and 64 MiB', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hostile-'));
  try {
    const costs = await measure(folder);
    const told = costs.map(({ path, ...cost }) => ({ ...cost, title: hostileSet[Number(basename(path))]?.title }));
    const slowest = told.reduce((one, other) => (other.ms > one.ms ? other : one));
    const largest = told.reduce((one, other) => (other.grownBytes > one.grownBytes ? other : one));
    const stalled = told.reduce((one, other) => (other.stallMs > one.stallMs ? other : one));
    process.stdout.write(
      `hostile set: ${told.length} letters, slowest ${slowest.ms.toFixed(0)} ms of processor (${slowest.title}), ` +
        `largest ${mebibytes(largest.grownBytes)} (${largest.title}), longest stall ${stalled.stallMs.toFixed(0)} ms (${stalled.title})\n`,
    );
    expect(told.map(({ verdict }) => verdict)).toEqual(hostileSet.map(({ verdict }) => verdict));
    expect(told.filter(({ ms }) => ms > maxMs)).toEqual([]);
    expect(told.filter(({ grownBytes }) => grownBytes > maxGrownBytes)).toEqual([]);
    expect(told.filter(({ stallMs }) => stallMs > maxStallMs)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

async function measure(folder: string): Promise<readonly Cost[]> {
  const letters: { path: string; sizeBytes: number }[] = [];
  for (const [index, { letter }] of hostileSet.entries()) {
    const bytes = letter();
    const path = join(folder, String(index));
    await writeFile(path, bytes);
    letters.push({ path, sizeBytes: bytes.length });
  }
  const child = fork(fileURLToPath(new URL('./measuring-child.ts', import.meta.url)), { execArgv: ['--import', 'tsx', '--expose-gc'] });
  const costs: Cost[] = [];
  child.on('message', (cost: Cost) => costs.push(cost));
  child.send(letters);
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  return costs;
}
