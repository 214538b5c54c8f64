// The database goes away under a command: the client is told to try again, and its connection and view go on.
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type ImapWorld, imapWorld } from './imap-world.ts';

let world: ImapWorld;
beforeAll(async () => {
  world = await imapWorld();
});
afterAll(() => world.close());

/** Cuts the database connection of whatever waits for `table`, once something does. */
async function cutWhileWaitingFor(table: 'messages' | 'folders', ask: () => void): Promise<void> {
  await world.db.transaction().execute(async (trx) => {
    await sql`lock table ${sql.table(table)} in access exclusive mode`.execute(trx);
    ask();
    await until('a statement waits and is cut', async () => {
      await sql`select pg_stat_clear_snapshot()`.execute(trx); // activity is read once a transaction otherwise
      const { rows } = await sql`
        select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
        trx,
      );
      return rows.length > 0;
    });
  });
}

test('RFC 5530 UNAVAILABLE: a FETCH cut off by the database is refused for now, the next one is served', async () => {
  const mailbox = await world.mailbox();
  await world.deliver(mailbox);
  const client = await world.inInbox(mailbox);
  await cutWhileWaitingFor('messages', () => client.write('a FETCH 1 UID\r\n'));
  expect((await client.until(/^a /)).at(-1)).toMatch(/^a NO \[UNAVAILABLE\]/);
  expect(await client.ok('FETCH 1 UID')).toEqual(['* 1 FETCH (UID 1)']);
  expect(world.failures.map(({ command }) => command)).toEqual(['FETCH']);
});

test('a change that could not be told because of the database is told at the next command', async () => {
  const mailbox = await world.mailbox();
  const client = await world.inInbox(mailbox);
  await world.deliver(mailbox);
  await cutWhileWaitingFor('folders', () => client.write('a NOOP\r\n'));
  expect(await client.until(/^a /)).toEqual([expect.stringMatching(/^a OK/)]);
  expect(await client.ok('CAPABILITY')).toContain('* 1 EXISTS');
});
