// An independent client, imapflow, does with this server what mail programs do all day.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type ImapWorld, imapWorld, sampleLetter } from './imap-world.ts';

let world: ImapWorld;
beforeAll(async () => {
  world = await imapWorld();
});
afterAll(async () => {
  expect(world.failures).toEqual([]);
  await world.close();
});

test('imapflow logs in, lists the folders and knows what they are for', async () => {
  const flow = await world.flow(await world.mailbox());
  const folders = await flow.list();
  expect(folders.map(({ path, specialUse }) => [path, specialUse]).toSorted()).toEqual([
    ['Archive', '\\Archive'],
    ['Drafts', '\\Drafts'],
    ['INBOX', '\\Inbox'],
    ['Sent', '\\Sent'],
    ['Trash', '\\Trash'],
  ]);
  await flow.mailboxCreate(['Patients', 'Été']);
  expect((await flow.list()).map(({ path }) => path)).toContain('Patients/Été');
  await flow.logout();
});

test('imapflow appends, fetches, searches, flags, moves and deletes', async () => {
  const flow = await world.flow(await world.mailbox());
  const appended = await flow.append('INBOX', sampleLetter('Compte rendu'), ['\\Seen'], new Date('2026-02-07T20:52:25Z'));
  expect(appended).toMatchObject({ uid: 1 });
  await flow.append('INBOX', sampleLetter('Ordonnance'), []);
  await flow.mailboxOpen('INBOX');
  expect(await flow.search({ subject: 'ordonnance' }, { uid: true })).toEqual([2]);
  expect(await flow.search({ seen: false, body: 'tout va bien' }, { uid: true })).toEqual([2]);
  const message = await flow.fetchOne('1', { envelope: true, bodyStructure: true, source: true, flags: true, internalDate: true });
  expect(message).toMatchObject({
    uid: 1,
    envelope: { subject: 'Compte rendu', from: [{ name: 'Dr Léa Martin' }] },
    bodyStructure: { type: 'text/plain' },
  });
  expect((message || undefined)?.source?.toString()).toBe(sampleLetter('Compte rendu'));
  const { content } = await flow.download('2', '1', { uid: true });
  const chunks: Buffer[] = [];
  for await (const chunk of content ?? []) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toContain('tout va bien');
  await flow.messageFlagsAdd('2', ['\\Flagged'], { uid: true });
  expect(await flow.messageMove('2', 'Archive', { uid: true })).toMatchObject({
    path: 'INBOX',
    destination: 'Archive',
    uidMap: new Map([[2, 1]]),
  });
  await flow.messageDelete('1', { uid: true });
  expect(await flow.status('INBOX', { messages: true, uidNext: true, unseen: true })).toMatchObject({ messages: 0, uidNext: 3 });
  expect(await flow.status('Archive', { messages: true, unseen: true })).toMatchObject({ messages: 1, unseen: 1 });
  await flow.logout();
});

test('imapflow in IDLE is told of a letter and of what another program does to it', async () => {
  const mailbox = await world.mailbox();
  const flow = await world.flow(mailbox);
  await flow.mailboxOpen('INBOX');
  const seen: string[] = [];
  flow.on('exists', ({ count }) => seen.push(`exists ${count}`));
  flow.on('flags', ({ seq, flags }) => seen.push(`flags ${seq} ${[...(flags ?? [])].join(' ')}`));
  flow.on('expunge', ({ seq }) => seen.push(`expunge ${seq}`));
  const idle = flow.idle();
  await until('it is in IDLE', () => flow.idling);
  await world.deliver(mailbox);
  await until('it heard of the letter', () => seen.includes('exists 1'));
  const other = await world.inInbox(mailbox);
  await other.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
  await until('it heard of the flag', () => seen.some((line) => line.startsWith('flags 1') && line.includes('\\Deleted')));
  await other.ok('EXPUNGE');
  await until('it heard of the removal', () => seen.includes('expunge 1'));
  await flow.noop();
  await idle;
  await flow.logout();
});
