// The signature of a submission set: an XML document that seals the digests of the documents fed with it. IHE ITI DSG (detached, by
// manifest); XAdES-BES (ETSI TS 101 903 §4.4). Which Ids and wrapping the DMP wants is RECALL: only what they mean is checked.

import { createHash, type X509Certificate } from 'node:crypto';
import { structureOf } from './distinguished-name.ts';
import { dsNs, type Signed, sha256Method, type Trust, verifySignature } from './verify-signature.ts';
import { childrenOf, descend, onlyChild, textOf, type XmlElement } from './xml-tree.ts';

const xadesNs = 'http://uri.etsi.org/01903/v1.3.2#';
const signedProperties = 'http://uri.etsi.org/01903#SignedProperties';
const maxAgeMs = 24 * 3_600_000;

/** What must be sealed. */
export type Sealed = {
  readonly setUniqueId: string;
  /** The documents of the set but the signature itself, with the digests of the bytes that came. */
  readonly documents: readonly { readonly uniqueId: string; readonly sha256: string }[];
  readonly structureId: string;
};

/** Why the signature document does not seal these documents; undefined when it does. */
export function checkSubmissionSignature(text: string, sealed: Sealed, trust: Trust): string | undefined {
  const signed = verifySignature(text, 'document', trust);
  if (typeof signed === 'string') return signed;
  if (structureOf(signed.certificate) !== sealed.structureId) return 'signed by another structure';
  const manifest = signed.covers.find(({ element }) => element.uri === dsNs && element.local === 'Manifest');
  const properties = signed.covers.find(({ element }) => element.uri === xadesNs && element.local === 'SignedProperties');
  if (signed.covers.length !== 2 || !manifest || !properties) return 'it does not cover one manifest and one SignedProperties';
  if (properties.type !== signedProperties) return 'no reference is of type SignedProperties';
  return checkManifest(manifest.element, sealed) ?? checkProperties(properties.element, signed, trust.now);
}

function checkManifest(manifest: XmlElement, { setUniqueId, documents }: Sealed): string | undefined {
  const references = new Map<string, string>();
  for (const reference of childrenOf(manifest, dsNs, 'Reference')) {
    const uri = reference.attributes.get('URI') ?? '';
    if (references.has(uri)) return 'a document is named twice';
    if (onlyChild(reference, dsNs, 'DigestMethod')?.attributes.get('Algorithm') !== sha256Method) return 'a digest is not SHA-256';
    references.set(uri, textOf(onlyChild(reference, dsNs, 'DigestValue')) ?? '');
  }
  // A set has no bytes: what stands for its digest (a zero, in IHE DSG of 2009) is RECALL, and not looked at.
  if (!references.delete(`urn:oid:${setUniqueId}`)) return 'the submission set is not named';
  for (const { uniqueId, sha256 } of documents) {
    if (references.get(`urn:oid:${uniqueId}`) !== sha256) return 'the digest of a document is another';
    references.delete(`urn:oid:${uniqueId}`);
  }
  return references.size === 0 ? undefined : 'it names documents that are not there';
}

function checkProperties(properties: XmlElement, { certificate }: Signed, now: Date): string | undefined {
  const signature = onlyChild(properties, xadesNs, 'SignedSignatureProperties');
  const time = Date.parse(textOf(onlyChild(signature, xadesNs, 'SigningTime')) ?? '');
  if (!(Math.abs(now.getTime() - time) < maxAgeMs)) return 'SigningTime is absent or far away';
  const [v1, v2] = ['SigningCertificate', 'SigningCertificateV2'].map((local) => descend(signature, xadesNs, local, 'Cert'));
  const named = v2 ?? v1;
  const digest = descend(named, xadesNs, 'CertDigest');
  if (onlyChild(digest, dsNs, 'DigestMethod')?.attributes.get('Algorithm') !== sha256Method) return 'no digest of the certificate';
  if (textOf(onlyChild(digest, dsNs, 'DigestValue')) !== createHash('sha256').update(certificate.raw).digest('base64'))
    return 'the digest is of another certificate';
  return v2 === undefined && !hasSerial(named, certificate) ? 'the serial number is of another certificate' : undefined;
}

/** SigningCertificate (the first version) names issuer and serial number as well. */
function hasSerial(named: XmlElement | undefined, certificate: X509Certificate): boolean {
  const serial = descend(named, xadesNs, 'IssuerSerial');
  const number = textOf(onlyChild(serial, dsNs, 'X509SerialNumber')) ?? '';
  return (
    textOf(onlyChild(serial, dsNs, 'X509IssuerName')) !== undefined &&
    /^\d+$/.test(number) &&
    BigInt(number) === BigInt(`0x${certificate.serialNumber}`)
  );
}
