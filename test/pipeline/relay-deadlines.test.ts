// A sender who asked is told once how it ended: by the next hop, by the schedule, by the deadline, or by nobody's word, whichever is first.
import { afterEach, expect, test, vi } from 'vitest';
import type { Address } from '../../src/core/address.ts';
import { newId } from '../../src/core/ids.ts';
import { recordReports } from '../../src/delivery/correlate-reports.ts';
import { retryDead } from '../../src/delivery/dead-letters.ts';
import { expireOverdueCourses } from '../../src/pipeline/tasks/expire-courses.ts';
import { closeHops, openScript } from '../relay/next-hops.ts';
import { address } from '../support/address.ts';
import { until } from '../support/until.ts';
import { openRelayWorld, openTaker } from './relay-world.ts';

// Schedules and leases are waited for, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

type World = Awaited<ReturnType<typeof openRelayWorld>>;
let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
  await closeHops();
});

const hospital = address('secretariat@hopital.autre.mssante.fr');
const asking = { address: hospital, notify: ['success' as const, 'failure' as const] };
const finalOf = async (one: World, letterId: string) => (await one.course(letterId)).map(({ state, finalAt }) => [state, finalAt !== null]);

/** Work that is broken or forgotten for a while: nothing is tried before `hours` have passed. */
const delay = (one: World, rowId: string, hours: number) =>
  one.database.db
    .updateTable('outbox')
    .set({ next_attempt_at: new Date(one.services.clock().getTime() + hours * 3_600_000) })
    .where('id', '=', rowId)
    .execute();

test('requirement 46: a letter that nobody sent in time is one failure report, and is never sent afterwards', async () => {
  const taker = await openTaker((socket) => void socket.write('250 taken\r\n'));
  world = await openRelayWorld(taker.port);
  const { letterId, rowId } = await world.owe([asking]);
  await delay(world, rowId, 100);
  await world.work();
  await world.deadlinesLookedAt();
  expect(await world.told()).toEqual([]);
  world.pass(72);
  await world.deadlinesLookedAt();
  expect(await world.told()).toMatchObject([{ address: hospital, action: 'failed', status: '4.4.7', code: 'not-known-in-time' }]);
  expect(await finalOf(world, letterId)).toEqual([['refused', true]]);
  expect((await world.row(rowId)).state).toBe('done');
  world.pass(48);
  await world.deadlinesLookedAt();
  expect(await world.told()).toHaveLength(1);
  expect(taker.letters).toEqual([]);
});

test('a deadline that passes while the next hop is taking the letter waits for its answer', async () => {
  let answer = () => {};
  const taker = await openTaker((socket) => {
    answer = () => void socket.write('250 taken\r\n');
  });
  world = await openRelayWorld(taker.port);
  const { letterId, rowId } = await world.owe([asking]);
  await world.work();
  await until('the letter is there', () => taker.letters.length === 1);
  await world.database.db.updateTable('ledger').set({ deadline_at: world.services.clock() }).execute();
  const lookAtDeadlines = () =>
    expireOverdueCourses.attempt({ ...(world as World).services, signal: new AbortController().signal, rowId: newId() }, {});
  await lookAtDeadlines();
  expect(await world.told()).toEqual([]);
  answer();
  await until('the row is done', async () => (await world?.row(rowId))?.state === 'done');
  await lookAtDeadlines();
  expect(await world.told()).toMatchObject([{ action: 'relayed' }]);
  expect(await finalOf(world, letterId)).toEqual([['relayed', true]]);
  expect(taker.letters).toHaveLength(1);
});

