// FETCH: every item and section form, \Seen, partial reads, large letters, and letters that go while they are read.
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ImapWorld, imapWorld, sampleLetter } from './imap-world.ts';

let world: ImapWorld;
beforeAll(async () => {
  world = await imapWorld();
});
afterAll(() => world.close());

const nested = [
  'Subject: dehors',
  'From: a@b.example',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=x',
  '',
  'preambule',
  '--x',
  'Content-Type: text/plain',
  '',
  'un',
  '--x',
  'Content-Type: message/rfc822',
  '',
  'Subject: dedans',
  'From: c@d.example',
  '',
  'deux',
  '--x--',
  '',
].join('\r\n');

test('RFC 3501 §7.4.2: the plain items, the macros, and the UID form', async () => {
  const mailbox = await world.mailbox();
  const text = sampleLetter('Essai');
  await world.deliver(mailbox, { text });
  const client = await world.inInbox(mailbox);
  const size = Buffer.byteLength(text);
  expect(await client.ok('FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE)')).toEqual([
    `* 1 FETCH (UID 1 FLAGS (\\Recent) INTERNALDATE "21-Nov-2026 12:00:00 +0000" RFC822.SIZE ${size})`,
  ]);
  expect(await client.ok('UID FETCH 1:* FAST')).toEqual([
    `* 1 FETCH (UID 1 FLAGS (\\Recent) INTERNALDATE "21-Nov-2026 12:00:00 +0000" RFC822.SIZE ${size})`,
  ]);
  const [all = ''] = await client.ok('FETCH 1 ALL');
  expect(all).toContain('ENVELOPE ("Sat, 21 Nov 2026 10:00:00 +0100" "Essai" ((');
  const [full = ''] = await client.ok('FETCH 1 FULL');
  expect(full).toContain('BODY ("text" "plain" ("charset" "utf-8") NIL NIL "8bit" 25 2)');
  const [structure = ''] = await client.ok('FETCH 1 BODYSTRUCTURE');
  expect(structure).toMatch(/BODYSTRUCTURE \("text" "plain" \("charset" "utf-8"\) NIL NIL "8bit" 25 2 NIL NIL NIL NIL\)\)$/);
  expect(await client.ok('UID FETCH 99 FLAGS')).toEqual([]);
  await client.bad('FETCH 2 FLAGS');
  await client.bad('FETCH 0 FLAGS');
  await client.bad('FETCH 1 COLOUR');
});

test('RFC 3501 §6.4.5: every section of a letter within a letter', async () => {
  const mailbox = await world.mailbox();
  await world.deliver(mailbox, { text: nested });
  const client = await world.inInbox(mailbox);
  const section = async (name: string) => {
    const [line = ''] = await client.ok(`FETCH 1 BODY.PEEK[${name}]`);
    const [, label, value] = /^\* 1 FETCH \(BODY\[(.*?)\] (.*)\)$/s.exec(line) ?? [];
    expect(label).toBe(name);
    return value?.replace(/^\{\d+\}\r\n/, '');
  };
  expect(await section('')).toBe(nested);
  expect(await section('HEADER')).toBe(nested.slice(0, nested.indexOf('preambule')));
  expect(await section('TEXT')).toBe(nested.slice(nested.indexOf('preambule')));
  expect(await section('HEADER.FIELDS (SUBJECT X-NONE)')).toBe('Subject: dehors\r\n\r\n');
  expect(await section('HEADER.FIELDS.NOT (From Mime-Version Content-Type)')).toBe('Subject: dehors\r\n\r\n');
  expect(await section('1')).toBe('un');
  expect(await section('1.MIME')).toBe('Content-Type: text/plain\r\n\r\n');
  expect(await section('2')).toBe('Subject: dedans\r\nFrom: c@d.example\r\n\r\ndeux');
  expect(await section('2.HEADER')).toBe('Subject: dedans\r\nFrom: c@d.example\r\n\r\n');
  expect(await section('2.TEXT')).toBe('deux');
  expect(await section('2.HEADER.FIELDS (From)')).toBe('From: c@d.example\r\n\r\n');
  expect(await section('2.1')).toBe('deux');
  expect(await section('3')).toBe('NIL');
});

test('RFC 3501 §6.4.5: partial reads, also beyond the end', async () => {
  const mailbox = await world.mailbox();
  await world.deliver(mailbox, { text: nested });
  const client = await world.inInbox(mailbox);
  expect(await client.ok('FETCH 1 BODY.PEEK[]<9.6>')).toEqual(['* 1 FETCH (BODY[]<9> {6}\r\ndehors)']);
  expect(await client.ok('FETCH 1 BODY.PEEK[1]<1.100>')).toEqual(['* 1 FETCH (BODY[1]<1> {1}\r\nn)']);
  expect(await client.ok('FETCH 1 BODY.PEEK[]<100000.10>')).toEqual(['* 1 FETCH (BODY[]<100000> {0}\r\n)']);
});

