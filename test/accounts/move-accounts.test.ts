// Two people replace the matricule of one citizen at the same moment: whatever the order, what opens their mailbox goes with them.
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addressesOf, citizenAddress } from '../../directory/citizen-addresses.ts';
import { findCitizens, replaceMatricule } from '../../directory/matricules.ts';
import { directoryMigrations } from '../../directory/migrations/set.ts';
import { registerCitizen } from '../../directory/registry.ts';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import { issueApplicationPassword } from '../../src/accounts/application-passwords.ts';
import { accountsMigrations } from '../../src/accounts/migrations/set.ts';
import { moveAccounts } from '../../src/accounts/move-accounts.ts';
import { type Ins, insKey, parseIns } from '../../src/core/ins.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

const domain = 'patient.test.mssante.fr';
const pepper = Buffer.alloc(32, 7);
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([directoryMigrations, mailboxesMigrations, accountsMigrations]);
});
afterAll(() => database.close());

function matricule(number: number): Ins {
  const body = `29103750${String(number).padStart(5, '0')}`;
  return parseIns(body + insKey(body)) ?? expect.fail('not a matricule');
}

/** As the command does it; `beforeCommit` is waited for. */
function move(from: Ins, to: Ins, beforeCommit: Promise<void> = Promise.resolve()): Promise<void> {
  return inTransaction(database.db, async (trx) => {
    const citizenId = (await findCitizens(trx, [from])).get(from) ?? expect.fail('nobody has this matricule');
    await moveAccounts(trx, domain, [{ citizenId, to }]);
    await replaceMatricule(trx, from, to);
    await beforeCommit;
  });
}

/** Statements that wait for a lock. */
async function waiting(): Promise<number> {
  const { rows } = await sql`
    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(database.db);
  return rows.length;
}

test('two moves at once of a citizen who has no mailbox yet: their password is where the registry says they are', async () => {
  const [first, second, third] = [matricule(1), matricule(2), matricule(3)];
  const traits = { birthName: 'FICTIF', firstGivenName: 'RUTH', birthDate: '1991-03-15', sex: 'F' } as const;
  const before = await registerCitizen(database.db, { ins: first, ...traits }, domain);
  await issueApplicationPassword(database.db, pepper, before, 'Thunderbird');
  let commit = () => {};
  const held = new Promise<void>((resolve) => {
    commit = resolve;
  });
  const one = move(first, second, held);
  const passwords = () => database.db.selectFrom('application_passwords').select('address').execute();
  await until('the first holds what it moves', async () => {
    // Of this database: other tests hold locks of their own on the same server.
    const { rows } = await sql`
      select from pg_locks join pg_database d on d.oid = database
      where datname = current_database() and locktype = 'advisory' and granted`.execute(database.db);
    return rows.length > 0;
  });
  const other = move(first, third);
  await until('the second waits', async () => (await waiting()) === 1);
  commit();
  await Promise.all([one, other]);
  const citizenId = (await findCitizens(database.db, [first])).get(first) ?? 0;
  const [current] = (await addressesOf(database.db, domain, [citizenId])).get(citizenId) ?? [];
  expect(current).toBe(citizenAddress(third, domain));
  expect(await passwords()).toEqual([{ address: current }]);
});
