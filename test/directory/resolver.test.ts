// Answers about holders, remembered by a process: never more than so many, never longer than the registry's word.
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { replaceMatricule } from '../../directory/matricules.ts';
import { directoryMigrations } from '../../directory/migrations/set.ts';
import { registerAddress, registerCitizen, registerProfessional } from '../../directory/registry.ts';
import { DirectoryChanges, directoryChannel } from '../../directory/resolver/directory-changes.ts';
import { Resolver } from '../../directory/resolver/resolver.ts';
import type { Address } from '../../src/core/address.ts';
import { type Ins, insKey, parseIns } from '../../src/core/ins.ts';
import type { ConnectionOptions } from '../../src/database/connect.ts';
import { NotificationLink } from '../../src/database/notification-link.ts';
import type { Db } from '../../src/database/tables.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openRoad } from '../support/database-road.ts';
import { setState } from '../support/set-state.ts';
import { until } from '../support/until.ts';

const domain = 'patient.mssante.fr';
const doctor = address('lea.martin@medecin.test.mssante.fr');
const nobody = address('personne@medecin.test.mssante.fr');

let database: TestDatabase;
let db: Db;
beforeAll(async () => {
  database = await createTestDatabase([directoryMigrations]);
  db = database.db;
  await registerProfessional(db, { rpps: '99700101000', civility: 'Dr', familyName: 'TEST', givenName: 'Léa', profession: 'Médecin' });
  await registerAddress(db, { address: doctor, type: 'PER', label: 'Dr Léa TEST', rpps: '99700101000' });
});
afterAll(() => database.close());

let matricules = 0;
function newIns(): Ins {
  const body = `29001991${String(matricules++).padStart(5, '0')}`;
  return parseIns(body + insKey(body)) ?? expect.fail('not a matricule');
}
const register = (ins: Ins) =>
  registerCitizen(db, { ins, birthName: 'FICTIF', firstGivenName: 'RUTH', birthDate: '1990-01-15', sex: 'F' }, domain);

/** Counts the questions that the registry answers, and lets a test hold the answers back. */
function counting() {
  const counted = { answers: 0 };
  const gate: { hold: Promise<void> | undefined } = { hold: undefined };
  const from = db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      counted.answers += 1;
      await gate.hold;
      return result;
    },
  });
  return { counted, gate, from };
}

async function openResolver(options: { maxEntries?: number; connection?: ConnectionOptions; now?: () => number; from?: Db } = {}) {
  const changes = new DirectoryChanges();
  const now = options.now && { now: options.now };
  const resolver = new Resolver({ db: options.from ?? db, domain, changes, maxEntries: options.maxEntries ?? 1000, ...now });
  const link = await NotificationLink.open(options.connection ?? database.connection, () => undefined);
  onTestFinished(() => link.close());
  await link.listen(directoryChannel, changes);
  const one = async (asked: Address) => (await resolver.resolve([asked])).get(asked);
  return { resolver, changes, one };
}

test('requirement 21: an answer carries the box, its holder, their state and their rights; asked twice, the registry hears it once', async () => {
  const { counted, from } = counting();
  // Registered before it listens: word of that would make it forget.
  const ins = newIns();
  const citizen = await register(ins);
  const { resolver, one } = await openResolver({ from });
  expect(await one(doctor)).toMatchObject({ kind: 'professional', address: doctor, registryState: 'active', rights: { signIn: true } });
  expect(await resolver.resolveIns(ins)).toMatchObject({
    kind: 'citizen',
    address: citizen,
    registryState: 'created',
    rights: { receive: true },
  });
  expect(await resolver.resolveIns(newIns())).toBeUndefined();
  expect(await one(nobody)).toBeUndefined();
  const before = counted.answers;
  expect((await resolver.resolve([doctor, citizen, nobody, doctor])).size).toBe(2);
  expect(resolver.isNobodys(nobody)).toBe(true);
  expect(counted.answers).toBe(before);
});

test('what is asked at one moment is one question, on a connection of the caller’s too', async () => {
  const { counted, from } = counting();
  const citizens = await Promise.all(Array.from({ length: 20 }, () => register(newIns())));
  const other = await register(newIns());
  const { resolver, one } = await openResolver({ from });
  expect((await Promise.all(citizens.map(one))).every((holder) => holder?.kind === 'citizen')).toBe(true);
  expect(counted.answers).toBe(1);
  expect([...(await resolver.resolveThrough(from, [...citizens, other])).keys()]).toHaveLength(21);
  await resolver.resolve([other]);
  expect(counted.answers).toBe(2);
});

test('it remembers so many and no more, those used last', async () => {
  const { counted, from } = counting();
  const { resolver, one } = await openResolver({ from, maxEntries: 3 });
  const [first, second, third, fourth] = Array.from({ length: 4 }, (_, n) => address(`n${n}@medecin.test.mssante.fr`));
  if (!first || !second || !third || !fourth) return expect.fail();
  for (const each of [first, second, third, first, fourth]) await one(each);
  expect([first, second, third, fourth].map((each) => resolver.isNobodys(each))).toEqual([true, false, true, true]);
  expect(counted.answers).toBe(4);
  const none = await openResolver({ maxEntries: 0 });
  await none.one(first);
  expect(none.resolver.isNobodys(first)).toBe(false);
});