test('RFC 3501 §6.4.5: the old names RFC822, RFC822.HEADER, RFC822.TEXT', async () => {
  const mailbox = await world.mailbox();
  await world.deliver(mailbox, { text: nested });
  const client = await world.inInbox(mailbox);
  const [header = ''] = await client.ok('FETCH 1 RFC822.HEADER');
  expect(header).toContain('RFC822.HEADER {');
  expect(await client.ok('FETCH 1 FLAGS')).toEqual(['* 1 FETCH (FLAGS (\\Recent))']);
  const [whole = ''] = await client.ok('FETCH 1 (RFC822 RFC822.TEXT)');
  expect(whole).toContain(nested);
  expect(whole).toContain('FLAGS (\\Seen \\Recent)');
});

test('RFC 3501 §6.4.5: reading without PEEK marks as read, said in the same answer, once, and to the others', async () => {
  const mailbox = await world.mailbox();
  await world.deliver(mailbox);
  const [client, other] = [await world.inInbox(mailbox), await world.inInbox(mailbox)];
  await client.ok('FETCH 1 BODY.PEEK[]');
  expect(await client.ok('FETCH 1 FLAGS')).toEqual(['* 1 FETCH (FLAGS (\\Recent))']);
  const read = await client.ok('FETCH 1 (BODY[TEXT])');
  expect(read).toHaveLength(1);
  expect(read[0]).toMatch(/ FLAGS \(\\Seen \\Recent\)\)$/);
  expect(await client.ok('NOOP')).toEqual([]);
  expect(await other.ok('NOOP')).toEqual(['* 1 FETCH (UID 1 FLAGS (\\Seen))']);
});

test('the trace headers stand before the letter, byte for byte, in every section and in the size', async () => {
  const mailbox = await world.mailbox();
  const prefix = 'Received: from ailleurs by ici; Sat, 21 Nov 2026 10:00:00 +0100\r\n';
  const text = sampleLetter('Essai');
  await world.deliver(mailbox, { text, prefix });
  const client = await world.inInbox(mailbox);
  const whole = Buffer.from(prefix + text).toString('latin1');
  expect(await client.ok('FETCH 1 (RFC822.SIZE BODY.PEEK[])')).toEqual([
    `* 1 FETCH (RFC822.SIZE ${whole.length} BODY[] {${whole.length}}\r\n${whole})`,
  ]);
  expect((await client.ok('FETCH 1 BODY.PEEK[HEADER.FIELDS (Received)]'))[0]).toContain(prefix);
  expect((await client.ok('FETCH 1 BODY.PEEK[1]'))[0]).toContain('{25}\r\nBonjour');
  expect((await client.ok(`FETCH 1 BODY.PEEK[]<${prefix.length - 4}.8>`))[0]).toContain('{8}\r\n00\r\nFrom');
});

test('a letter of several megabytes comes whole, and in pieces, byte for byte', async () => {
  const mailbox = await world.mailbox();
  const letter = Buffer.concat([Buffer.from('Subject: gros\r\n\r\n'), Buffer.from(randomBytes(3_000_000).toString('base64'))]);
  await world.deliver(mailbox, { text: letter });
  const client = await world.inInbox(mailbox);
  const [whole = ''] = await client.ok('FETCH 1 BODY.PEEK[]');
  expect(whole === `* 1 FETCH (BODY[] {${letter.length}}\r\n${letter.toString('latin1')})`).toBe(true);
  const [piece = ''] = await client.ok('FETCH 1 BODY.PEEK[]<1000000.200000>');
  expect(piece.endsWith(`{200000}\r\n${letter.toString('latin1', 1_000_000, 1_200_000)})`)).toBe(true);
});

test('RFC 2180 §4.1, RFC 5530: a message another session expunged is left out, and announced only when numbers may move', async () => {
  const mailbox = await world.mailbox();
  for (let count = 0; count < 3; count++) await world.deliver(mailbox, { text: sampleLetter(`n${count}`) });
  const [client, other] = [await world.inInbox(mailbox), await world.inInbox(mailbox)];
  await other.ok('STORE 2 +FLAGS (\\Deleted)');
  await other.ok('EXPUNGE');
  const fetched = await client.send('FETCH 1:3 UID');
  expect(fetched.text).toMatch(/^\[EXPUNGEISSUED\]/);
  expect(fetched.untagged).toEqual(['* 1 FETCH (UID 1)', '* 3 FETCH (UID 3)']);
  expect(await client.ok('FETCH 3 UID')).toEqual(['* 3 FETCH (UID 3)']);
  expect(await client.ok('NOOP')).toEqual(['* 2 EXPUNGE']);
  expect(await client.ok('FETCH 2 UID')).toEqual(['* 2 FETCH (UID 3)']);
});

test('a letter whose bytes cannot be read is answered NIL and NO, and the connection goes on', async () => {
  const broken = await imapWorld();
  const mailbox = await broken.mailbox();
  await broken.deliver(mailbox, { text: Buffer.concat([Buffer.from('Subject: gros\r\n\r\n'), Buffer.alloc(100_000, 'x')]) });
  await rm(broken.blobFolder, { recursive: true, force: true });
  const client = await broken.inInbox(mailbox);
  const answer = await client.send('FETCH 1 (BODY.PEEK[] UID)');
  expect(answer.untagged).toEqual(['* 1 FETCH (BODY[] NIL UID 1)']);
  expect(answer).toMatchObject({ status: 'NO', text: expect.stringMatching(/^\[SERVERBUG\]/) });
  await client.ok('FETCH 1 ENVELOPE');
  expect(broken.failures).toHaveLength(1);
  await broken.close();
});
