import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findCitizens, replaceMatricule } from '../../directory/matricules.ts';
import { directoryMigrations } from '../../directory/migrations/set.ts';
import { createCitizen, registerCitizen } from '../../directory/registry.ts';
import { resolveAddresses } from '../../directory/resolve-addresses.ts';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { parseAddress } from '../../src/core/address.ts';
import { type Ins, insKey, parseIns } from '../../src/core/ins.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { setState } from '../support/set-state.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([directoryMigrations]);
});
afterAll(() => database.close());

const domain = 'patient.mssante.fr';
let bodies = 2_790_399_100_000;
/** A matricule of nobody yet. */
function matricule(): Ins {
  const body = String(++bodies);
  return parseIns(body + insKey(body)) ?? expect.fail('not a matricule');
}
const at = (ins: Ins) => parseAddress(`${ins}@${domain}`) ?? expect.fail('not an address');
const register = (ins: Ins, firstGivenName = 'DOMINIQUE') =>
  registerCitizen(database.db, { ins, birthName: 'PAT-TROIS', firstGivenName, birthDate: '1979-03-28', sex: 'F' }, domain);
const replace = (from: Ins, to: Ins) => database.db.transaction().execute((trx) => replaceMatricule(trx, from, to));
const holder = async (ins: Ins) => (await resolveAddresses(database.db, 'patient.mssante.fr', [at(ins)])).get(at(ins));
const numberOf = async (ins: Ins) => (await findCitizens(database.db, [ins])).get(ins);
async function formerOf(citizenId = 0): Promise<Ins[]> {
  const rows = await database.db.selectFrom('former_matricules').select('ins').where('citizen_id', '=', citizenId).execute();
  return rows.map((row) => row.ins).sort();
}