test('whoever asks for ten thousand addresses of nobody drives out other such names, and no holder', async () => {
  const [many, others] = await Promise.all([60, 40].map((length) => Promise.all(Array.from({ length }, () => register(newIns())))));
  if (!many || !others) return expect.fail();
  const { counted, from } = counting();
  const { resolver } = await openResolver({ from, maxEntries: 100 });
  await resolver.resolve(many);
  for (let n = 0; n < 10_000; n += 500) {
    await resolver.resolve(Array.from({ length: 500 }, (_, at) => address(`n${n + at}@medecin.test.mssante.fr`)));
  }
  const before = counted.answers;
  expect((await resolver.resolve(many)).size).toBe(60);
  expect(counted.answers).toBe(before);
  // Those of nobody have the room that is left, a quarter at least.
  const last = Array.from({ length: 500 }, (_, at) => address(`n${9_500 + at}@medecin.test.mssante.fr`));
  const remembered = () => last.filter((one) => resolver.isNobodys(one)).length;
  expect(remembered()).toBe(40);
  await resolver.resolve(others);
  expect(remembered()).toBe(25);
});

test('asked for this instant, the registry answers, and nothing older is remembered instead', async () => {
  const { counted, gate, from } = counting();
  const changes = new DirectoryChanges();
  changes.listening(); // and never hears
  const resolver = new Resolver({ db: from, domain, changes, maxEntries: 100 });
  const citizen = await register(newIns());
  const stateOf = (found: Awaited<ReturnType<Resolver['resolve']>>) => found.get(citizen)?.state;
  let release = () => undefined as unknown;
  gate.hold = new Promise((resolve) => {
    release = () => resolve();
  });
  const late = resolver.resolve([citizen]);
  await until('the registry has answered', () => counted.answers === 1);
  gate.hold = undefined;
  await setState(db, citizen, 'closed');
  expect(stateOf(await resolver.resolveNow([citizen]))).toBe('closed');
  release();
  expect(stateOf(await late)).toBe('active');
  expect(stateOf(await resolver.resolve([citizen]))).toBe('closed');
  expect(counted.answers).toBe(2);
});

test('after a minute it asks again, whatever it was told', async () => {
  let now = 1000;
  const { resolver, one } = await openResolver({ now: () => now });
  await one(nobody);
  now += 59_000;
  expect(resolver.isNobodys(nobody)).toBe(true);
  now += 2_000;
  expect(resolver.isNobodys(nobody)).toBe(false);
});

test('a change made anywhere is known here: a citizen who comes, a mailbox that is shut, a matricule that changes', async () => {
  const { resolver, one } = await openResolver();
  const [nia, nir] = [newIns(), newIns()];
  expect(await resolver.resolveIns(nia)).toBeUndefined();
  const citizen = await register(nia);
  await until('they are known', () => resolver.resolveIns(nia));
  await setState(db, citizen, 'closed');
  await until('they are shut', async () => (await one(citizen))?.state === 'closed');
  await setState(db, citizen, 'reopened');
  await until('and open again', async () => (await one(citizen))?.registryState === 'reopened');
  expect(await resolver.resolveIns(nir)).toBeUndefined();
  await db.transaction().execute((trx) => replaceMatricule(trx, nia, nir));
  const under = async (ins: Ins) => (await resolver.resolveIns(ins))?.citizenId;
  await until('they are known by both', async () => (await under(nir)) !== undefined && (await under(nir)) === (await under(nia)));
  await setState(db, doctor, 'suspended');
  await until('the doctor is suspended', async () => (await one(doctor))?.state === 'suspended');
  // By a statement of another program's, that knows nothing of us.
  await sql`update addresses set state = 'reopened', suspended_for = null where address = ${doctor}`.execute(db);
  await until('and back', async () => (await one(doctor))?.rights.signIn);
});

test('an answer on its way while the registry changes is given, and not remembered', async () => {
  const { counted, gate, from } = counting();
  const { one, changes } = await openResolver({ from });
  let heard = 0;
  changes.subscribe(() => {
    heard += 1;
  });
  const citizen = await register(newIns());
  await until('the registration was heard', () => heard === 1);
  let release = () => undefined as unknown;
  gate.hold = new Promise((resolve) => {
    release = () => resolve();
  });
  const late = one(citizen);
  await until('the registry has answered', () => counted.answers === 1);
  gate.hold = undefined;
  await setState(db, citizen, 'closed');
  await until('word of it has come', () => heard === 2);
  release();
  expect((await late)?.state).toBe('active');
  expect((await one(citizen))?.state).toBe('closed');
});

test('while it cannot hear, it remembers nothing; what was remembered before is not used afterwards', async () => {
  const road = await openRoad(database.connection);
  onTestFinished(() => road.close());
  const { changes, resolver, one } = await openResolver({ connection: road.connection });
  const citizen = await register(newIns());
  await until('it is remembered', async () => (await one(citizen))?.state === 'active');
  await one(nobody);
  road.cut();
  await until('it hears nothing', () => !changes.isHeard);
  await setState(db, citizen, 'closed');
  expect((await one(citizen))?.state).toBe('closed');
  expect(resolver.isNobodys(nobody)).toBe(false);
  await setState(db, citizen, 'reopened');
  expect((await one(citizen))?.state).toBe('active');
  road.open();
  await until('it hears again', () => changes.isHeard);
  expect(resolver.isNobodys(nobody)).toBe(false);
  expect((await one(citizen))?.registryState).toBe('reopened');
});

test('a word that cannot be read is taken for « everything »', async () => {
  const { resolver, one } = await openResolver();
  for (const word of ['*', 'nonsense', '']) {
    await one(nobody);
    expect(resolver.isNobodys(nobody)).toBe(true);
    await sql`select pg_notify(${directoryChannel}, ${word})`.execute(db);
    await until('it is forgotten', () => !resolver.isNobodys(nobody));
  }
});
