// What changes messages, and what others are told of it: STORE, EXPUNGE, UID EXPUNGE, COPY, MOVE.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recount } from '../../mailboxes/recount.ts';
import type { ImapClient } from './imap-client.ts';
import { type ImapWorld, imapWorld, sampleLetter } from './imap-world.ts';

let world: ImapWorld;
beforeAll(async () => {
  world = await imapWorld();
});
afterAll(async () => {
  expect(await recount(world.db)).toEqual([]);
  expect(world.failures).toEqual([]);
  await world.close();
});

/** Two clients in the INBOX of a mailbox with as many messages as asked. */
async function twoClients(messages: number, quotaBytes?: number): Promise<[ImapClient, ImapClient]> {
  const mailbox = await world.mailbox(quotaBytes);
  for (let count = 1; count <= messages; count++) await world.deliver(mailbox, { text: sampleLetter(`Lettre ${count}`) });
  const first = await world.inInbox(mailbox);
  return [first, await world.inInbox(mailbox)];
}

test('RFC 3501 §6.4.6 STORE: add, remove, replace; the others hear of it', async () => {
  const [client, other] = await twoClients(2);
  expect(await client.ok('STORE 1:2 +FLAGS (\\Flagged $Urgent)')).toEqual([
    '* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $Urgent)',
    '* OK [PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $Urgent \\*)] Flags that last',
    '* 1 FETCH (FLAGS (\\Flagged \\Recent $Urgent))',
    '* 2 FETCH (FLAGS (\\Flagged \\Recent $Urgent))',
  ]);
  expect(await client.ok('UID STORE 2 -FLAGS $Urgent')).toEqual(['* 2 FETCH (UID 2 FLAGS (\\Flagged \\Recent))']);
  expect(await client.ok('STORE 1 FLAGS (\\Seen)')).toEqual(['* 1 FETCH (FLAGS (\\Seen \\Recent))']);
  expect(await client.ok('NOOP')).toEqual([]);
  expect(await other.ok('NOOP')).toEqual(['* 1 FETCH (UID 1 FLAGS (\\Seen))', '* 2 FETCH (UID 2 FLAGS (\\Flagged))']);
  await client.bad('STORE 3 +FLAGS (\\Seen)');
  await client.bad('STORE 1 +FLAGS (\\Seen');
  expect(await client.ok('UID STORE 77 +FLAGS (\\Seen)')).toEqual([]);
});

test('RFC 3501 §6.4.6 .SILENT: no echo of one’s own change, but what others did is told', async () => {
  const [client, other] = await twoClients(2);
  expect(await client.ok('STORE 1 +FLAGS.SILENT (\\Seen)')).toEqual([]);
  expect(await client.ok('NOOP')).toEqual([]);
  expect(await other.ok('NOOP')).toEqual(['* 1 FETCH (UID 1 FLAGS (\\Seen))']);
  await other.ok('STORE 2 +FLAGS (\\Answered)');
  expect(await client.ok('STORE 2 +FLAGS.SILENT (\\Seen)')).toEqual(['* 2 FETCH (UID 2 FLAGS (\\Answered \\Recent))']);
});

test('RFC 3501 §7.4.1: EXPUNGE is never told during STORE, FETCH and SEARCH by number', async () => {
  const [client, other] = await twoClients(3);
  await other.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
  await client.ok('NOOP');
  expect(await other.ok('EXPUNGE')).toEqual(['* 1 EXPUNGE']);
  expect(await client.ok('STORE 3 +FLAGS (\\Seen)')).toEqual(['* 3 FETCH (FLAGS (\\Seen \\Recent))']);
  expect(await client.ok('FETCH 2 UID')).toEqual(['* 2 FETCH (UID 2)']);
  expect(await client.ok('SEARCH ALL')).toEqual(['* SEARCH 2 3']);
  expect(await client.no('STORE 1 +FLAGS (\\Seen)')).toMatch(/^\[EXPUNGEISSUED\]/);
  expect(await client.ok('UID FETCH 3 UID')).toEqual(['* 3 FETCH (UID 3)', '* 1 EXPUNGE']);
});

test('RFC 3501 §6.4.3 EXPUNGE: numbers as they stand at each line; RFC 4315 §2.1 UID EXPUNGE: only among these', async () => {
  const [client, other] = await twoClients(5);
  await client.ok('STORE 2,4,5 +FLAGS.SILENT (\\Deleted)');
  expect(await client.ok('UID EXPUNGE 1:4')).toEqual(['* 4 EXPUNGE', '* 2 EXPUNGE']);
  expect(await client.ok('EXPUNGE')).toEqual(['* 3 EXPUNGE']);
  expect(await client.ok('UID SEARCH ALL')).toEqual(['* SEARCH 1 3']);
  expect(await other.ok('NOOP')).toEqual(['* 5 EXPUNGE', '* 4 EXPUNGE', '* 2 EXPUNGE']);
});

test('RFC 3501 §6.4.7, RFC 4315 COPY: COPYUID, flags kept, TRYCREATE, OVERQUOTA', async () => {
  const size = Buffer.byteLength(sampleLetter('Lettre 1'));
  const [client] = await twoClients(2, size * 3);
  await client.ok('STORE 2 FLAGS (\\Flagged)');
  expect(await client.no('COPY 1:2 absent')).toMatch(/^\[TRYCREATE\]/);
  expect(await client.no('COPY 1:2 Archive')).toMatch(/^\[OVERQUOTA\]/);
  const copied = await client.send('UID COPY 2 Archive');
  expect(copied.text).toMatch(/^\[COPYUID \d+ 2 1\]/);
  expect((await client.send('UID COPY 99 Archive')).text).toBe('Copy completed');
  await client.ok('SELECT Archive');
  expect(await client.ok('FETCH 1 (FLAGS BODY.PEEK[HEADER.FIELDS (Subject)])')).toEqual([
    '* 1 FETCH (FLAGS (\\Flagged \\Recent) BODY[HEADER.FIELDS (Subject)] {21}\r\nSubject: Lettre 2\r\n\r\n)',
  ]);
});

test('a copy into the open folder is announced in the same answer', async () => {
  const [client] = await twoClients(1);
  expect(await client.ok('COPY 1 INBOX')).toEqual(['* 2 EXISTS', '* 2 RECENT']);
});

test('RFC 6851 MOVE: COPYUID first, then the removals; the others see them go and come', async () => {
  const [client, other] = await twoClients(3);
  const moved = await client.send('MOVE 1,3 Trash');
  expect(moved.untagged[0]).toMatch(/^\* OK \[COPYUID \d+ 1,3 1:2\]/);
  expect(moved.untagged.slice(1)).toEqual(['* 3 EXPUNGE', '* 1 EXPUNGE']);
  expect(await other.ok('NOOP')).toEqual(['* 3 EXPUNGE', '* 1 EXPUNGE']);
  expect(await client.no('UID MOVE 2 absent')).toMatch(/^\[TRYCREATE\]/);
  expect(await other.ok('SELECT Trash')).toContain('* 2 EXISTS');
});

test('RFC 3501 §7.3.1: arrivals are announced at the next command, \\Recent to the first session that hears of them', async () => {
  const mailbox = await world.mailbox();
  const [client, other] = [await world.inInbox(mailbox), await world.inInbox(mailbox)];
  await world.deliver(mailbox);
  expect(await client.ok('NOOP')).toEqual(['* 1 EXISTS', '* 1 RECENT']);
  expect(await other.ok('CHECK')).toEqual(['* 1 EXISTS', '* 0 RECENT']);
});
