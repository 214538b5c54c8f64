// How often the server of somebody else is asked: one bucket for all processes.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import { deliveryMigrations } from '../../src/delivery/migrations/set.ts';
import { takeTurn } from '../../src/delivery/remote-rates.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([mailboxesMigrations, deliveryMigrations]);
});
afterAll(() => database.close());

const noon = new Date('2026-11-22T12:00:00Z');
const later = (ms: number) => new Date(noon.getTime() + ms);

test('a server asked 600 times a minute takes a burst of 60, then one every tenth of a second', async () => {
  const burst = await asked('next-hop', 600, noon, 60);
  expect(burst.every((turn) => turn === undefined)).toBe(true);
  expect(await asked('next-hop', 600, noon, 3)).toEqual([later(100), later(200), later(300)]);
  expect(await asked('next-hop', 600, later(1000), 10)).toEqual(Array(10).fill(undefined));
  expect(await takeTurn(database.db, 'next-hop', 600, later(1000))).toEqual(later(1100));
});

test('processes that ask at the same moment share one bucket', async () => {
  const turns = await Promise.all(Array.from({ length: 200 }, () => takeTurn(database.db, 'shared', 600, noon)));
  expect(turns.filter((turn) => turn === undefined)).toHaveLength(60);
  const told = turns.filter((turn) => turn !== undefined).map((turn) => turn.getTime());
  // Nobody is told the instant of somebody else.
  expect(new Set(told).size).toBe(140);
});

test('a server asked once a minute is asked once a minute, and others are not its business', async () => {
  expect(await asked('slow', 1, noon, 2)).toEqual([undefined, later(60_000)]);
  expect(await asked('slow', 1, later(59_000), 1)).not.toEqual([undefined]);
  expect(await asked('slow', 1, later(61_000), 1)).toEqual([undefined]);
  expect(await asked('other', 1, noon, 1)).toEqual([undefined]);
});

test('whoever waits behind a thousand is told to ask again within ten minutes', async () => {
  const turns = await asked('crowded', 60, noon, 1000);
  const longest = Math.max(...turns.map((turn) => (turn ?? noon).getTime() - noon.getTime()));
  expect(longest).toBeLessThanOrEqual(600_000);
});

test('a clock that goes backwards fills nothing', async () => {
  await asked('backwards', 600, noon, 60);
  expect(await asked('backwards', 600, later(-3_600_000), 1)).not.toEqual([undefined]);
  expect(await asked('backwards', 600, later(100), 1)).toEqual([undefined]);
});

test('a clock that was set back by an hour delays nobody by an hour', async () => {
  await asked('set-back', 600, noon, 60);
  expect(await asked('set-back', 600, later(-3_600_000), 1)).not.toEqual([undefined]);
  expect(await asked('set-back', 600, later(-3_600_000 + 100), 1)).toEqual([undefined]);
});

async function asked(remote: string, perMinute: number, now: Date, times: number): Promise<(Date | undefined)[]> {
  const turns: (Date | undefined)[] = [];
  for (let time = 0; time < times; time += 1) turns.push(await takeTurn(database.db, remote, perMinute, now));
  return turns;
}
