// The signature of a submission set, judged by xmlsec1: it seals the documents, the moment and the certificate.
import { createHash } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { signSubmission } from '../../../src/dmp/signatures/sign-submission.ts';
import { xmllint, xmlsecVerify } from '../../support/xml-tools.ts';
import { openSigningWorld } from './signing-world.ts';

const world = await openSigningWorld();
const { credential } = world;
afterAll(() => world.close());

const cda = Buffer.from('<ClinicalDocument xmlns="urn:hl7-org:v3"/>');
const submission = {
  id: '_signature-1',
  now: new Date('2026-11-22T10:20:30.400Z'),
  setUniqueId: '1.2.250.1.999.1.7',
  documents: [
    { uniqueId: '2.25.123', sha256: createHash('sha256').update(cda).digest() },
    { uniqueId: '1.2.3^A1', sha256: createHash('sha256').update('').digest() },
  ],
};
const files = { 'urn:oid:2.25.123': cda, 'urn:oid:1.2.3^A1': Buffer.alloc(0) };
const judge = (xml: string | Buffer, more: { readonly files?: Readonly<Record<string, Buffer>> } = {}) =>
  xmlsecVerify(xml, { trustedPem: world.authority.certificate, ...more });

const signed = signSubmission(credential, submission).toString('utf8');

test('xmlsec1 verifies the signature under the authority, and xmllint finds it well formed', () => {
  expect(judge(signed)).toMatchObject({ isValid: true });
  expect(xmllint(signed)).toBe('');
});

test('the manifest seals each document: with another byte its digest is wrong', () => {
  // The set itself has no bytes, hence no digest that a program could recompute: one zero stands in its place.
  expect(judge(signed, { files })).toMatchObject({ isValid: true, manifest: [2, 3] });
  expect(judge(signed, { files: { ...files, 'urn:oid:2.25.123': Buffer.concat([cda, Buffer.from(' ')]) } }).manifest).toEqual([1, 3]);
  expect(signed).toContain(
    'URI="urn:oid:1.2.250.1.999.1.7"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>AA==<',
  );
});

test('one changed byte in what is sealed, and it fails', () => {
  const end = signed.indexOf('</ds:SignedInfo>');
  const objects = signed.indexOf('<ds:Manifest');
  const places = [...Array(signed.length).keys()].filter((at) => /[A-Za-z0-9]/.test(signed[at] ?? ''));
  const sealed = places
    .filter(
      (at) => (at > signed.indexOf('<ds:SignedInfo>') && at < end) || (at > objects && at < signed.indexOf('</xades:SignedProperties>')),
    )
    .filter((at) => !inBetween(at))
    .filter((_, index) => index % 61 === 0);
  for (const at of [...sealed, signed.indexOf('<ds:SignatureValue>') + 30, signed.indexOf('<ds:X509Certificate>') + 300]) {
    const changed = signed.slice(0, at) + (signed[at] === 'x' ? 'y' : 'x') + signed.slice(at + 1);
    expect(judge(changed).isValid, `byte ${at}: ${signed.slice(at - 20, at + 20)}`).toBe(false);
  }
});

test('XAdES-BES: the signed properties tell the moment and the very certificate', () => {
  const { raw, serialNumber } = credential.certificate;
  expect(signed).toContain('<xades:SigningTime>2026-11-22T10:20:30Z</xades:SigningTime>');
  expect(signed).toContain(`<ds:DigestValue>${createHash('sha256').update(raw).digest('base64')}</ds:DigestValue></xades:CertDigest>`);
  expect(signed).toContain(`<ds:X509SerialNumber>${BigInt(`0x${serialNumber}`)}</ds:X509SerialNumber>`);
  expect(signed).toContain('Target="#_signature-1"');
});

test('the same set signed again is the same bytes', () => {
  expect(signSubmission(credential, submission).toString('utf8')).toBe(signed);
});

/** Between the manifest and the signed properties stand wrappers that nothing seals. */
function inBetween(at: number): boolean {
  return at > signed.indexOf('</ds:Manifest>') && at < signed.indexOf('<xades:SignedProperties ');
}
