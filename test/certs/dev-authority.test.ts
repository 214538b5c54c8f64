// The development authority: made once, kept private, renewed in time.
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import forge from 'node-forge';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDevAuthority } from '../../certs/dev-authority.ts';

const relay = { relayName: 'relais.chu.fr', structureId: '1690000001', organisation: 'Hôpital de la Croix-Rousse' };

describe('openDevAuthority()', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'passerelle-authority-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('issues a server certificate that names the host, localhost and both loopback addresses', async () => {
    const authority = await openDevAuthority(folder);
    const certificate = new X509Certificate((await authority.serverCredential('passerelle.test')).cert);
    expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
    expect(certificate.checkHost('passerelle.test')).toBe('passerelle.test');
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkIP('::1')).toBe('::1');
    expect(certificate.ca).toBe(false);
  });

  test('issues a peer certificate with the subject IGC-Santé gives a relay', async () => {
    const authority = await openDevAuthority(folder);
    const certificate = new X509Certificate((await authority.peerCredential(relay)).cert);
    expect(certificate.subject).toBe('C=FR\nO=Hôpital de la Croix-Rousse\nOU=1690000001\nCN=relais.chu.fr');
  });

  test('issues a structure certificate that opens connections and signs, in the structure’s name', async () => {
    const authority = await openDevAuthority(folder);
    const { cert } = await authority.structureCredential({ structureId: '1690000001', name: 'Clinique de l’Été' });
    const certificate = new X509Certificate(cert);
    expect(certificate.subject).toBe('C=FR\nO=Clinique de l’Été\nOU=1690000001\nCN=Clinique de l’Été');
    expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
    // TLS web client authentication.
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    const { extensions } = forge.pki.certificateFromPem(cert);
    expect(extensions.find(({ name }) => name === 'keyUsage')).toMatchObject({ digitalSignature: true, nonRepudiation: true });
  });

  test('keeps everything in files that nobody else may read', async () => {
    const authority = await openDevAuthority(folder);
    await authority.serverCredential('passerelle.test');
    for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777, name).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  test('gives the same authority and certificates at the next start', async () => {
    const first = await openDevAuthority(folder);
    const server = await first.serverCredential('passerelle.test');
    const again = await openDevAuthority(folder);
    expect(again.certificate).toBe(first.certificate);
    expect(await again.serverCredential('passerelle.test')).toEqual(server);
  });

  test('renews a certificate within thirty days of its end, and keeps the authority', async () => {
    const first = await openDevAuthority(folder);
    const server = await first.serverCredential('passerelle.test');
    const end = new Date(new X509Certificate(server.cert).validTo).getTime();
    const later = await openDevAuthority(folder, () => new Date(end - 29 * 86_400_000));
    expect(later.certificate).toBe(first.certificate);
    const renewed = new X509Certificate((await later.serverCredential('passerelle.test')).cert);
    expect(new Date(renewed.validTo).getTime()).toBeGreaterThan(end);
  });

  test('makes a leaf anew when its key is damaged or its authority was replaced', async () => {
    const first = await openDevAuthority(folder);
    const server = await first.serverCredential('passerelle.test');
    await writeFile(join(folder, 'authority.key'), 'damaged');
    const second = await openDevAuthority(folder);
    expect(second.certificate).not.toBe(first.certificate);
    const renewed = await second.serverCredential('passerelle.test');
    expect(renewed.cert).not.toBe(server.cert);
    expect(new X509Certificate(renewed.cert).verify(new X509Certificate(second.certificate).publicKey)).toBe(true);
  });
});
