// What the two signatures have in common: RSA with SHA-256 over exclusive canonical XML, the structure's certificate shown in KeyInfo.
// XML Signature 1.1; Exclusive XML Canonicalization 1.0. The same input gives the same bytes: RSASSA-PKCS1-v1_5 has no chance in it.
import { SignedXml, type SignedXmlOptions } from 'xml-crypto';
import { element } from '../xml-text.ts';
import type { SigningCredential } from './credential.ts';

/** Names of namespaces. */
export const namespaces = {
  ds: 'http://www.w3.org/2000/09/xmldsig#',
  xades: 'http://uri.etsi.org/01903/v1.3.2#',
  saml: 'urn:oasis:names:tc:SAML:2.0:assertion',
  hl7: 'urn:hl7-org:v3',
  xsi: 'http://www.w3.org/2001/XMLSchema-instance',
} as const;

/** Names of algorithms. */
export const algorithms = {
  exclusive: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  enveloped: 'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  rsaSha256: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
} as const;

/** A signature to be: add its references, then compute it. One use. */
export function beginSignature({ signingKey, certificate }: SigningCredential, objects: SignedXmlOptions['objects'] = []): SignedXml {
  return new SignedXml({
    privateKey: signingKey,
    // The library would read the certificate anew each time.
    getKeyInfoContent: () => element('ds:X509Data', {}, [element('ds:X509Certificate', {}, certificate.raw.toString('base64'))]),
    signatureAlgorithm: algorithms.rsaSha256,
    canonicalizationAlgorithm: algorithms.exclusive,
    objects,
  });
}

/** The subject of the certificate or of its issuer as RFC 2253 writes it, the most particular first: `CN=…,OU=…,O=…,C=FR`. */
export function distinguishedName({ certificate }: SigningCredential, whose: 'subject' | 'issuer'): string {
  // Node gives one relative name in a line, the most general first, its values escaped by RFC 2253 already.
  return certificate[whose].split('\n').reverse().join(',');
}

/** A moment as XML Schema writes it, in UTC, to the second. */
export function xmlTime(moment: Date): string {
  return `${moment.toISOString().slice(0, 19)}Z`;
}
