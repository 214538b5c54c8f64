// Folders: LIST, LSUB, CREATE, DELETE, RENAME, SUBSCRIBE, STATUS, SELECT, EXAMINE, CLOSE, UNSELECT.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ImapWorld, imapWorld, sampleLetter } from './imap-world.ts';

let world: ImapWorld;
beforeAll(async () => {
  world = await imapWorld();
});
afterAll(() => world.close());

test('RFC 3501 §6.3.8, RFC 6154, RFC 3348 LIST: the first folders, what they are for, and whether they have children', async () => {
  const client = await world.client(await world.mailbox());
  await client.ok('CREATE Patients/2026/Novembre');
  expect((await client.ok('LIST "" *')).toSorted()).toEqual([
    '* LIST (\\HasChildren) "/" "Patients"',
    '* LIST (\\HasChildren) "/" "Patients/2026"',
    '* LIST (\\HasNoChildren \\Archive) "/" "Archive"',
    '* LIST (\\HasNoChildren \\Drafts) "/" "Drafts"',
    '* LIST (\\HasNoChildren \\Sent) "/" "Sent"',
    '* LIST (\\HasNoChildren \\Trash) "/" "Trash"',
    '* LIST (\\HasNoChildren) "/" "INBOX"',
    '* LIST (\\HasNoChildren) "/" "Patients/2026/Novembre"',
  ]);
  expect(await client.ok('LIST "" ""')).toEqual(['* LIST (\\Noselect) "/" ""']);
  expect(await client.ok('LIST "" %')).toHaveLength(6);
  expect(await client.ok('LIST "Patients/" %')).toEqual(['* LIST (\\HasChildren) "/" "Patients/2026"']);
  expect(await client.ok('LIST "" inbox')).toEqual(['* LIST (\\HasNoChildren) "/" "INBOX"']);
});

test('RFC 3501 §5.1.3: names travel in modified UTF-7', async () => {
  const client = await world.client(await world.mailbox());
  await client.ok('CREATE "R&AOk-sum&AOk-s"');
  expect(await client.ok('LIST "" R*')).toEqual(['* LIST (\\HasNoChildren) "/" "R&AOk-sum&AOk-s"']);
  await client.ok('SELECT "R&AOk-sum&AOk-s"');
  await client.bad('CREATE "R&AOk"');
});

test('RFC 3501 §6.3.3 to §6.3.5, RFC 5530: CREATE, DELETE, RENAME and their refusals', async () => {
  const mailbox = await world.mailbox();
  const client = await world.client(mailbox);
  await client.ok('CREATE a/b/');
  expect(await client.no('CREATE a/b')).toMatch(/^\[ALREADYEXISTS\]/);
  expect(await client.no('CREATE inbox')).toMatch(/^\[ALREADYEXISTS\]/);
  expect(await client.no('CREATE "a//b"')).toMatch(/^\[CANNOT\]/);
  expect(await client.no('DELETE INBOX')).toMatch(/^\[CANNOT\]/);
  expect(await client.no('DELETE a')).toMatch(/^\[HASCHILDREN\]/);
  expect(await client.no('DELETE zzz')).toMatch(/^\[NONEXISTENT\]/);
  await client.ok('RENAME a c');
  expect(await client.ok('LIST "" c*')).toHaveLength(2);
  expect(await client.no('RENAME c INBOX')).toMatch(/^\[ALREADYEXISTS\]/);
  await client.ok('DELETE c/b');
  await client.ok('DELETE c');
  expect(await client.no('SELECT c')).toMatch(/^\[NONEXISTENT\]/);

  await world.deliver(mailbox);
  await client.ok('SELECT INBOX');
  expect(await client.ok('RENAME INBOX "Anciens messages"')).toContain('* 1 EXPUNGE');
  expect(await client.ok('STATUS "Anciens messages" (MESSAGES)')).toEqual(['* STATUS "Anciens messages" (MESSAGES 1)']);
});

test('RFC 2180 §3.3: a folder deleted under a session ends it; who deleted it goes on', async () => {
  const mailbox = await world.mailbox();
  const [here, there] = [await world.client(mailbox), await world.client(mailbox)];
  await here.ok('CREATE ephemere');
  await here.ok('SELECT ephemere');
  await there.ok('SELECT ephemere');
  await here.ok('DELETE ephemere');
  expect(await here.bad('CHECK')).toContain('not allowed now');
  await here.ok('SELECT INBOX');
  expect((await there.send('NOOP')).status).toBe('OK');
  expect(await there.next()).toMatch(/^\* BYE/);
});

