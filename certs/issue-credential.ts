// Makes keys and X.509 certificates for the development authority. RFC 5280. Production certificates come from IGC-Santé.
import { generateKeyPair, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import forge from 'node-forge';

/** A private key (PKCS #8) and its certificate, PEM. */
export type Credential = { readonly key: string; readonly cert: string };

const makeKeyPair = promisify(generateKeyPair);
const dayMs = 86_400_000;
/** Another machine's clock may be behind ours. */
const clockSkewMs = 3_600_000;
/** X.509 GeneralName tags. RFC 5280 §4.2.1.6. */
const dnsName = 2;
const ipAddress = 7;

/** A self-signed authority that may sign leaves and nothing deeper. */
export async function makeSelfSigned(subject: forge.pki.CertificateField[], days: number, now: Date): Promise<Credential> {
  const { key, certificate } = await blank(subject, days, now);
  certificate.setIssuer(subject);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  return sign(certificate, key, key);
}

/** A leaf for TLS as client; with `hostname`, as server too, for that host and this machine; with `signs`, for signatures that last. */
export async function issueCredential(order: {
  readonly issuer: Credential;
  readonly subject: forge.pki.CertificateField[];
  readonly days: number;
  readonly now: Date;
  readonly hostname?: string;
  readonly signs?: boolean;
}): Promise<Credential> {
  const { key, certificate } = await blank(order.subject, order.days, order.now);
  const issuer = forge.pki.certificateFromPem(order.issuer.cert);
  certificate.setIssuer(issuer.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, nonRepudiation: order.signs === true, critical: true },
    { name: 'extKeyUsage', clientAuth: true, serverAuth: order.hostname !== undefined },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() },
    ...(order.hostname === undefined ? [] : [{ name: 'subjectAltName', altNames: alternativeNames(order.hostname) }]),
  ]);
  return sign(certificate, key, order.issuer.key);
}

async function blank(subject: forge.pki.CertificateField[], days: number, now: Date) {
  // node:crypto makes the key: the pure JavaScript of node-forge takes seconds.
  const pair = await makeKeyPair('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(pair.publicKey);
  // A leading 01 keeps the number positive and non-zero. RFC 5280 §4.1.2.2.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(now.getTime() - clockSkewMs);
  certificate.validity.notAfter = new Date(now.getTime() + days * dayMs);
  certificate.setSubject(subject);
  return { key: pair.privateKey, certificate };
}

function sign(certificate: forge.pki.Certificate, key: string, issuerKey: string): Credential {
  certificate.sign(forge.pki.privateKeyFromPem(issuerKey), forge.md.sha256.create());
  return { key, cert: forge.pki.certificateToPem(certificate) };
}

function alternativeNames(hostname: string): object[] {
  const hosts = [...new Set([hostname, 'localhost', '127.0.0.1', '::1'])];
  return hosts.map((host) => (isIP(host) ? { type: ipAddress, ip: host } : { type: dnsName, value: host }));
}
