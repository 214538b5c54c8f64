// The connection on which processes hear each other: what is said is heard, and whoever cannot hear knows it.
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type LinkPace, NotificationLink } from '../../src/database/notification-link.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openRoad } from '../support/database-road.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([], 2);
});
afterAll(() => database.close());

async function open(connection = database.connection, pace?: LinkPace) {
  const errors: unknown[] = [];
  const link = await NotificationLink.open(connection, (error) => errors.push(error), pace);
  onTestFinished(() => link.close());
  return { link, errors };
}

/** A listener that writes down what it is told, in order. */
function diary() {
  const lines: string[] = [];
  const listener = {
    heard: (payload: string) => void lines.push(payload),
    listening: () => void lines.push('(listening)'),
    lost: () => void lines.push('(lost)'),
  };
  return { lines, listener };
}

test('two processes hear each other and themselves, each channel its own', async () => {
  const [{ link: one }, { link: other }] = [await open(), await open()];
  const [a, b, c] = [diary(), diary(), diary()];
  await one.listen('first', a.listener);
  await other.listen('first', b.listener);
  await other.listen('second', c.listener);
  await expect(one.listen('first', c.listener)).rejects.toThrow('one listener');
  await expect(one.listen('first; drop', c.listener)).rejects.toThrow('lower-case');
  expect(await one.notify('first', 'bonjour')).toBe(true);
  expect(await other.notify('second', "d'accord")).toBe(true);
  await until('everything is heard', () => a.lines.length === 2 && b.lines.length === 2 && c.lines.length === 2);
  expect([a.lines, b.lines, c.lines]).toEqual([
    ['(listening)', 'bonjour'],
    ['(listening)', 'bonjour'],
    ['(listening)', "d'accord"],
  ]);
});

test('a cut road: listeners are told at once, nothing is said meanwhile, and everything is heard again afterwards', async () => {
  const road = await openRoad(database.connection);
  onTestFinished(() => road.close());
  const { link, errors } = await open(road.connection);
  const [before, meanwhile] = [diary(), diary()];
  await link.listen('before', before.listener);
  road.cut();
  await until('the loss is known', () => before.lines.includes('(lost)'));
  expect(await link.notify('before', 'nobody says this')).toBe(false);
  // Asked for without a connection: listened on with the next one.
  await link.listen('meanwhile', meanwhile.listener);
  expect(meanwhile.lines).toEqual([]);
  road.open();
  await until('both listen again', () => before.lines.length === 3 && meanwhile.lines.length === 1);
  const { link: other } = await open();
  await other.notify('before', 'after');
  await other.notify('meanwhile', 'all');
  await until('both hear', () => before.lines.length === 4 && meanwhile.lines.length === 2);
  expect(before.lines).toEqual(['(listening)', '(lost)', '(listening)', 'after']);
  expect(meanwhile.lines).toEqual(['(listening)', 'all']);
  expect(errors.length).toBeGreaterThan(0);
});

test('a road that carries nothing any more is found out, though nothing says so', async () => {
  const road = await openRoad(database.connection);
  onTestFinished(() => road.close());
  const { link } = await open(road.connection, { askEveryMs: 50, answerWithinMs: 300 });
  const { lines, listener } = diary();
  await link.listen('silence', listener);
  road.freeze();
  const untold = link.notify('silence', 'nobody hears this');
  await until('the silence is known', () => lines.includes('(lost)'));
  expect(await untold).toBe(false);
  road.open();
  await until('it listens again', () => lines.filter((line) => line === '(listening)').length === 2);
});

test('a link that cannot be opened says so, and leaves nothing behind', async () => {
  const road = await openRoad(database.connection);
  road.cut();
  await expect(open(road.connection)).rejects.toThrow();
  road.close();
});