test('an operator who has a given-up letter sent after all: it leaves, and its sender, who was told, is told nothing more', async () => {
  let isOpen = false;
  const letters: string[] = [];
  const { port } = await openScript((socket, line) => {
    if (line.startsWith('RCPT') && !isOpen) socket.write('450 4.2.1 later\r\n');
    else if (line === 'DATA') socket.write('354 go\r\n');
    else if (/^(EHLO|MAIL|RCPT|QUIT|RSET|\.$)/.test(line)) socket.write('250 ok\r\n');
    if (line === '.') letters.push(line);
  });
  world = await openRelayWorld(port);
  const { letterId, rowId } = await world.owe([asking]);
  world.pass(49);
  await world.work();
  await until('it is given up', async () => (await world?.row(rowId))?.state === 'dead');
  expect(await world.told()).toMatchObject([{ action: 'failed', code: 'not-answered-there' }]);
  isOpen = true;
  const { db } = world.database;
  const now = world.services.clock();
  await db.transaction().execute((trx) => retryDead(trx, { id: rowId }, 'test', now));
  await until('it has left', async () => (await world?.row(rowId))?.state === 'done');
  expect(letters).toHaveLength(1);
  world.pass(72);
  await world.deadlinesLookedAt();
  expect(await world.told()).toHaveLength(1);
  expect(await finalOf(world, letterId)).toEqual([['refused', true]]);
});

test('RFC 3461 §5.2: who asked, and of whose letter another operator was to speak and has not, hears once that it was passed on', async () => {
  const taker = await openTaker((socket) => void socket.write('250 taken\r\n'), { dsn: true });
  world = await openRelayWorld(taker.port);
  const silent = { address: address('silence@hopital.autre.mssante.fr') };
  const { letterId, sender, messageId } = await world.owe([asking, silent]);
  const spoken = await world.owe([asking]);
  await world.work();
  await until('both have left', () => taker.letters.length === 2);
  await until('the ledger knows', async () => (await world?.course(letterId))?.every(({ state }) => state === 'relayed'));
  await until('and of the other', async () => (await world?.course(spoken.letterId))?.every(({ state }) => state === 'relayed'));
  expect(await finalOf(world, letterId)).toEqual([
    ['relayed', false],
    ['relayed', false],
  ]);
  await report(world, spoken, 'delivered');
  world.pass(72);
  await world.deadlinesLookedAt();
  // Of the one whose operator has spoken nothing is told by us; of the one nobody asked about, neither.
  expect(await world.told()).toMatchObject([{ address: hospital, action: 'relayed', status: '2.0.0' }]);
  await report(world, { sender, messageId }, 'failed');
  await world.deadlinesLookedAt();
  expect(await world.told()).toHaveLength(1);
  expect(await finalOf(world, spoken.letterId)).toEqual([['delivered', true]]);
});

test('a letter whose work cannot be read any more is reported all the same, by what the ledger knows of it', async () => {
  const taker = await openTaker((socket) => void socket.write('250 taken\r\n'));
  world = await openRelayWorld(taker.port);
  const { rowId, messageId } = await world.owe([asking]);
  await world.database.db.updateTable('outbox').set({ payload: '{"broken":true}' }).where('id', '=', rowId).execute();
  await world.work();
  await until('it is given up', async () => (await world?.row(rowId))?.state === 'dead');
  expect(await world.told()).toEqual([]);
  world.pass(72);
  await world.deadlinesLookedAt();
  expect(await world.told()).toMatchObject([{ address: hospital, action: 'failed', code: 'not-known-in-time' }]);
  const [report] = await world.database.db.selectFrom('outbox').select('payload').where('kind', '=', 'send-report').execute();
  expect(report?.payload).toMatchObject({ about: { messageId } });
});

test('requirement 37: nobody is told of an automatic answer whose deadline has passed', async () => {
  const taker = await openTaker((socket) => void socket.write('250 taken\r\n'));
  world = await openRelayWorld(taker.port);
  const { letterId, rowId } = await world.owe([asking], { isAnswer: true });
  await delay(world, rowId, 100);
  world.pass(72);
  await world.work();
  await until('it is settled', async () => (await world?.course(letterId))?.every(({ finalAt }) => finalAt !== null));
  expect(await world.told()).toEqual([]);
});

function report(one: World, { sender, messageId }: { readonly sender: Address; readonly messageId: string }, action: string) {
  const reading = { recipients: [{ final: hospital, action, status: action === 'failed' ? '5.1.1' : '2.0.0' }] };
  const received = { reader: sender, from: undefined, report: { kind: 'delivery-status', reading, messageId } } as const;
  return one.database.db.transaction().execute((trx) => recordReports(trx, [received], one.services.clock()));
}
