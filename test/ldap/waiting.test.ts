// Time: searches that last, clients that are silent, clients that do not read. Each costs what its limit says, and nobody else anything.
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { LdapClient } from './ldap-client.ts';
import { baseDn, type LdapWorld, ldapWorld, lea, password, paul } from './ldap-world.ts';
import * as requests from './requests.ts';

const notice = '1.3.6.1.4.1.1466.20036';
const asked = { base: `ou=professionnels,${baseDn}`, scope: 'one', filter: '(sn=durand)' } as const;

let world: LdapWorld;
beforeAll(async () => {
  world = await ldapWorld({ limits: { maxSearches: 3, maxSearchesPerAddress: 2, searchTimeLimitMs: 300_000 } });
});
afterEach(() => expect(world.failures).toEqual([]));
afterAll(() => world.close());

/** Keeps everybody from reading the address book, until it is called. */
async function stopTheBook(): Promise<() => Promise<void>> {
  let letGo = () => {};
  const isOver = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let stopped = () => {};
  const isStopped = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  const holding = world.db.transaction().execute(async (trx) => {
    await sql`lock table address_book in access exclusive mode`.execute(trx);
    stopped();
    await isOver;
  });
  await isStopped;
  return async () => {
    letGo();
    await holding;
  };
}

/** Searches of the book that wait in the database. */
async function searchesWaiting(): Promise<number> {
  const { rows } = await sql<{ searches: number }>`
    select count(*)::int as searches from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%from address_book%'`.execute(world.db);
  return rows[0]?.searches ?? 0;
}

test('RFC 4511 §4.5.1.5: a search that lasts longer than the client wants ends with its time', async () => {
  const client = await world.client();
  const goOn = await stopTheBook();
  expect(await client.search({ ...asked, timeLimit: 1 })).toMatchObject({
    code: 3,
    entries: [],
    text: expect.stringContaining('Précisez'),
  });
  await goOn();
  expect(await client.search({ ...asked, timeLimit: 60 })).toMatchObject({ code: 0, entries: { length: 1 } });
});

test('RFC 4511 §4.11: a search that is given up, or whose client leaves, ends in the database too', async () => {
  const client = await world.client();
  const goOn = await stopTheBook();
  const givenUp = client.send(requests.search(asked));
  await until('the search is in the database', async () => (await searchesWaiting()) === 1);
  client.send(requests.abandon(givenUp));
  await until('it is not any more', async () => (await searchesWaiting()) === 0);
  const left = await world.client();
  left.send(requests.search(asked));
  await until('the next one is', async () => (await searchesWaiting()) === 1);
  left.close();
  await until('nor is that one', async () => (await searchesWaiting()) === 0);
  await goOn();
  // What was given up is never answered: the next answer is that of the next request.
  expect(await client.search(asked)).toMatchObject({ code: 0, entries: { length: 1 } });
});

test('one address that searches over all its connections leaves the others a place', async () => {
  const crowd = await Promise.all([1, 2, 3, 4, 5].map(() => world.client()));
  const colleague = await LdapClient.secure(world.tlsPort);
  expect(await colleague.bind(paul, password)).toBe(0);
  const goOn = await stopTheBook();
  const ids = crowd.map((client) => client.send(requests.search(asked)));
  await until('two of theirs are in the database', async () => (await searchesWaiting()) === 2);
  const id = colleague.send(requests.search(asked));
  await until('the colleague’s is the third', async () => (await searchesWaiting()) === 3);
  await goOn();
  expect(await colleague.answersTo(id)).toMatchObject({ code: 0 });
  for (const [at, client] of crowd.entries()) expect(await client.answersTo(ids[at] ?? 0)).toMatchObject({ code: 0 });
  colleague.close();
});

test('whoever does not say who they are, or has become nobody again, is let go in time; so is whoever falls silent', async () => {
  const hasty = await ldapWorld({ limits: { bindTimeoutMs: 2_000 } });
  const silent = await LdapClient.plain(hasty.startTlsPort);
  expect(await silent.next()).toMatchObject({ messageId: 0, oid: notice, code: 52, text: expect.stringContaining('identification') });
  expect(await silent.next()).toBeUndefined();
  // Its requests do not prolong its stay.
  const curious = await LdapClient.secure(hasty.tlsPort);
  const leaving = new Promise<true>((resolve) => curious.socket.once('close', () => resolve(true)));
  for (let answer = await curious.ask(requests.search({})); ; answer = await curious.ask(requests.search({}))) {
    expect(answer.code).toBe(0);
    if (await comesSoon(leaving)) break;
  }
  const client = await hasty.client();
  expect(await client.bind('', '')).toBe(0);
  expect(await client.next()).toMatchObject({ messageId: 0, oid: notice, text: expect.stringContaining('identification') });
  await hasty.close();

  const impatient = await ldapWorld({ limits: { idleTimeoutMs: 300 } });
  const idle = await impatient.client();
  expect(await idle.next()).toMatchObject({ messageId: 0, oid: notice, code: 52, text: expect.stringContaining('inactivité') });
  await impatient.close();
});

/** True when it comes before the next moment. */
function comesSoon(event: Promise<true>): Promise<boolean> {
  return Promise.race([event, new Promise<false>((resolve) => setTimeout(() => resolve(false), 100))]);
}

test('a name that many binds are tried with is counted each time, and the door stays open to others', async () => {
  const before = world.binds.length;
  const clients = await Promise.all(Array.from({ length: 30 }, () => LdapClient.secure(world.tlsPort)));
  await Promise.all(
    clients.map(async (client) => {
      for (const wrong of ['a', 'b', 'c']) expect(await client.bind(lea, wrong)).toBe(49);
      expect(await client.next()).toMatchObject({ messageId: 0, oid: notice });
    }),
  );
  expect(world.binds.slice(before)).toEqual(Array.from({ length: 90 }, () => false));
  const neighbour = await world.client();
  expect(await neighbour.search(asked)).toMatchObject({ code: 0 });
});
