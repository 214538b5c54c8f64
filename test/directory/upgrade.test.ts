// A registry of the release before meets this one: nobody is lost, nobody's mailbox opens or shuts, and no silence has begun.
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listIdle } from '../../directory/idle-boxes.ts';
import { findCitizens, replaceMatricule } from '../../directory/matricules.ts';
import { directoryMigrations } from '../../directory/migrations/set.ts';
import { resolveAddresses } from '../../directory/resolve-addresses.ts';
import { blockerOf } from '../../policies/blocker.ts';
import { block, listBlocks } from '../../policies/blocks.ts';
import { policiesMigrations } from '../../policies/migrations/set.ts';
import { applyEffects, readExchange } from '../../policies/register.ts';
import { type Address, parseAddress } from '../../src/core/address.ts';
import { type Ins, insKey, parseIns } from '../../src/core/ins.ts';
import { migrateAll } from '../../src/database/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([]);
});
afterAll(() => database.close());

const insOf = (body: string): Ins => parseIns(body + insKey(body)) ?? expect.fail('not a matricule');
const at = (ins: Ins): Address => parseAddress(`${ins}@patient.mssante.fr`) ?? expect.fail('not an address');

test('citizens of two tables become rows of one, with their state and their former matricules', async () => {
  const { db } = database;
  const migrations = Object.entries(directoryMigrations.migrations).sort(([one], [other]) => (one < other ? -1 : 1));
  const migrate = async (from: number, to?: number) => {
    for (const [, migration] of migrations.slice(from, to)) await migration.up(db as Kysely<unknown>);
  };
  await migrate(0, 2);
  const [nia, nir, corsican, refused, closed] = ['7790399700001', '2790399700001', '279032A700002', '2790399700003', '2790399700004'].map(
    insOf,
  ) as [Ins, Ins, Ins, Ins, Ins];
  const states = [
    { ins: nir, addresses: [at(nia), at(nir)], state: 'active' },
    { ins: corsican, addresses: [at(corsican)], state: 'suspended' },
    { ins: refused, addresses: [at(refused)], state: 'opposed' },
    { ins: closed, addresses: [at(closed)], state: 'closed' },
  ];
  for (const { ins, addresses, state } of states) {
    const { rows } = await sql<{ citizen_id: number }>`
      insert into citizens (ins, birth_name, first_given_name, birth_date, sex) values (${ins}, 'ESSAI', 'PAUL', '1979-03-28', 'F')
      returning citizen_id`.execute(db);
    for (const address of addresses) {
      await sql`
        insert into addresses (address, type, state, label, citizen_id, created_at)
        values (${address}, 'CITIZEN', ${state}, 'Paul ESSAI', ${rows[0]?.citizen_id}, '2020-01-01')`.execute(db);
    }
  }
  await sql`insert into professionals values ('99700101005', 'Dr', 'MARTIN', 'Léa', 'Médecin')`.execute(db);
  await sql`
    insert into addresses (address, type, state, label, rpps, created_at) values
      ('ouverte@medecin.test.mssante.fr', 'PER', 'active', 'Dr', '99700101005', '2015-01-01'),
      ('suspendue@medecin.test.mssante.fr', 'CAB', 'suspended', 'Dr', '99700101005', '2015-01-01')`.execute(db);
  await migrateAll(db, [policiesMigrations]);
  const numberOf = async (address: Address) =>
    (await sql<{ citizen_id: number }>`select citizen_id from addresses where address = ${address}`.execute(db)).rows[0]?.citizen_id ?? 0;
  const correspondent = parseAddress('ouverte@medecin.test.mssante.fr') ?? expect.fail();
  const blocker = blockerOf({ rpps: '99700101005', address: correspondent });
  const [writes, isBlocked] = [await numberOf(at(nia)), await numberOf(at(corsican))];
  await db.transaction().execute(async (trx) => {
    await applyEffects(trx, [{ do: 'open', citizenId: writes, correspondent, openedBy: correspondent }], new Date());
    await block(trx, { citizenId: isBlocked, blocker, by: correspondent }, new Date());
  });
  const before = await sql<{ ins: Ins; citizen_id: number }>`select ins, citizen_id from citizens`.execute(db);
  await migrate(2);

  const everyone = [nia, nir, corsican, refused, closed];
  const found = await resolveAddresses(db, 'patient.mssante.fr', everyone.map(at));
  expect(everyone.map((ins) => found.get(at(ins))?.registryState)).toEqual(['activated', 'activated', 'closed', 'opposed', 'closed']);
  const ids = await findCitizens(db, everyone);
  expect(ids.get(nia)).toBe(ids.get(nir));
  expect(before.rows.map(({ ins, citizen_id }) => [ins, citizen_id])).toEqual(before.rows.map(({ ins }) => [ins, ids.get(ins)]));

  // Exchanges and blocks are still those of whoever has, or had, the matricule.
  expect(await readExchange(db, { citizenId: ids.get(nia) ?? 0, correspondent })).toMatchObject({ state: 'open' });
  expect(await listBlocks(db, blocker)).toMatchObject([{ citizenId: ids.get(corsican) }]);

  const boxes = (['ouverte', 'suspendue'] as const).map((name) => parseAddress(`${name}@medecin.test.mssante.fr`) as Address);
  const held = await resolveAddresses(db, 'patient.mssante.fr', boxes);
  expect(boxes.map((box) => held.get(box)?.registryState)).toEqual(['active', 'suspended']);
  // Sign-ins were not written down before: to go by the day they were opened would write to everybody at once.
  const dayMs = 24 * 3_600_000;
  const delays = { noticeMs: 365 * dayMs, suspendMs: 548 * dayMs, unpublishMs: 730 * dayMs };
  expect((await listIdle(db, delays, new Date(), '', 100)).due).toEqual([]);
  expect(await db.selectFrom('directory_history').selectAll().execute()).toEqual([]);
  const forLife = insOf('2790399700009');
  expect(await db.transaction().execute((trx) => replaceMatricule(trx, nir, forLife))).toBe('replaced');
  expect(new Set((await findCitizens(db, [nia, nir, forLife])).values())).toEqual(new Set([ids.get(nia)]));
});
