// Sessions outlive what let them in, unless somebody looks: here is who looks. Requirement 21.
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { directoryMigrations } from '../../directory/migrations/set.ts';
import { registerCitizen } from '../../directory/registry.ts';
import { DirectoryChanges, directoryChannel } from '../../directory/resolver/directory-changes.ts';
import { Resolver } from '../../directory/resolver/resolver.ts';
import { AccountWatch } from '../../src/accounts/account-watch.ts';
import type { Address } from '../../src/core/address.ts';
import { insKey, parseIns } from '../../src/core/ins.ts';
import type { ConnectionOptions } from '../../src/database/connect.ts';
import { NotificationLink } from '../../src/database/notification-link.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openRoad } from '../support/database-road.ts';
import { setState } from '../support/set-state.ts';
import { until } from '../support/until.ts';

const domain = 'patient.mssante.fr';
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([directoryMigrations]);
});
afterAll(() => database.close());

let matricules = 0;
function newCitizen(): Promise<Address> {
  const body = `29001991${String(matricules++).padStart(5, '0')}`;
  const ins = parseIns(body + insKey(body)) ?? expect.fail('not a matricule');
  return registerCitizen(database.db, { ins, birthName: 'FICTIF', firstGivenName: 'RUTH', birthDate: '1990-01-15', sex: 'F' }, domain);
}

/** `failing` makes the registry's answers fail while it says so. */
async function openWatch(connection: ConnectionOptions = database.connection, failing: () => boolean = () => false) {
  const errors: unknown[] = [];
  const changes = new DirectoryChanges();
  const db = database.db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      if (failing()) throw new Error('The registry is away');
      return result;
    },
  });
  const resolver = new Resolver({ db, domain, changes, maxEntries: 100 });
  const watch = new AccountWatch({ changes, resolver, onError: (error) => errors.push(error), retryMs: 20 });
  onTestFinished(() => watch.close());
  const link = await NotificationLink.open(connection, () => undefined);
  onTestFinished(() => link.close());
  await link.listen(directoryChannel, changes);
  const shut: Address[] = [];
  return { watch, changes, errors, shut, follow: (one: Address) => watch.watch(one, () => shut.push(one)) };
}

test('everyone who is signed in to a mailbox hears that it is shut, and nobody else; whoever has left hears nothing', async () => {
  const { shut, follow } = await openWatch();
  const [one, other] = [await newCitizen(), await newCitizen()];
  follow(one);
  follow(one);
  follow(other);
  const leave = follow(one);
  leave();
  await setState(database.db, other, 'activated');
  await setState(database.db, one, 'closed');
  await until('both have heard', () => shut.length === 2);
  expect(shut).toEqual([one, one]);
  // Once: they are leaving, and hear nothing more.
  const { shut: again, follow: followToo } = await openWatch();
  await setState(database.db, one, 'reopened');
  followToo(one);
  await setState(database.db, one, 'closed');
  await until('somebody else has heard', () => again.length === 1);
  expect(shut).toEqual([one, one]);
});

test('a mailbox that was shut between the sign-in and the watch is found out', async () => {
  const { shut, follow } = await openWatch();
  const one = await newCitizen();
  await setState(database.db, one, 'opposed');
  follow(one);
  await until('it is found out', () => shut.length === 1);
});

test('whoever has just come back from a suspension is not sent away on the word of what was remembered', async () => {
  const changes = new DirectoryChanges();
  changes.listening(); // and word of the return is still on its way
  const resolver = new Resolver({ db: database.db, domain, changes, maxEntries: 100 });
  const watch = new AccountWatch({ changes, resolver, onError: () => undefined });
  onTestFinished(() => watch.close());
  const [one, other] = [await newCitizen(), await newCitizen()];
  for (const each of [one, other]) await setState(database.db, each, 'closed');
  await resolver.resolve([one, other]);
  await setState(database.db, one, 'reopened');
  const shut: Address[] = [];
  for (const each of [one, other]) watch.watch(each, () => shut.push(each));
  await until('both were looked at', () => shut.length > 0);
  expect(shut).toEqual([other]);
});

test('one that was shut while nothing could be heard is found out as soon as it can', async () => {
  const road = await openRoad(database.connection);
  onTestFinished(() => road.close());
  const { changes, shut, follow } = await openWatch(road.connection);
  const all = await Promise.all(Array.from({ length: 600 }, newCitizen));
  for (const one of all) follow(one);
  road.cut();
  await until('it hears nothing', () => !changes.isHeard);
  await setState(database.db, all[599] ?? expect.fail(), 'closed');
  road.open();
  await until('it is found out', () => shut.length === 1);
  expect(shut).toEqual([all[599]]);
});

test('a registry that does not answer is asked again', async () => {
  let isAway = false;
  const { shut, errors, follow } = await openWatch(undefined, () => isAway);
  const one = await newCitizen();
  follow(one);
  isAway = true;
  await setState(database.db, one, 'closed');
  await until('it has failed twice', () => errors.length >= 2);
  isAway = false;
  await until('it is found out', () => shut.length === 1);
});
