// What a person does in an ordinary mail program and the gateway acts on: reading a letter whose sender asked for a receipt, and
// moving letters into and out of « Patients bloqués », whose é travels in modified UTF-7 (RFC 3501 §5.1.3).
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FoundMailbox } from '../../mailboxes/mailbox.ts';
import { takeMessageEvents } from '../../mailboxes/message-events.ts';
import { recount } from '../../mailboxes/recount.ts';
import { type Address, parseAddress } from '../../src/core/address.ts';
import { type ImapWorld, imapWorld } from './imap-world.ts';

let world: ImapWorld;
beforeAll(async () => {
  world = await imapWorld();
});
afterAll(async () => {
  expect(await recount(world.db)).toEqual([]);
  expect(world.failures).toEqual([]);
  await world.close();
});

const doctor = address('lea.martin@medecin.mssante.example');
const ruth = address('ruth@patient.mssante.example');
const jean = address('jean@patient.mssante.example');
const onTheWire = '"Patients bloqu&AOk-s"';

/** What there is to act on, of one mailbox. */
async function told({ address: mailboxAddress }: FoundMailbox): Promise<string[]> {
  const events = await world.db.transaction().execute((trx) => takeMessageEvents(trx, 100));
  expect(events.filter((one) => one.mailboxAddress !== mailboxAddress)).toEqual([]);
  return events.map((one) => `${one.kind} ${one.kind === 'read' ? one.receiptTo : one.sender}`);
}

test('requirement 43: a letter shown is told read, peeking or a folder opened read-only shows nothing', async () => {
  const mailbox = await world.mailbox();
  await world.deliver(mailbox, { sender: doctor, receiptTo: doctor });
  const reader = await world.client(mailbox);
  await reader.ok('EXAMINE INBOX');
  await reader.ok('FETCH 1 BODY[]');
  await reader.ok('SELECT INBOX');
  await reader.ok('FETCH 1 (ENVELOPE BODYSTRUCTURE BODY.PEEK[] RFC822.HEADER)');
  expect(await told(mailbox)).toEqual([]);
  await reader.ok('FETCH 1 BODY[TEXT]');
  expect(await told(mailbox)).toEqual([`read ${doctor}`]);
  await reader.ok('FETCH 1 BODY[]');
  await reader.ok('STORE 1 -FLAGS (\\Seen)');
  await reader.ok('STORE 1 +FLAGS (\\Seen)');
  expect(await told(mailbox)).toEqual([]);
});

test('requirement 43: two programs that read the same letters at once tell each of them once', async () => {
  const mailbox = await world.mailbox();
  for (let count = 0; count < 20; count += 1) await world.deliver(mailbox, { sender: doctor, receiptTo: doctor });
  const [one, two, three] = [await world.inInbox(mailbox), await world.inInbox(mailbox), await world.inInbox(mailbox)];
  await Promise.all([one.ok('FETCH 1:20 BODY[TEXT]'), two.ok('STORE 1:20 +FLAGS.SILENT (\\Seen)'), three.ok('STORE 1:20 FLAGS (\\Seen)')]);
  expect(await told(mailbox)).toEqual(Array.from({ length: 20 }, () => `read ${doctor}`));
});

test('requirement 45: deleting a letter unread, or copying it, tells nobody', async () => {
  const mailbox = await world.mailbox();
  await world.deliver(mailbox, { sender: doctor, receiptTo: doctor });
  const client = await world.inInbox(mailbox);
  await client.ok('COPY 1 Archive');
  await client.ok('STORE 1 +FLAGS (\\Deleted \\Answered $MDNSent)');
  await client.ok('EXPUNGE');
  await client.ok('SELECT Archive');
  await client.ok('MOVE 1 Trash');
  await client.ok('SELECT Trash');
  await client.ok('STORE 1 FLAGS (\\Deleted)');
  await client.ok('CLOSE');
  expect(await told(mailbox)).toEqual([]);
});

