import { expect, test } from 'vitest';
import { archiveParts } from '../../../src/mail/documents/archive-parts.ts';
import { base64, forwarding, letterWith, rootOf } from './documents.ts';

const named = (fields: string): string[] => {
  const letter = `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${fields}\r\n\r\nx\r\n--b--\r\n`;
  return archiveParts(rootOf(Buffer.from(letter, 'latin1'))).map(({ type, subtype }) => `${type}/${subtype}`);
};

test.each([
  'Content-Disposition: attachment; filename="IHE_XDM.zip"',
  'Content-Disposition: attachment; filename="IHE_XDM.ZIP"',
  'Content-Disposition: attachment; filename=ihe-xdm.zip',
  'Content-Disposition: inline; filename=" Ihe_Xdm.Zip "',
  'Content-Disposition: attachment; filename="=?utf-8?q?IHE=5FXDM=2Ezip?="',
  "Content-Disposition: attachment; filename*=UTF-8'fr'IHE%5FXDM.zip",
  "Content-Disposition: attachment; filename*=utf-8''%49HE_XDM%2ezip",
  'Content-Disposition: attachment; filename*0="IHE_"; filename*1="XDM.zip"',
  'Content-Type: application/zip; name="IHE_XDM.zip"',
  "Content-Type: application/zip; name*=UTF-8''IHE_XDM.zip",
  'Content-Type: application/zip; name="IHE_XDM.zip"\r\nContent-Disposition: attachment; filename="other.zip"',
])('requirement 47: the archive is recognised: %s', (fields) => {
  expect(named(fields)).toHaveLength(1);
});

test.each([
  'Content-Type: application/zip',
  'Content-Disposition: attachment; filename="IHE_XDM.zip.exe"',
  'Content-Disposition: attachment; filename="my-IHE_XDM.zip"',
  'Content-Disposition: attachment; filename="IHEXDM.zip"',
  'Content-Disposition: attachment; filename="IHE_XDMxzip"',
  "Content-Disposition: attachment; filename*=IHE_XDM.zi''p",
])('another file is no archive: %s', (fields) => {
  expect(named(fields)).toEqual([]);
});

test('requirement 47: every archive of a letter and of the letters it forwards, in order; a letter may be one itself', () => {
  const inner = letterWith(base64(Buffer.from('a')), base64(Buffer.from('b'), 'notes.txt'), base64(Buffer.from('c')));
  expect(archiveParts(rootOf(inner)).map(({ bodyStart }) => String(inner.subarray(bodyStart, bodyStart + 4)))).toEqual(['YQ==', 'Yw==']);
  expect(archiveParts(rootOf(forwarding(inner)))).toHaveLength(2);
  expect(archiveParts(rootOf(Buffer.from('Content-Type: application/zip; name=IHE_XDM.zip\r\n\r\nPK')))).toHaveLength(1);
});
