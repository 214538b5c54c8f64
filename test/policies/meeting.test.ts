// Two transactions that meet on the same rows: the second waits for the first, never both for each other, and then sees what it did.
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rememberAbsenceAnswers } from '../../policies/absences.ts';
import { rememberLegalNotices } from '../../policies/legal-notices.ts';
import { policiesMigrations } from '../../policies/migrations/set.ts';
import { applyEffects, countFirstLetters, readExchange, rememberLetters } from '../../policies/register.ts';
import { addTallies } from '../../policies/tallies.ts';
import type { Trx } from '../../src/database/tables.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([policiesMigrations]);
});
afterAll(() => database.close());

type Work = (trx: Trx) => Promise<unknown>;

const doctor = address('lea.martin@medecin.demo.mssante.fr');
const wards = [1, 2, 3, 4, 5, 6, 7, 8].map((at) => address(`service-${at}@hopital.demo.mssante.fr`));
const [ward = doctor, ...otherWards] = wards;
const noon = new Date('2026-11-22T11:00:00Z');
const later = new Date('2026-11-22T13:00:00Z');
const hour = 3_600_000;

const inTransaction = (work: Work) => database.db.transaction().execute(work);

/** One transaction begins; another comes and waits for it; the first goes on and ends, then the other. */
async function meet(begin: Work, other: Work, goOn: Work): Promise<void> {
  let waiting: Promise<unknown> | undefined;
  await inTransaction(async (trx) => {
    await begin(trx);
    waiting = inTransaction(other);
    waiting.catch(() => undefined); // looked at below, once the first has ended
    await until('the other transaction waits for this one', isSomeoneWaiting);
    await goOn(trx);
  });
  await waiting;
}

async function isSomeoneWaiting(): Promise<boolean> {
  const { rows } = await sql`
    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(database.db);
  return rows.length > 0;
}

const write: Record<string, (trx: Trx, keys: readonly number[]) => Promise<unknown>> = {
  exchanges: (trx, keys) =>
    applyEffects(
      trx,
      keys.map((citizenId) => ({ do: 'open', citizenId, correspondent: doctor, openedBy: doctor })),
      noon,
    ),
  'letters seen': (trx, keys) =>
    rememberLetters(
      trx,
      keys.map((citizenId) => ({ citizenId, fingerprint: Buffer.alloc(32, 1) })),
      noon,
    ),
  'letters written first': (trx, keys) =>
    countFirstLetters(
      trx,
      keys.map((citizenId) => ({ citizenId, correspondent: doctor })),
      noon,
    ),
  tallies: (trx, keys) =>
    addTallies(
      trx,
      keys.map((key) => ({ subject: `subject ${key}`, by: 1 })),
      hour,
      noon,
    ),
  'absence answers': (trx, keys) =>
    rememberAbsenceAnswers(
      trx,
      keys.map((key) => ({ address: doctor, correspondent: address(`patient-${key}@round-${Math.floor(key / 10)}.demo.mssante.fr`) })),
      noon,
      hour,
    ),
  'legal notices': (trx, keys) =>
    rememberLegalNotices(
      trx,
      keys.map((citizenId) => ({ citizenId, correspondent: doctor })),
      noon,
    ),
};

test.each(Object.entries(write))(
  '%s are taken in the order of their keys, whatever the order they are named in',
  async (_what, writeKeys) => {
    // Any key taken too early shows in one of the rounds; the people of each round are new.
    for (const held of [0, 1, 2, 3, 4, 5]) {
      const keys = [0, 1, 2, 3, 4, 5, 6].map((at) => held * 10 + at);
      await meet(
        (trx) => writeKeys(trx, keys.slice(held, held + 1)),
        (trx) => writeKeys(trx, keys.toReversed()),
        (trx) => writeKeys(trx, keys.slice(held + 1)),
      );
    }
  },
);

test('requirement 28: [FIN] takes the exchanges it ends in the order of their keys', async () => {
  const citizenId = 100;
  for (const correspondent of wards.toReversed())
    await inTransaction((trx) => applyEffects(trx, [{ do: 'open', citizenId, correspondent, openedBy: doctor }], noon));
  const end = (correspondents: readonly (typeof ward)[]) => (trx: Trx) =>
    applyEffects(
      trx,
      correspondents.map((correspondent) => ({ do: 'end', citizenId, correspondent, endedBy: correspondent })),
      later,
    );
  await meet(end([ward]), (trx) => applyEffects(trx, [{ do: 'end-all', citizenId, openedBy: doctor }], later), end(otherWards));
  for (const correspondent of wards)
    expect((await readExchange(database.db, { citizenId, correspondent }))?.ended).toEqual({ by: correspondent, at: later });
});

test('requirement 28: [FIN] leaves open an exchange that its correspondent takes over at the same moment', async () => {
  const citizenId = 101;
  await inTransaction((trx) => applyEffects(trx, [{ do: 'open', citizenId, correspondent: ward, openedBy: doctor }], noon));
  await meet(
    (trx) => applyEffects(trx, [{ do: 'open', citizenId, correspondent: ward, openedBy: ward }], later),
    (trx) => applyEffects(trx, [{ do: 'end-all', citizenId, openedBy: doctor }], later),
    async () => undefined,
  );
  expect(await readExchange(database.db, { citizenId, correspondent: ward })).toEqual({ state: 'open', opened: { by: ward, at: later } });
});