describe('a citizen stays the same person when the matricule changes', () => {
  test('both addresses and both matricules name them', async () => {
    const [nia, nir] = [matricule(), matricule()];
    await register(nia);
    const before = await holder(nia);
    expect(await replace(nia, nir)).toBe('replaced');
    expect(await holder(nia)).toEqual(before);
    expect(await holder(nir)).toEqual({ ...before, address: at(nir) });
    expect(before).toMatchObject({ kind: 'citizen', displayName: 'Dominique PAT-TROIS', citizenId: await numberOf(nir) });
    expect(await numberOf(nia)).toBe(await numberOf(nir));
    const row = await database.db.selectFrom('citizens').selectAll().where('ins', '=', nir).executeTakeFirst();
    expect(row).toMatchObject({ citizen_id: await numberOf(nir), ins: nir, birth_name: 'PAT-TROIS' });
  });

  test('doing it twice changes nothing more, and it can be undone', async () => {
    const [nia, nir, third] = [matricule(), matricule(), matricule()];
    await register(nia);
    const citizenId = await numberOf(nia);
    expect(await replace(nia, nir)).toBe('replaced');
    expect(await replace(nia, nir)).toBe('replaced');
    expect(await replace(nir, nir)).toBe('replaced');
    expect(await replace(nir, nia)).toBe('replaced');
    expect(await formerOf(citizenId)).toEqual([nir]);
    expect(await findCitizens(database.db, [nia, nir])).toEqual(
      new Map([
        [nia, citizenId],
        [nir, citizenId],
      ]),
    );
    expect(await replace(nir, third)).toBe('replaced');
    expect([await numberOf(nia), await numberOf(nir), await numberOf(third)]).toEqual([citizenId, citizenId, citizenId]);
    const former = await database.db
      .selectFrom('former_matricules')
      .select('ins')
      .where('citizen_id', '=', citizenId ?? 0)
      .execute();
    expect(former.map((row) => row.ins).sort()).toEqual([nia, nir].sort());
  });

  test('nobody’s matricule is unknown; one that somebody has, or had, is taken', async () => {
    const [mine, theirs, theirNext, free] = [matricule(), matricule(), matricule(), matricule()];
    await register(mine);
    await register(theirs, 'RUTH');
    expect(await replace(free, mine)).toBe('unknown');
    expect(await replace(mine, theirs)).toBe('taken');
    expect(await replace(theirs, theirNext)).toBe('replaced');
    expect(await replace(mine, theirs)).toBe('taken');
    expect(await replace(mine, theirNext)).toBe('taken');
    expect(await holder(mine)).toMatchObject({ displayName: 'Dominique PAT-TROIS' });
    expect(await holder(theirs)).toMatchObject({ displayName: 'Ruth PAT-TROIS' });
    expect(await holder(free)).toBeUndefined();
    expect(await findCitizens(database.db, [free])).toEqual(new Map());
    expect(await findCitizens(database.db, [])).toEqual(new Map());
  });

  test('registering someone by the matricule they had makes no second person', async () => {
    const [nia, nir] = [matricule(), matricule()];
    await register(nia);
    await replace(nia, nir);
    const citizenId = await numberOf(nir);
    expect(await register(nia)).toBe(at(nia));
    expect(await numberOf(nia)).toBe(citizenId);
    expect(await register(nir)).toBe(at(nir));
    expect(await numberOf(nir)).toBe(citizenId);
  });

  test('two gateways that give one matricule to two people at once: one of them hears no', async () => {
    const [one, other, wanted] = [matricule(), matricule(), matricule()];
    await register(one);
    await register(other);
    const answers = await Promise.allSettled([replace(one, wanted), replace(other, wanted)]);
    const replaced = answers.filter((answer) => answer.status === 'fulfilled' && answer.value === 'replaced');
    expect(replaced).toHaveLength(1);
  });

  test('a feed that brings them under the matricule they are giving up makes no second person', async () => {
    const [nia, nir] = [matricule(), matricule()];
    await register(nia);
    let registered: Promise<string> | undefined;
    await database.db.transaction().execute(async (trx) => {
      await replaceMatricule(trx, nia, nir);
      registered = inTransaction(database.db, (other) =>
        createCitizen(other, { ins: nia, birthName: 'PAT-TROIS', firstGivenName: 'DOMINIQUE', birthDate: '1979-03-28', sex: 'F' }),
      );
      // It waits for this transaction, which has the row of that matricule.
      await until('the feed waits', async () => {
        const { rows } = await sql<{ waiting: number }>`
          select count(*) as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
          database.db,
        );
        return Number(rows[0]?.waiting) > 0;
      });
    });
    expect(await registered).toBe('exists');
    expect(await findCitizens(database.db, [nia, nir])).toEqual(new Map([nia, nir].map((ins) => [ins, expect.any(Number)])));
    expect(await numberOf(nia)).toBe(await numberOf(nir));
    const { rows } = await sql<{ count: number }>`select count(*) as count from citizens where ins = ${nia}`.execute(database.db);
    expect(rows).toEqual([{ count: 0 }]);
  });
});

describe('requirement 21: a citizen has one mailbox, whatever the number of addresses', () => {
  test('a closed one is closed under all of them, and the next one too', async () => {
    const [nia, nir, third] = [matricule(), matricule(), matricule()];
    await register(nia);
    await replace(nia, nir);
    await setState(database.db, at(nia), 'closed');
    expect([(await holder(nia))?.state, (await holder(nir))?.state]).toEqual(['closed', 'closed']);
    await replace(nir, third);
    expect((await holder(third))?.state).toBe('closed');
    await setState(database.db, at(third), 'reopened');
    expect([(await holder(nia))?.state, (await holder(nir))?.state, (await holder(third))?.state]).toEqual(['active', 'active', 'active']);
  });

  test('one who refused the mailbox stays so until they say otherwise; the neighbours are not concerned', async () => {
    const [mine, theirs] = [matricule(), matricule()];
    await register(mine);
    await register(theirs);
    await setState(database.db, at(mine), 'opposed');
    expect([(await holder(mine))?.state, (await holder(theirs))?.state]).toEqual(['opposed', 'active']);
    await register(mine);
    expect((await holder(mine))?.state).toBe('opposed');
  });
});