test('RFC 3501 §6.3.6, §6.3.9 SUBSCRIBE and LSUB: the name outlives the folder, and % shows hidden levels', async () => {
  const client = await world.client(await world.mailbox());
  expect(await client.ok('LSUB "" *')).toHaveLength(5);
  await client.ok('CREATE x/y');
  expect(await client.no('SUBSCRIBE absent')).toMatch(/^\[NONEXISTENT\]/);
  await client.ok('SUBSCRIBE x/y');
  expect(await client.ok('LSUB "" x%')).toEqual(['* LSUB (\\Noselect) "/" "x"']);
  expect(await client.ok('LSUB "" x*')).toEqual(['* LSUB () "/" "x/y"']);
  await client.ok('DELETE x/y');
  expect(await client.ok('LSUB "" x*')).toEqual(['* LSUB (\\Noselect) "/" "x/y"']);
  await client.ok('UNSUBSCRIBE x/y');
  expect(await client.ok('LSUB "" x*')).toEqual([]);
});

test('RFC 3501 §6.3.10 STATUS: counters, and \\Recent that reading them does not take away', async () => {
  const mailbox = await world.mailbox();
  await world.deliver(mailbox);
  await world.deliver(mailbox, { flags: 1 });
  const client = await world.client(mailbox);
  const [line = ''] = await client.ok('STATUS inbox (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)');
  expect(line).toMatch(/^\* STATUS "INBOX" \(MESSAGES 2 RECENT 2 UIDNEXT 3 UIDVALIDITY \d+ UNSEEN 1\)$/);
  expect(await client.ok('STATUS INBOX (RECENT)')).toEqual(['* STATUS "INBOX" (RECENT 2)']);
  await client.ok('SELECT INBOX');
  expect(await client.ok('STATUS INBOX (RECENT)')).toEqual(['* STATUS "INBOX" (RECENT 0)']);
  await world.deliver(mailbox);
  expect(await (await world.client(mailbox)).ok('STATUS INBOX (RECENT)')).toEqual(['* STATUS "INBOX" (RECENT 1)']);
  await client.bad('STATUS INBOX ()');
  await client.bad('STATUS INBOX (COLOUR)');
  expect(await client.no('STATUS absent (MESSAGES)')).toMatch(/^\[NONEXISTENT\]/);
});

test('RFC 3501 §6.3.1 SELECT: everything a client must know, \\Recent for the first session only; §6.3.2 EXAMINE changes nothing', async () => {
  const mailbox = await world.mailbox();
  await world.deliver(mailbox, { flags: 1 });
  await world.deliver(mailbox);
  const reader = await world.client(mailbox);
  const examined = await reader.send('EXAMINE INBOX');
  expect(examined.text).toMatch(/^\[READ-ONLY\]/);
  expect(examined.untagged).toContain('* 2 RECENT');
  expect(examined.untagged.some((line) => line.startsWith('* OK [PERMANENTFLAGS ()]'))).toBe(true);
  expect(await reader.no('STORE 1 +FLAGS (\\Flagged)')).toMatch(/^\[READ-ONLY\]/);
  expect(await reader.no('EXPUNGE')).toMatch(/^\[READ-ONLY\]/);
  await reader.ok('FETCH 2 BODY[]');
  expect(await reader.ok('FETCH 2 FLAGS')).toEqual(['* 2 FETCH (FLAGS (\\Recent))']);

  const first = await world.client(mailbox);
  const selected = await first.send('SELECT INBOX');
  expect(selected.text).toMatch(/^\[READ-WRITE\]/);
  expect(selected.untagged.map((line) => line.replace(/\d{2,}/, 'N'))).toEqual([
    '* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft)',
    '* OK [PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft \\*)] Flags that last',
    '* 2 EXISTS',
    '* 2 RECENT',
    '* OK [UNSEEN 2] First unseen message',
    expect.stringMatching(/^\* OK \[UIDVALIDITY (N|\d)\]/),
    '* OK [UIDNEXT 3] Next UID',
  ]);
  const second = await world.client(mailbox);
  expect(await second.ok('SELECT INBOX')).toContain('* 0 RECENT');
  expect(await second.ok('FETCH 1 FLAGS')).toEqual(['* 1 FETCH (FLAGS (\\Seen))']);
  expect(await second.no('SELECT absent')).toMatch(/^\[NONEXISTENT\]/);
  expect(await second.bad('FETCH 1 FLAGS')).toContain('not allowed now');
});

test('RFC 3501 §6.4.2 CLOSE removes what is deleted without a word; RFC 3691 UNSELECT does not; after EXAMINE neither does', async () => {
  const mailbox = await world.mailbox();
  for (let count = 0; count < 2; count++) await world.deliver(mailbox, { text: sampleLetter(`n${count}`) });
  const client = await world.inInbox(mailbox);
  await client.ok('STORE 1 +FLAGS (\\Deleted)');
  expect(await client.ok('UNSELECT')).toEqual([]);
  await client.ok('EXAMINE INBOX');
  await client.ok('CLOSE');
  expect(await client.ok('SELECT INBOX')).toContain('* 2 EXISTS');
  expect(await client.ok('CLOSE')).toEqual([]);
  expect(await client.ok('SELECT INBOX')).toContain('* 1 EXISTS');
});
