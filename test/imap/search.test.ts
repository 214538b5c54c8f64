// SEARCH: every key, alone and combined, on columns and on content.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ImapClient } from './imap-client.ts';
import { type ImapWorld, imapWorld, sampleLetter } from './imap-world.ts';

let world: ImapWorld;
let client: ImapClient;

const withAttachment = [
  'From: labo@bio.example',
  'To: patient@patient.mssante.example',
  'Cc: confrere@medecin.example',
  'Subject: =?utf-8?B?UsOpc3VsdGF0cw==?=',
  'Date: Sun, 1 Mar 2026 08:00:00 +0000',
  'X-MSS-MES: FIN',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain; charset=iso-8859-1',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'La glyc=E9mie est nor=',
  'male.',
  '--b',
  'Content-Type: application/octet-stream',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from('contenu secret de la piece').toString('base64'),
  '--b--',
  '',
].join('\r\n');

beforeAll(async () => {
  world = await imapWorld();
  const mailbox = await world.mailbox();
  await world.deliver(mailbox, { text: sampleLetter('Rendez-vous'), internalDate: new Date('2026-01-10T12:00:00Z'), flags: 1 });
  await world.deliver(mailbox, { text: withAttachment, internalDate: new Date('2026-03-02T12:00:00Z'), flags: 4 });
  await world.deliver(mailbox, {
    text: sampleLetter('Ordonnance', `${'x'.repeat(200_000)}aiguille`),
    internalDate: new Date('2026-03-03T12:00:00Z'),
  });
  client = await world.inInbox(mailbox);
  await client.ok('STORE 3 +FLAGS.SILENT (Urgent)');
});
afterAll(() => world.close());

test.each([
  ['ALL', '1 2 3'],
  ['2:*', '2 3'],
  ['*', '3'],
  ['7', ''],
  ['UID 1,3', '1 3'],
  ['SEEN', '1'],
  ['UNSEEN', '2 3'],
  ['FLAGGED', '2'],
  ['UNANSWERED UNDELETED UNDRAFT UNFLAGGED', '1 3'],
  ['ANSWERED', ''],
  ['NEW', '2 3'],
  ['RECENT', '1 2 3'],
  ['OLD', ''],
  ['KEYWORD urgent', '3'],
  ['UNKEYWORD Urgent', '1 2'],
  ['FROM LABO@', '2'],
  ['FROM "léa"', '1 3'],
  ['TO patient', '1 2 3'],
  ['CC confrere', '2'],
  ['BCC x', ''],
  ['SUBJECT "résultats"', '2'],
  ['HEADER Subject ordonn', '3'],
  ['HEADER X-MSS-MES fin', '2'],
  ['HEADER X-MSS-MES ""', '2'],
  ['HEADER Message-ID <Ordonnance@medecin.mssante.example>', '3'],
  ['BODY "GLYCÉMIE EST NORMALE"', '2'],
  ['BODY aiguille', '3'],
  ['BODY secret', ''],
  ['BODY labo@', ''],
  ['TEXT labo@', '2'],
  ['TEXT "va bien"', '1'],
  ['NOT TEXT "va bien"', '2 3'],
  ['OR BODY glyc SEEN', '1 2'],
  ['BEFORE 2-Mar-2026', '1'],
  ['ON 2-Mar-2026', '2'],
  ['SINCE "2-Mar-2026"', '2 3'],
  ['SENTBEFORE 1-Apr-2026', '2'],
  ['SENTON 1-Mar-2026', '2'],
  ['SENTSINCE 2-Mar-2026', '1 3'],
  ['LARGER 100000', '3'],
  ['SMALLER 100000', '1 2'],
  ['NOT (SEEN OR FLAGGED 3)', '1 2 3'],
  ['(OR (SEEN) (FLAGGED)) SUBJECT rendez', '1'],
  ['CHARSET UTF-8 SUBJECT "résultats"', '2'],
])('RFC 3501 §6.4.4 SEARCH %s finds "%s"', async (keys, found) => {
  expect(await client.ok(`SEARCH ${keys}`)).toEqual([`* SEARCH${found === '' ? '' : ` ${found}`}`]);
});

test('RFC 3501 §6.4.4: keys as literals, other charsets refused, nonsense not understood', async () => {
  expect(await client.ok('SEARCH SUBJECT ', 'Résultats')).toEqual(['* SEARCH 2']);
  expect(await client.no('SEARCH CHARSET KOI8-R ALL')).toMatch(/^\[BADCHARSET \(US-ASCII UTF-8\)\]/);
  await client.bad('SEARCH');
  await client.bad('SEARCH COLOUR blue');
  await client.bad('SEARCH ON 31-Feb-2026');
});

test('RFC 3501 §6.4.8 UID SEARCH answers UIDs, after removals too', async () => {
  const mailbox = await world.mailbox();
  for (let count = 0; count < 3; count++) await world.deliver(mailbox);
  const other = await world.inInbox(mailbox);
  await other.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
  await other.ok('EXPUNGE');
  expect(await other.ok('UID SEARCH ALL')).toEqual(['* SEARCH 2 3']);
  expect(await other.ok('SEARCH UID 2:*')).toEqual(['* SEARCH 1 2']);
});