test('requirement 33: the folder is listed, subscribed, and stays under its name', async () => {
  const client = await world.client(await world.mailbox(undefined, 'professional'));
  expect(await client.ok(`LIST "" "Patients*"`)).toEqual([`* LIST (\\HasNoChildren) "/" ${onTheWire}`]);
  expect(await client.ok(`LSUB "" "Patients*"`)).toEqual([`* LSUB () "/" ${onTheWire}`]);
  expect(await client.no(`DELETE ${onTheWire}`)).toBe('[CANNOT] Ce dossier ne peut etre supprime');
  expect(await client.no(`RENAME ${onTheWire} Autre`)).toBe('[CANNOT] Ce dossier ne peut etre renomme');
  expect(await client.no('CREATE "Patients bloqu&AOk-s/2026"')).toMatch(/^\[CANNOT\] Ce nom de dossier/);
  expect(await client.no(`RENAME Trash ${onTheWire}`)).toMatch(/^\[ALREADYEXISTS\]/);
  await client.ok(`SELECT ${onTheWire}`);
});

test('requirement 33: moving a letter there blocks its sender, moving the last one out lifts the block', async () => {
  const mailbox = await world.mailbox(undefined, 'professional');
  for (const sender of [ruth, ruth, jean]) await world.deliver(mailbox, { sender });
  const client = await world.inInbox(mailbox);
  const moved = await client.send(`MOVE 1:2 ${onTheWire}`);
  expect(moved.untagged[0]).toMatch(/^\* OK \[COPYUID \d+ 1:2 1:2\]/);
  expect(await told(mailbox)).toEqual([`filed ${ruth}`]);
  await client.ok(`SELECT ${onTheWire}`);
  await client.ok('COPY 1:2 INBOX');
  await client.ok('MOVE 1 Trash');
  expect(await told(mailbox)).toEqual([]);
  await client.ok('UID MOVE 2 INBOX');
  expect(await told(mailbox)).toEqual([`unfiled ${ruth}`]);
});

test('requirement 33: a program without MOVE blocks by COPY, and lifts the block by EXPUNGE or CLOSE', async () => {
  const mailbox = await world.mailbox(undefined, 'professional');
  for (const sender of [ruth, jean]) await world.deliver(mailbox, { sender });
  const client = await world.inInbox(mailbox);
  await client.ok(`COPY 1:2 ${onTheWire}`);
  await client.ok('STORE 1:2 +FLAGS.SILENT (\\Deleted)');
  await client.ok('EXPUNGE');
  expect((await told(mailbox)).sort()).toEqual([`filed ${jean}`, `filed ${ruth}`]);
  await client.ok(`SELECT ${onTheWire}`);
  await client.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
  expect(await told(mailbox)).toEqual([]);
  await client.ok('EXPUNGE');
  expect(await told(mailbox)).toEqual([`unfiled ${ruth}`]);
  await client.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
  await client.ok('CLOSE');
  expect(await told(mailbox)).toEqual([`unfiled ${jean}`]);
});

test('requirement 33: what a client appends there names no sender, and blocks nobody', async () => {
  const mailbox = await world.mailbox(undefined, 'professional');
  const client = await world.client(mailbox);
  await client.ok(`APPEND ${onTheWire} `, 'From: ruth@patient.mssante.example\r\n\r\nBonjour\r\n');
  await client.ok('APPEND INBOX ', 'From: ruth@patient.mssante.example\r\n\r\nBonjour\r\n');
  await client.ok('SELECT INBOX');
  await client.ok(`MOVE 1 ${onTheWire}`);
  expect(await told(mailbox)).toEqual([]);
});

test('requirement 33: imapflow moves a letter to « Patients bloqués » and back by the name a person reads', async () => {
  const mailbox = await world.mailbox(undefined, 'professional');
  await world.deliver(mailbox, { sender: ruth });
  const flow = await world.flow(mailbox);
  expect((await flow.list()).map(({ path }) => path)).toContain('Patients bloqués');
  await flow.mailboxOpen('INBOX');
  expect(await flow.messageMove('1', 'Patients bloqués', { uid: true })).toMatchObject({ destination: 'Patients bloqués' });
  expect(await told(mailbox)).toEqual([`filed ${ruth}`]);
  await flow.mailboxOpen('Patients bloqués');
  await flow.messageMove('1', 'INBOX', { uid: true });
  expect(await told(mailbox)).toEqual([`unfiled ${ruth}`]);
  await flow.logout();
});

function address(text: string): Address {
  return parseAddress(text) ?? expect.fail(`Not an address: ${text}`);
}
