// Wake-ups: after the commit, without content, once for each burst, in this process and in the others.
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { connectWakeups } from '../../mailboxes/connect-wakeups.ts';
import { Wakeups } from '../../mailboxes/wakeups.ts';
import type { ConnectionOptions } from '../../src/database/connect.ts';
import { NotificationLink } from '../../src/database/notification-link.ts';
import { until } from '../support/until.ts';
import { mailboxWorld } from './mailbox-world.ts';

const folder = (folderId: number) => ({ mailboxId: 1, folderId });

async function join(wakeups: Wakeups, connection: ConnectionOptions, onError: (error: unknown) => void = () => {}): Promise<void> {
  const link = await NotificationLink.open(connection, onError);
  onTestFinished(() => link.close());
  const joined = await connectWakeups(wakeups, link);
  onTestFinished(() => joined.close());
}

test('a burst wakes a listener once, later and not within publish; others sleep on', async () => {
  const wakeups = new Wakeups();
  const heard: string[] = [];
  const stop = wakeups.subscribe(42, () => heard.push('a'));
  wakeups.subscribe(42, () => heard.push('b'));
  wakeups.subscribe(43, () => heard.push('other'));
  for (let n = 0; n < 100; n += 1) wakeups.publish([folder(42), folder(42), folder(7)]);
  expect(heard).toEqual([]);
  await until('both heard', () => heard.length > 0);
  expect(heard).toEqual(['a', 'b']);
  stop();
  wakeups.publish([folder(42)]);
  await until('b heard again', () => heard.length > 2);
  expect(heard).toEqual(['a', 'b', 'b']);
});

test('a listener may stop itself or publish again while it is woken', async () => {
  const wakeups = new Wakeups();
  let rounds = 0;
  const stop = wakeups.subscribe(1, () => {
    rounds += 1;
    if (rounds === 3) stop();
    wakeups.publish([folder(1)]);
  });
  wakeups.publish([folder(1)]);
  await until('three rounds', () => rounds === 3);
});

test('a change made in one process wakes the sessions of another, and one of its own only once', async () => {
  const { connection, mailbox, append } = await mailboxWorld();
  const world = [new Wakeups(), new Wakeups()] as const;
  for (const wakeups of world) {
    await join(wakeups, connection);
  }
  const heard = { here: 0, there: 0, last: 0 };
  const count = (who: keyof typeof heard) => () => {
    heard[who] += 1;
  };
  world[0].subscribe(42, count('here'));
  world[1].subscribe(42, count('there'));
  world[1].subscribe(999, count('last'));
  world[0].publish([folder(42)]);
  world[0].publish(Array.from({ length: 1000 }, (_, at) => folder(at + 100)));
  await until('the last was told', () => heard.last === 1);
  expect(heard).toEqual({ here: 1, there: 1, last: 1 });
  expect((await append(await mailbox('lea'))).uid).toBe(1);
});

test('a lost connection is made again, and everyone is woken for what may have been missed', async () => {
  const { db, connection } = await mailboxWorld();
  const wakeups = [new Wakeups(), new Wakeups()] as const;
  const errors: unknown[] = [];
  for (const one of wakeups) {
    await join(one, connection, (error) => errors.push(error));
  }
  let woken = 0;
  wakeups[1].subscribe(42, () => {
    woken += 1;
  });
  const lost = sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen %'`;
  await lost.execute(db);
  await until('both connections are lost', () => errors.length >= 2);
  await until('everyone is woken', () => woken >= 1);
  const before = woken;
  await until('and told again', () => {
    wakeups[0].publish([folder(42)]);
    return woken > before;
  });
});
