// A self-signed certificate for `localhost`, made once per test process: doors under test speak real TLS.
import forge from 'node-forge';

/** PEM texts, ready for tls.createSecureContext; the certificate is its own authority. */
export type TestCertificate = { readonly key: string; readonly cert: string };

let made: TestCertificate | undefined;

/** The certificate of this test process: RSA 2048, valid for a day, names `localhost` and 127.0.0.1. */
export function testCertificate(): TestCertificate {
  made ??= makeCertificate();
  return made;
}

function makeCertificate(): TestCertificate {
  const keys = forge.pki.rsa.generateKeyPair(2048);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = keys.publicKey;
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(Date.now() - 3_600_000);
  certificate.validity.notAfter = new Date(Date.now() + 86_400_000);
  const name = [{ name: 'commonName', value: 'localhost' }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true },
    {
      name: 'subjectAltName',
      altNames: [
        { type: 2, value: 'localhost' },
        { type: 7, ip: '127.0.0.1' },
      ],
    },
  ]);
  certificate.sign(keys.privateKey, forge.md.sha256.create());
  return { key: forge.pki.privateKeyToPem(keys.privateKey), cert: forge.pki.certificateToPem(certificate) };
}
