// Feeds that are interrupted, met by others, or given by two at once.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FeedOutcome } from '../../../directory/feed/run-feed.ts';
import { registerCitizen } from '../../../directory/registry.ts';
import { writeFeed } from '../../scale/feed-files.ts';
import { fictionalCitizen } from '../../scale/fictional-citizens.ts';
import { until } from '../../support/until.ts';
import { type FeedTown, openFeedTown } from './feed-town.ts';

const script = fileURLToPath(new URL('./feed-process.ts', import.meta.url));

let town: FeedTown;
beforeAll(async () => {
  town = await openFeedTown();
});
const children: ChildProcess[] = [];
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await town.close();
});

type End = { readonly outcome: FeedOutcome; readonly peakBytes: number };

/** Takes a file in a process that is killed after `batches` of its own; its end, when it came to one. */
async function takeApart(file: string, batches = Number.POSITIVE_INFINITY): Promise<End | undefined> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(town.connection), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const exit = once(child, 'exit');
  let end: End | undefined;
  let done = 0;
  for await (const line of createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })) {
    const told = JSON.parse(line) as End | { line: number };
    if ('outcome' in told) end = told;
    else {
      done += 1;
      if (done >= batches) child.kill('SIGKILL');
    }
  }
  await exit;
  return end;
}

test('a feed that is killed again and again goes on behind its last batch, and takes everybody once', async () => {
  const file = join(town.folder, 'killed.csv');
  await writeFeed(file, 0, 45_000);
  expect(await takeApart(file, 1)).toBeUndefined();
  const books = async () => (await sql<{ lines_done: number; state: string }>`select lines_done, state from imports`.execute(town.db)).rows;
  const [first] = await books();
  expect(first).toMatchObject({ state: 'reading' });
  expect(first?.lines_done).toBeGreaterThan(10_000);
  expect(await takeApart(file, 2)).toBeUndefined();
  const end = await takeApart(file);
  // Taken in several runs, and counted as in one.
  expect(end?.outcome).toMatchObject({
    result: 'applied',
    counts: { read: 45_000, created: 45_000, changed: 0, unchanged: 0, refused: 0 },
  });
  expect(await books()).toMatchObject([{ state: 'applied', lines_done: 45_001 }]);
  expect((await sql`select from citizens`.execute(town.db)).rows.length).toBe(45_000);
}, 120_000);

test('a feed that is asked to stop says so, and goes on when it is given again', async () => {
  const file = join(town.folder, 'stopped.csv');
  await writeFeed(file, 50_000, 75_000);
  const stop = new AbortController();
  const stopped = await town.take(file, { signal: stop.signal, onProgress: () => stop.abort() });
  expect(stopped).toMatchObject({ result: 'interrupted', record: { state: 'reading' } });
  expect(await town.take(file)).toMatchObject({ result: 'applied', counts: { read: 25_000, created: 25_000 } });
  expect(await town.take(file, { unlessApplied: true })).toMatchObject({ result: 'already-applied' });
}, 60_000);

test('of two who take a feed at once, one is told that somebody does', async () => {
  const file = join(town.folder, 'twice.csv');
  await writeFeed(file, 100_000, 120_000);
  const outcomes = await Promise.all([town.take(file), town.take(file)]);
  expect(outcomes.map(({ result }) => result).sort()).toEqual(['applied', 'busy']);
}, 60_000);

test('somebody who is registered while the feed brings them is one citizen', async () => {
  const file = join(town.folder, 'raced.csv');
  await writeFeed(file, 200_000, 220_000);
  const feed = town.take(file);
  let isOver = false;
  feed.finally(() => {
    isOver = true;
  });
  let registered = 0;
  for (let number = 200_000; !isOver && number < 220_000; number += 40) {
    const { ins, birthName, firstGivenName, birthDate, sex } = fictionalCitizen(number);
    await registerCitizen(town.db, { ins, birthName, firstGivenName, birthDate, sex }, 'patient.mssante.fr');
    registered += 1;
  }
  const outcome = await feed;
  expect(outcome).toMatchObject({ result: 'applied', counts: { read: 20_000, refused: 0 } });
  expect(registered).toBeGreaterThan(0);
  const { rows } =
    await sql`select from citizens where ins in (${sql.join(Array.from({ length: 500 }, (_, at) => fictionalCitizen(200_000 + at * 40).ins))})`.execute(
      town.db,
    );
  expect(rows.length).toBe(500);
}, 60_000);

test('a file that grows while it is read is told, and taken whole the next time', async () => {
  const file = join(town.folder, 'growing.csv');
  await writeFeed(file, 300_000, 325_000);
  const grows = town.take(file, { onProgress: (lines) => void (lines < 15_000 && town.addTo(file, '\r\n')) });
  expect(await grows).toMatchObject({ result: 'unreadable', trouble: 'changed' });
  await until('it is taken', async () => (await town.take(file)).result === 'applied');
}, 60_000);
