// Professional mailboxes that nobody opens: written to, then shut, then out of the address book, and back as soon as their holder is.
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAddress, type NewAddress } from '../../directory/addresses.ts';
import { changeState } from '../../directory/change-state.ts';
import { endIdleness, type IdleDelays, type IdleStep, isStillSilent, listIdle, takeIdleSteps } from '../../directory/idle-boxes.ts';
import { directoryMigrations } from '../../directory/migrations/set.ts';
import { registerProfessional, registerStructure } from '../../directory/registry.ts';
import type { RegistryState } from '../../directory/states.ts';
import type { Address } from '../../src/core/address.ts';
import type { Trx } from '../../src/database/tables.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([directoryMigrations]);
  const person = { civility: 'Dr', familyName: 'MARTIN', givenName: 'Léa', profession: 'Médecin' };
  await registerProfessional(database.db, { rpps: '99700101005', ...person });
  await registerStructure(database.db, { structureId: '1990001014', name: 'Clinique de test' });
});
afterAll(() => database.close());
beforeEach(async () => {
  await sql`delete from addresses`.execute(database.db);
  await sql`delete from sign_ins`.execute(database.db);
});

const dayMs = 24 * 3_600_000;
const delays: IdleDelays = { noticeMs: 365 * dayMs, suspendMs: 548 * dayMs, unpublishMs: 730 * dayMs };
const opened = Date.now();
/** So many days after the mailboxes were opened, and an hour: the review comes when it comes. */
const day = (number: number) => new Date(opened + number * dayMs + 3_600_000);
const box = address('lea.martin@medecin.test.mssante.fr');
const inTrx = <T>(work: (trx: Trx) => Promise<T>) => database.db.transaction().execute(work);
const create = (wanted: Partial<NewAddress> = {}) =>
  inTrx((trx) => createAddress(trx, { address: box, type: 'PER', label: 'Dr', rpps: '99700101005', structureId: '1990001014', ...wanted }));
const change = (to: RegistryState) => inTrx((trx) => changeState(trx, 'patient.mssante.fr', box, to));
async function signIn(at: Date, of = box): Promise<void> {
  await inTrx(async (trx) => {
    await sql`insert into sign_ins values (${of}, ${at}, ${at}) on conflict (address) do update set last_at = excluded.last_at`.execute(
      trx,
    );
    await endIdleness(trx, of);
  });
}
async function due(at: Date, asked = delays): Promise<IdleStep[]> {
  return (await listIdle(database.db, asked, at, '', 100)).due;
}
/** What the daily review does, and which steps it took. */
async function review(at: Date, asked = delays): Promise<string[]> {
  const steps = await due(at, asked);
  await inTrx((trx) => takeIdleSteps(trx, steps, at));
  return steps.flatMap((one) => one.steps);
}
const rowOf = (of: Address = box) =>
  database.db
    .selectFrom('addresses')
    .select(['state', 'suspended_for', 'published', 'unpublished_for'])
    .where('address', '=', of)
    .executeTakeFirst();
const open = { state: 'active', suspended_for: null, published: true, unpublished_for: null };

describe('requirement 21: idle delays', () => {
  test('a notice, a suspension, a withdrawal, each in its time and once', async () => {
    await create();
    expect(await review(day(364))).toEqual([]);
    expect(await review(day(365))).toEqual(['notice']);
    expect(await review(day(365))).toEqual([]);
    expect(await review(day(366))).toEqual([]);
    expect(await rowOf()).toEqual(open);
    expect(await review(day(547))).toEqual([]);
    expect(await review(day(548))).toEqual(['suspend']);
    expect(await rowOf()).toMatchObject({ state: 'suspended', suspended_for: 'idle', published: true });
    expect(await review(day(729))).toEqual([]);
    expect(await review(day(730))).toEqual(['unpublish']);
    expect(await review(day(2000))).toEqual([]);
    expect(await rowOf()).toEqual({ state: 'suspended', suspended_for: 'idle', published: false, unpublished_for: 'idle' });
  });

  test('whoever signs in finds everything as it was, and a new silence is counted from then', async () => {
    await create();
    for (const number of [365, 548, 730]) await review(day(number));
    await signIn(day(800));
    expect(await rowOf()).toEqual({ ...open, state: 'reopened' });
    expect(await review(day(800 + 364))).toEqual([]);
    expect(await review(day(800 + 366))).toEqual(['notice']);
    expect(await review(day(800 + 549))).toEqual(['suspend']);
  });

  test('a sign-in between notice and suspension ends the silence', async () => {
    await create();
    await review(day(365));
    await signIn(day(500));
    expect(await review(day(600))).toEqual([]);
    expect(await rowOf()).toEqual(open);
    expect(await review(day(500 + 366))).toEqual(['notice']);
  });

  test('delays that are new to an old registry: everybody is written to first, and has time to come back', async () => {
    await create();
    expect(await review(day(3000))).toEqual(['notice']);
    expect(await review(day(3001))).toEqual([]);
    expect(await review(day(3000 + 182))).toEqual([]);
    expect(await review(day(3000 + 183))).toEqual(['suspend']);
    expect(await review(day(3000 + 365))).toEqual(['unpublish']);
  });

  test('a delay of 0 never comes', async () => {
    await create();
    const never = { noticeMs: 0, suspendMs: 0, unpublishMs: 0 };
    expect(await review(day(9000), never)).toEqual([]);
    expect(await review(day(9000), { ...never, unpublishMs: delays.unpublishMs })).toEqual(['unpublish']);
    expect(await rowOf()).toEqual({ ...open, published: false, unpublished_for: 'idle' });
    await signIn(day(9001));
    expect(await rowOf()).toEqual(open);
    expect(await review(day(20_000), { ...never, suspendMs: delays.suspendMs })).toEqual(['suspend']);
  });

  test('those that a person shut, that are not open yet, that belong to a program or to somebody else are left alone', async () => {
    await create();
    await change('suspended');
    await create({ address: address('close@medecin.test.mssante.fr') });
    await sql`update addresses set state = 'closed' where address = 'close@medecin.test.mssante.fr'`.execute(database.db);
    await create({ address: address('prete@medecin.test.mssante.fr'), state: 'pending' });
    await create({ address: address('application@medecin.test.mssante.fr'), type: 'APP' });
    await create({ address: address('ailleurs@medecin.test.mssante.fr') });
    await sql`update addresses set hosted = false where address = 'ailleurs@medecin.test.mssante.fr'`.execute(database.db);
    expect(await due(day(9000))).toEqual([]);
  });

  test('a red-listed or withdrawn mailbox is shut like the others, and stays withdrawn by whom it was', async () => {
    await create({ published: false, redList: true });
    for (const number of [365, 548]) await review(day(number));
    expect(await review(day(9000))).toEqual([]);
    await signIn(day(9001));
    expect(await rowOf()).toEqual({ ...open, state: 'reopened', published: false });
  });
});

