// Letters no textbook shows and every gateway meets: taken, kept byte for byte, and described as well as they can be.
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBlob } from '../../mailboxes/blobs/hold-blobs.ts';
import { openTown, people } from '../support/one-path.ts';

let town: Awaited<ReturnType<typeof openTown>>;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());

const head = `From: <${people.doctor}>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\nMessage-ID: <odd@test>\r\n`;
const nested = (depth: number): string =>
  Array.from({ length: depth }, (_, level) => `Content-Type: multipart/mixed; boundary="b${level}"\r\n\r\n--b${level}\r\n`).join('') +
  'Content-Type: text/plain\r\n\r\nau fond\r\n' +
  Array.from({ length: depth }, (_, level) => `--b${depth - 1 - level}--\r\n`).join('');

test.each<[string, string]>([
  ['8-bit bytes in its header', `${head}Subject: caf\xe9 \xff\xfe\r\nTo: J\xe9r\xf4me <j@x.fr>\r\n\r\nBonjour\r\n`],
  ['MIME 1,000 deep', `${head}${nested(1000)}`],
  ['no final line end', `${head}\r\nBonjour`],
  ['a multipart without its boundary', `${head}Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\nBonjour\r\n`],
  ['a boundary that never comes', `${head}Content-Type: multipart/mixed; boundary=x\r\n\r\nBonjour\r\n`],
  ['a boundary that is never closed', `${head}Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nBonjour\r\n`],
  ['bare line feeds', `${head.replaceAll('\r\n', '\n')}\nBonjour\n.\n`],
  ['bare carriage returns and NULs', `${head}\r\nBon\rjour\0\0\r\n`],
  ['a header and nothing else', head],
  ['a line of a hundred thousand characters', `${head}\r\n${'x'.repeat(100_000)}\r\n`],
  ['a field without a colon', `${head}ceci n'est pas un champ\r\n\r\nBonjour\r\n`],
  ['a Content-Type of nonsense', `${head}Content-Type: ;;;==\r\nContent-Transfer-Encoding: zip\r\n\r\nBonjour\r\n`],
])('a letter with %s is kept byte for byte', async (_oddity, text) => {
  const bytes = Buffer.from(text, 'latin1');
  expect(await town.send(people.doctor, [people.citizen], bytes)).toEqual({ do: 'accepted' });
  const row = await town.db.selectFrom('letters').selectAll().orderBy('letter_id', 'desc').limit(1).executeTakeFirstOrThrow();
  const blob = (await findBlob(town.db, row.blob_id)) ?? expect.fail('a dangling reference');
  expect(await buffer(town.blobs.read(blob, 0, blob.size_bytes))).toEqual(bytes);
  expect(row.size_bytes).toBe(row.prefix.length + bytes.length);
  expect(row.bodystructure.toString('latin1')).toMatch(/^\(.*\)$/s);
});

test('beyond the limits of depth the description is one opaque part, the bytes are all there', async () => {
  await town.send(people.doctor, [people.neighbour], Buffer.from(`${head}${nested(1000)}`));
  const row = await town.db.selectFrom('letters').selectAll().orderBy('letter_id', 'desc').limit(1).executeTakeFirstOrThrow();
  expect(row.bodystructure.toString()).toMatch(/^\("APPLICATION" "OCTET-STREAM"/i);
});
