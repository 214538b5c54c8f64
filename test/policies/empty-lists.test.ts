// A letter to nobody whom a rule concerns asks the database nothing: most letters change nothing in most tables.
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { currentAbsences, rememberAbsenceAnswers } from '../../policies/absences.ts';
import { rememberLegalNotices } from '../../policies/legal-notices.ts';
import { policiesMigrations } from '../../policies/migrations/set.ts';
import { applyEffects, countFirstLetters, readStandings, rememberLetters } from '../../policies/register.ts';
import { addTallies, readTallies } from '../../policies/tallies.ts';
import type { Trx } from '../../src/database/tables.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([policiesMigrations]);
});
afterAll(() => database.close());

const now = new Date('2026-11-22T11:00:00Z');
const hour = 3_600_000;

const empty: Record<string, [(trx: Trx) => Promise<unknown>, unknown]> = {
  'the standings of no pair': [(trx) => readStandings(trx, [], now), []],
  'no effect': [(trx) => applyEffects(trx, [], now), undefined],
  'no letter seen': [(trx) => rememberLetters(trx, [], now), []],
  'no letter written first': [(trx) => countFirstLetters(trx, [], now), undefined],
  'nothing counted': [(trx) => addTallies(trx, [], hour, now), undefined],
  'the tallies of nothing': [(trx) => readTallies(trx, [], hour, now), new Map()],
  'the absences of nobody': [(trx) => currentAbsences(trx, [], now), new Map()],
  'no absence answered': [(trx) => rememberAbsenceAnswers(trx, [], now, hour), []],
  'no notice owed': [(trx) => rememberLegalNotices(trx, [], now), []],
};

test.each(Object.entries(empty))('%s is no statement', async (_what, [ask, answer]) => {
  await database.db.transaction().execute(async (trx) => {
    // After a failure, PostgreSQL answers no further statement of the transaction.
    await expect(sql`select 1 / 0`.execute(trx)).rejects.toThrow('division by zero');
    expect(await ask(trx)).toEqual(answer);
  });
});
