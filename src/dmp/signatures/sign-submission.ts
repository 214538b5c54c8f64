// The signature of a submission set: a document that seals which documents the structure brought. IHE ITI DSG: a manifest names the set
// and each document by `urn:oid:`, with the digest of its bytes; XAdES-BES (ETSI TS 101 903 v1.3.2 §4.4) says when and with which
// certificate. Public clients of the DMP sign with SHA-1 and XAdES 1.1.1; that the record takes SHA-256 and 1.3.2 is RECALL.
import { createHash } from 'node:crypto';
import { element, type Xml } from '../xml-text.ts';
import type { SigningCredential } from './credential.ts';
import { algorithms, beginSignature, distinguishedName, namespaces, xmlTime } from './xml-signature.ts';

/** What is signed: a submission set and its documents. */
export type SubmissionToSign = {
  /** An XML id, unique to this signature: `_` and a UUID. */
  readonly id: string;
  readonly now: Date;
  /** OID of the set. */
  readonly setUniqueId: string;
  /** As XDS writes their ids, with the SHA-256 of their bytes. */
  readonly documents: readonly { readonly uniqueId: string; readonly sha256: Buffer }[];
};

/** Digest of a set, which has no bytes: one zero. IHE ITI DSG (2009) §4.3.3. */
const nothing = Buffer.of(0);

/** The signature document, UTF-8 XML with its declaration. The same facts and the same credential give the same bytes. */
export function signSubmission(credential: SigningCredential, { id, now, setUniqueId, documents }: SubmissionToSign): Buffer {
  const manifestId = `${id}-manifest`;
  const propertiesId = `${id}-properties`;
  const references = [reference(setUniqueId, nothing), ...documents.map(({ uniqueId, sha256 }) => reference(uniqueId, sha256))];
  const signature = beginSignature(credential, [
    { content: element('ds:Manifest', { Id: manifestId }, references) },
    { content: qualifyingProperties(credential, `#${id}`, propertiesId, now) },
  ]);
  const sign = (name: string, target: string, type: string) =>
    signature.addReference({
      xpath: `//*[local-name(.)='${name}']`,
      uri: `#${target}`,
      transforms: [algorithms.exclusive],
      digestAlgorithm: algorithms.sha256,
      type,
    });
  sign('Manifest', manifestId, `${namespaces.ds}Manifest`);
  sign('SignedProperties', propertiesId, 'http://uri.etsi.org/01903#SignedProperties');
  // The library signs into a document: this one is left behind, exclusive canonical XML takes nothing from it.
  signature.computeSignature('<left-behind/>', { prefix: 'ds', attrs: { Id: id } });
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${signature.getSignatureXml()}\n`, 'utf8');
}

function reference(uniqueId: string, digest: Buffer): Xml {
  return element('ds:Reference', { URI: `urn:oid:${uniqueId}` }, digestOf(digest));
}

function digestOf(digest: Buffer): readonly Xml[] {
  return [element('ds:DigestMethod', { Algorithm: algorithms.sha256 }), element('ds:DigestValue', {}, digest.toString('base64'))];
}

function qualifyingProperties(credential: SigningCredential, target: string, id: string, now: Date): Xml {
  const { raw, serialNumber } = credential.certificate;
  return element('xades:QualifyingProperties', { 'xmlns:xades': namespaces.xades, Target: target }, [
    element('xades:SignedProperties', { Id: id }, [
      element('xades:SignedSignatureProperties', {}, [
        element('xades:SigningTime', {}, xmlTime(now)),
        element('xades:SigningCertificate', {}, [
          element('xades:Cert', {}, [
            element('xades:CertDigest', {}, digestOf(createHash('sha256').update(raw).digest())),
            element('xades:IssuerSerial', {}, [
              element('ds:X509IssuerName', {}, distinguishedName(credential, 'issuer')),
              element('ds:X509SerialNumber', {}, String(BigInt(`0x${serialNumber}`))),
            ]),
          ]),
        ]),
        element('xades:SignaturePolicyIdentifier', {}, [element('xades:SignaturePolicyImplied', {})]),
      ]),
    ]),
  ]);
}
