// IDLE: told within milliseconds, kept alive, ended by DONE. RFC 2177.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ImapWorld, imapWorld } from './imap-world.ts';

let world: ImapWorld;
beforeAll(async () => {
  world = await imapWorld({ idleKeepAliveMs: 300 });
});
afterAll(() => world.close());

test('RFC 2177: arrivals, flags and removals are pushed as they happen', async () => {
  const mailbox = await world.mailbox();
  const [idle, other] = [await world.inInbox(mailbox), await world.inInbox(mailbox)];
  idle.write('i IDLE\r\n');
  expect(await idle.next()).toMatch(/^\+ /);
  const sentAt = performance.now();
  await world.deliver(mailbox);
  expect((await idle.until(/RECENT/)).filter((line) => !line.startsWith('* OK'))).toEqual(['* 1 EXISTS', '* 1 RECENT']);
  // The numbers that decide are those of the bench; this only tells a push from a keep-alive.
  expect(performance.now() - sentAt).toBeLessThan(2_000);
  await other.ok('NOOP');
  await other.ok('STORE 1 +FLAGS (\\Deleted)');
  expect((await idle.until(/FETCH/)).at(-1)).toBe('* 1 FETCH (UID 1 FLAGS (\\Deleted \\Recent))');
  await other.ok('EXPUNGE');
  expect((await idle.until(/EXPUNGE/)).at(-1)).toBe('* 1 EXPUNGE');
  idle.write('done\r\n');
  expect((await idle.until(/^i /)).at(-1)).toMatch(/^i OK/);
  expect((await idle.send('NOOP')).status).toBe('OK');
});

test('a client in IDLE hears a word now and then, also without an open folder', async () => {
  const client = await world.client(await world.mailbox());
  client.write('i IDLE\r\n');
  await client.until(/^\* OK Still here/);
  await client.until(/^\* OK Still here/);
  client.write('DONE\r\n');
  await client.until(/^i OK/);
});

test('anything but DONE ends IDLE with BAD; a client that leaves in IDLE is forgotten', async () => {
  const mailbox = await world.mailbox();
  const client = await world.inInbox(mailbox);
  client.write('i IDLE\r\nj NOOP\r\n');
  expect((await client.until(/^i /)).at(-1)).toMatch(/^i BAD/);
  client.write('k IDLE\r\n');
  await client.until(/^\+/);
  client.close();
  await world.deliver(mailbox);
  expect(await (await world.client(mailbox)).ok('SELECT INBOX')).toContain('* 1 EXISTS');
});

test('RFC 2180 §3.3: the folder deleted under an IDLE ends the connection', async () => {
  const mailbox = await world.mailbox();
  const [idle, other] = [await world.client(mailbox), await world.client(mailbox)];
  await other.ok('CREATE ephemere');
  await idle.ok('SELECT ephemere');
  idle.write('i IDLE\r\n');
  await idle.until(/^\+/);
  await other.ok('DELETE ephemere');
  expect((await idle.until(/BYE/)).at(-1)).toMatch(/^\* BYE/);
  expect(await idle.next()).toBeUndefined();
});

test('RFC 3501 §5.5: DONE and the next commands may come in one segment', async () => {
  const client = await world.inInbox(await world.mailbox());
  client.write('i IDLE\r\nDONE\r\nj NOOP\r\nk LOGOUT\r\n');
  const lines = await client.until(/^k OK/);
  expect(lines.filter((line) => /^[ijk] /.test(line)).map((line) => line.slice(0, 4))).toEqual(['i OK', 'j OK', 'k OK']);
});