describe('decisions stand where silence alone had acted', () => {
  beforeEach(async () => {
    await create();
    for (const number of [365, 548, 730]) await review(day(number));
  });

  test('a person suspends what silence had suspended: signing in does not open it', async () => {
    expect(await change('suspended')).toBe('changed');
    expect(await change('suspended')).toBe('unchanged');
    await signIn(day(800));
    expect(await rowOf()).toEqual({ state: 'suspended', suspended_for: 'decision', published: false, unpublished_for: 'idle' });
    expect(await change('reopened')).toBe('changed');
    expect(await rowOf()).toEqual({ ...open, state: 'reopened' });
  });

  test('a person reopens it: it is in the address book again, and the silence begins anew', async () => {
    expect(await change('reopened')).toBe('changed');
    expect(await rowOf()).toEqual({ ...open, state: 'reopened' });
    // Reopened today by the database's clock, while the silence had been counted in days to come.
    expect(await review(day(364))).toEqual([]);
    expect(await review(day(366))).toEqual(['notice']);
  });

  test('a closed one stays closed', async () => {
    expect(await change('closed')).toBe('changed');
    await signIn(day(800));
    expect(await rowOf()).toMatchObject({ state: 'closed', suspended_for: null, published: false });
  });
});

test('a holder who comes back between the look and the step keeps their mailbox', async () => {
  await create();
  await review(day(365));
  const steps = await due(day(548));
  expect(steps.map((one) => one.steps)).toEqual([['suspend']]);
  await signIn(day(548));
  expect(await inTrx((trx) => takeIdleSteps(trx, steps, day(548)))).toEqual({ suspended: 0, unpublished: 0 });
  expect(await rowOf()).toEqual(open);
  await change('closed');
  expect(await inTrx((trx) => takeIdleSteps(trx, steps, day(548)))).toEqual({ suspended: 0, unpublished: 0 });
});

test('who came back meanwhile is written to no more; the step taken twice is taken once', async () => {
  await create();
  const [step] = await due(day(365));
  if (!step) return expect.fail('nothing is due');
  expect(await isStillSilent(database.db, box, step.since)).toBe(true);
  await inTrx((trx) => takeIdleSteps(trx, [step], day(365)));
  await inTrx((trx) => takeIdleSteps(trx, [step], day(370)));
  const silence = await database.db.selectFrom('silences').selectAll().executeTakeFirst();
  expect(silence).toEqual({ address: box, since: step.since, noticed_at: day(365) });
  await signIn(day(366));
  expect(await isStillSilent(database.db, box, step.since)).toBe(false);
  expect(await isStillSilent(database.db, address('personne@medecin.test.mssante.fr'), step.since)).toBe(false);
});

test('thousands of mailboxes are looked at by batches, each once', async () => {
  await sql`
    insert into addresses (address, type, label, rpps)
    select 'boite' || g || '@medecin.test.mssante.fr', 'PER', 'Dr', '99700101005' from generate_series(1, 2500) g`.execute(database.db);
  const seen: Address[] = [];
  let batches = 0;
  for (let after: Address | '' | undefined = ''; after !== undefined; batches += 1) {
    const { due: steps, last } = await listIdle(database.db, delays, day(365), after, 1000);
    await inTrx((trx) => takeIdleSteps(trx, steps, day(365)));
    seen.push(...steps.map((one) => one.address));
    after = last;
  }
  expect([batches, seen.length, new Set(seen).size]).toEqual([3, 2500, 2500]);
  expect(await due(day(366))).toEqual([]);
});
