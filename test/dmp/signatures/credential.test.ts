// What an operator is told when the structure's files cannot be used.
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { ConfigError } from '../../../src/config/problems.ts';
import { loadCredential } from '../../../src/dmp/signatures/credential.ts';
import { openSigningWorld, structure } from './signing-world.ts';

const world = await openSigningWorld();
afterAll(() => world.close());
const now = new Date();
const { cert, key } = await world.authority.structureCredential({ structureId: structure.id, name: structure.name });
const { cert: other, key: otherKey } = await world.authority.structureCredential({ structureId: '1990002024', name: 'Autre' });
const day = 86_400_000;

async function problemsWith(certificate: string | undefined, privateKey: string | undefined, when = now): Promise<string> {
  const certificateFile = certificate === undefined ? '/nowhere/dmp.pem' : await world.file('tried.pem', certificate);
  const keyFile = privateKey === undefined ? '/nowhere/dmp.key' : await world.file('tried.key', privateKey);
  const error = await loadCredential({ certificateFile, keyFile }, when).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).message;
}

test('a certificate with its chain behind it and its key are taken', async () => {
  const chain = `Subject: a note\n${cert}${world.authority.certificate}`;
  const files = { certificateFile: await world.file('good.pem', chain), keyFile: await world.file('good.key', key) };
  const loaded = await loadCredential(files, now);
  expect(loaded).toMatchObject({ key, chain });
  expect(loaded.certificate.toString()).toBe(cert.replaceAll('\r', ''));
  expect(loaded.certificate.checkPrivateKey(loaded.signingKey)).toBe(true);
});

test.each([
  ['a file that is not there', undefined, key, /dmp\.certificateFile = .*cannot be read \(ENOENT\)/],
  ['a key that is not there', cert, undefined, /dmp\.keyFile = .*cannot be read \(ENOENT\)/],
  ['no certificate', 'nothing', key, /dmp\.certificateFile = .*holds no PEM certificate/],
  ['a damaged certificate', cert.replace('MII', 'XXX'), key, /dmp\.certificateFile = .*holds no PEM certificate/],
  ['no key', cert, 'nothing', /dmp\.keyFile = .*holds no PEM private key/],
  ['the key of another certificate', cert, otherKey, /dmp\.keyFile: is not the key of the certificate/],
  ['the certificate of another key', other, key, /dmp\.keyFile: is not the key of the certificate/],
  ["the authority's certificate first", world.authority.certificate + cert, key, /dmp\.certificateFile: begins with an authority's/],
  ['an elliptic key', cert, ellipticKey(), /dmp\.keyFile: expected an RSA key/],
  ['a key with a password', cert, lockedKey(), /dmp\.keyFile = .*without a password/],
])('%s is refused with the setting named', async (_, certificate, privateKey, message) => {
  expect(await problemsWith(certificate, privateKey)).toMatch(message);
});

test('a certificate is refused before its time and after it', async () => {
  expect(await problemsWith(cert, key, new Date(now.getTime() + 400 * day))).toMatch(/dmp\.certificateFile: ended on /);
  expect(await problemsWith(cert, key, new Date(now.getTime() - 2 * day))).toMatch(/dmp\.certificateFile: is good from .* on/);
});

test('everything that is wrong is told at once', async () => {
  const message = await problemsWith(cert, otherKey, new Date(now.getTime() + 400 * day));
  expect(message).toMatch(/dmp\.keyFile[\s\S]*dmp\.certificateFile/);
});

function ellipticKey(): string {
  return generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
}

function lockedKey(): string {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
}
