// Letters that share a transaction do not share their fate. A group of many kinds leaves everything as if each had come alone.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recount } from '../../mailboxes/recount.ts';
import { address } from '../support/address.ts';
import { letter, openTown, people } from '../support/one-path.ts';

const { doctor, colleague, pharmacy, citizen, neighbour, elsewhere } = people;
const accepted = { do: 'accepted' };
const unknown = address('185019910000121@patient.mssante.fr');

let town: Awaited<ReturnType<typeof openTown>>;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());

test('a letter that the database cannot take fails alone, and the others are placed once', async () => {
  const before = (await town.inbox(citizen)).length;
  const odd = town.sendAs(town.arrivalFrom(doctor, 'submission', { envelopeId: 'a\0b' }), [citizen], letter(doctor));
  const others = Array.from({ length: 10 }, () => town.send(doctor, [citizen], letter(doctor)));
  const [failed, ...rest] = await Promise.allSettled([odd, ...others]);
  expect(failed?.status).toBe('rejected');
  expect(rest).toEqual(rest.map(() => ({ status: 'fulfilled', value: accepted })));
  expect(await town.inbox(citizen)).toHaveLength(before + 10);
});

test('refused, deferred, reported and accepted letters of one group each have their own answer', async () => {
  await town.db.deleteFrom('tallies').execute();
  await town.send(doctor, [citizen], letter(doctor));
  const full = () => town.db.updateTable('mailboxes').set({ quota_bytes: 10 }).where('address', '=', neighbour).execute();
  const files = await town.files();
  const big = (from: typeof doctor) => letter(from) + 'x'.repeat(40_000);
  const before = { citizen: (await town.inbox(citizen)).length, colleague: (await town.inbox(colleague)).length };
  const ends = () => town.db.updateTable('exchanges').set({ state: 'ended', ended_by: doctor, ended_at: new Date() }).execute();
  const outcomes = await Promise.all([
    town.sendAs(town.arrivalFrom(pharmacy), [citizen, colleague], big(pharmacy)),
    town.sendAs(town.arrivalFrom(doctor), [neighbour, citizen], big(doctor), full),
    town.sendAs(town.arrivalFrom(citizen), [doctor], big(citizen), ends),
    town.sendAs(town.arrivalFrom(doctor), [unknown], big(doctor)),
    town.sendAs(town.arrivalFrom(colleague), [elsewhere], big(colleague)),
  ]);
  expect(outcomes).toMatchObject([
    accepted,
    { do: 'defer', code: 'mailbox-full' },
    { do: 'refuse', code: 'exchange-ended' },
    accepted,
    accepted,
  ]);
  expect(await town.inbox(citizen)).toHaveLength(before.citizen + 1);
  expect(await town.inbox(colleague)).toHaveLength(before.colleague + 1);
  // The bytes of the first and of the one for another operator; nothing refers to the three others.
  expect(await town.files()).toBe(files + 2);
  expect(await recount(town.db)).toEqual([]);
});
