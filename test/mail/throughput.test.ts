// A floor under the speed of the index, far below what is measured, so that a quadratic or per-byte mistake is seen at once.
import { expect, test } from 'vitest';
import { MimeIndexer } from '../../src/mail/mime-index.ts';
import { cpuMsOf } from '../support/cpu-time.ts';
import { feed, indexOf, letter } from './letters.ts';

test('20 MiB of base64 attachment pass at 50 MB/s at least', () => {
  const head = letter(
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    '',
    'text',
    '--b',
    'Content-Type: application/pdf',
    'Content-Transfer-Encoding: base64',
    '',
    '',
  );
  const body = Buffer.from(`${'QUJD'.repeat(19)}\r\n`.repeat(268_866));
  const indexer = new MimeIndexer();
  const elapsedMs = cpuMsOf(() => {
    indexer.write(head);
    feed(indexer, body, 65_536);
    indexer.end();
  });
  expect(body.length / 1e6 / (elapsedMs / 1000)).toBeGreaterThan(50);
  expect(indexer.attachmentBytes).toBe(268_866 * 57);
});

test('a letter of 2 KB is indexed and rendered within two milliseconds', () => {
  const bytes = letter(
    'Received: from x',
    '\tby y; Sun, 22 Nov 2026 00:40:11 +0000',
    'From: "Martin" <lea@x.fr>',
    'To: a@y.fr',
    'Subject: =?utf-8?q?=C3=A9?=',
    'Date: Sun, 22 Nov 2026 00:40:11 +0000',
    'Message-ID: <1@x>',
    '',
    ...Array<string>(25).fill('x'.repeat(70)),
  );
  const elapsedMs = cpuMsOf(() => {
    for (let round = 0; round < 500; round += 1) indexOf(bytes);
  });
  expect(elapsedMs).toBeLessThan(1000);
});
