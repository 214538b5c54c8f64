// APPEND: streamed, indexed, bounded, byte for byte.
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type ImapWorld, imapWorld, sampleLetter } from './imap-world.ts';

let world: ImapWorld;
beforeAll(async () => {
  world = await imapWorld({ appendLimitBytes: 2_000_000 });
});
afterAll(() => world.close());

async function files(): Promise<string[]> {
  const entries = await readdir(world.blobFolder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

test('RFC 3501 §6.3.11, RFC 4315: flags, keywords, date, APPENDUID; announced at once in the open folder', async () => {
  const mailbox = await world.mailbox();
  const client = await world.inInbox(mailbox);
  const answer = await client.send('APPEND INBOX (\\Seen $Forwarded) " 7-Feb-2026 21:52:25 +0100" ', sampleLetter('Ajout'));
  expect(answer.text).toMatch(/^\[APPENDUID \d+ 1\]/);
  expect(answer.untagged.filter((line) => !/FLAGS/.test(line))).toEqual(['* 1 EXISTS', '* 1 RECENT']);
  expect(await client.ok('FETCH 1 (FLAGS INTERNALDATE)')).toEqual([
    '* 1 FETCH (FLAGS (\\Seen \\Recent $Forwarded) INTERNALDATE " 7-Feb-2026 20:52:25 +0000")',
  ]);
  expect((await client.ok('FETCH 1 BODY.PEEK[]'))[0]).toContain(
    sampleLetter('Ajout').replace(/[^\0-\x7f]/g, (c) => Buffer.from(c).toString('latin1')),
  );
});

test('a large letter of any bytes comes back byte for byte', async () => {
  const client = await world.inInbox(await world.mailbox());
  const letter = Buffer.concat([Buffer.from('Subject: octets\r\n\r\n'), randomBytes(1_500_000)]);
  await client.ok('APPEND INBOX ', letter);
  const [fetched = ''] = await client.ok('FETCH 1 BODY.PEEK[]');
  expect(fetched === `* 1 FETCH (BODY[] {${letter.length}}\r\n${letter.toString('latin1')})`).toBe(true);
});

test('RFC 3501 §6.3.11 TRYCREATE and TOOBIG are said before a byte is asked for', async () => {
  const client = await world.client(await world.mailbox());
  expect(await client.no('APPEND absent ', 'x')).toMatch(/^\[TRYCREATE\]/);
  expect(await client.no('APPEND INBOX ', Buffer.alloc(2_000_001))).toMatch(/^\[TOOBIG\]/);
  expect(await client.no('APPEND INBOX {0}')).toContain('Message vide');
  await client.bad('APPEND INBOX "pas un litteral"');
  await client.bad('APPEND INBOX (\\Seen {3}');
  expect(await client.ok('NOOP')).toEqual([]);
});

test('RFC 7888 §4: a refused literal that is sent all the same is passed over; an endless one closes the connection', async () => {
  const client = await world.client(await world.mailbox());
  client.write(`a APPEND absent {10+}\r\nb CREATE x!\r\nc NOOP\r\n`);
  expect(await client.next()).toMatch(/^a NO \[TRYCREATE\]/);
  expect(await client.next()).toMatch(/^c OK/);
  client.write('d APPEND INBOX {4000000000+}\r\n');
  expect(await client.next()).toMatch(/^d NO \[TOOBIG\]/);
  client.write(Buffer.alloc(200_000, 'a NOOP\r\n'));
  await client.until(/^\* BYE/);
});

test('a full mailbox refuses with OVERQUOTA and keeps no file', async () => {
  const client = await world.client(await world.mailbox(100_000));
  const before = await files();
  expect(await client.no('APPEND INBOX ', Buffer.alloc(150_000, 'x'))).toMatch(/^\[OVERQUOTA\]/);
  expect(await files()).toEqual(before);
});

test('a client that goes in the middle of its letter leaves nothing behind', async () => {
  const mailbox = await world.mailbox();
  const client = await world.client(mailbox);
  const before = await files();
  client.write('a APPEND INBOX {1000000}\r\n');
  expect(await client.next()).toMatch(/^\+/);
  client.write(Buffer.alloc(500_000, 'x'));
  await until('the letter has begun to be kept', async () => (await files()).length > before.length);
  client.close();
  await until('nothing is left of it', async () => (await files()).length === before.length);
  expect(await (await world.client(mailbox)).ok('STATUS INBOX (MESSAGES)')).toEqual(['* STATUS "INBOX" (MESSAGES 0)']);
});

test('more than one message at once is not offered, and nothing of it is kept', async () => {
  const mailbox = await world.mailbox();
  const client = await world.client(mailbox);
  client.write('a APPEND INBOX {3}\r\n');
  await client.next();
  client.write('abc {3}\r\n');
  expect(await client.next()).toMatch(/^a BAD/);
  expect(await client.ok('STATUS INBOX (MESSAGES)')).toEqual(['* STATUS "INBOX" (MESSAGES 0)']);
});
