// XML signatures, checked without believing them: the certificate must be of the pinned authority, the algorithms are the ones agreed on,
// and only what the signature covers is handed back. XML Signature 1.1; RSA with SHA-256, exclusive canonicalisation.
import { X509Certificate } from 'node:crypto';
import { DOMParser } from '@xmldom/xmldom';
import { SignedXml } from 'xml-crypto';
import { cutElement } from './cut-element.ts';
import { childrenOf, descend, onlyChild, readXml, textOf, type XmlElement } from './xml-tree.ts';

/** XML Signature. */
export const dsNs = 'http://www.w3.org/2000/09/xmldsig#';
const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
/** SHA-256 as a digest method. */
export const sha256Method = 'http://www.w3.org/2001/04/xmlenc#sha256';
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const enveloped = `${dsNs}enveloped-signature`;

/** What a signature covers, read anew from the canonical bytes, and who signed. */
export type Signed = { readonly covers: readonly Covered[]; readonly certificate: X509Certificate };

/** One reference: where it points, what type it says that is, and the element found there. */
export type Covered = { readonly uri: string; readonly type: string | undefined; readonly element: XmlElement };

/** Whom and when to believe. */
export type Trust = { readonly authority: X509Certificate; readonly now: Date };

/**
 * Checks the one signature that stands directly in `holder`'s element: `holder` names the parent by namespace and local name, or is
 * 'document' when the signature is the document. Returns why not, in a few words, otherwise.
 */
export function verifySignature(
  text: string,
  holder: { readonly uri: string; readonly local: string } | 'document',
  trust: Trust,
): Signed | string {
  const source = holder === 'document' ? text : cutElement(text, holder);
  // Well-formed and without DOCTYPE by the strict reader first: the tree of xml-crypto is more lenient.
  const root = source === undefined ? undefined : readXml(source);
  if (source === undefined || !root) return 'not well-formed, or not once';
  const signature = holder === 'document' ? root : onlyChild(root.children[0], dsNs, 'Signature');
  if (!signature || signature.uri !== dsNs || signature.local !== 'Signature') return 'no signature where it belongs';
  const problem = agreed(signature);
  if (problem !== undefined) return problem;
  const certificate = certificateOf(signature);
  if (!certificate) return 'no certificate';
  const distrust = distrusted(certificate, trust);
  if (distrust !== undefined) return distrust;
  const covers = covered(source, holder, certificate);
  if (!covers) return 'the signature does not match';
  const references = childrenOf(onlyChild(signature, dsNs, 'SignedInfo'), dsNs, 'Reference');
  const typeOf = (uri: string) => references.find((one) => one.attributes.get('URI') === uri)?.attributes.get('Type');
  return { covers: covers.map((one) => ({ ...one, type: typeOf(one.uri) })), certificate };
}

/** Is the certificate of the authority, and good now? Returns why not. */
export function distrusted(certificate: X509Certificate, { authority, now }: Trust): string | undefined {
  if (!certificate.checkIssued(authority) || !certificate.verify(authority.publicKey)) return 'a certificate of another authority';
  if (now < new Date(certificate.validFrom) || now > new Date(certificate.validTo)) return 'a certificate out of date';
  return undefined;
}

/** The algorithms agreed on, and nothing else: an odd transform could leave out what it pleases. */
function agreed(signature: XmlElement): string | undefined {
  const info = onlyChild(signature, dsNs, 'SignedInfo');
  if (algorithmOf(onlyChild(info, dsNs, 'CanonicalizationMethod')) !== exclusive) return 'canonicalisation is not exclusive';
  if (algorithmOf(onlyChild(info, dsNs, 'SignatureMethod')) !== rsaSha256) return 'the method is not RSA with SHA-256';
  for (const reference of childrenOf(info, dsNs, 'Reference')) {
    if (algorithmOf(onlyChild(reference, dsNs, 'DigestMethod')) !== sha256Method) return 'a digest is not SHA-256';
    const transforms = childrenOf(onlyChild(reference, dsNs, 'Transforms'), dsNs, 'Transform').map(algorithmOf);
    if (transforms.at(-1) !== exclusive || transforms.slice(0, -1).some((one) => one !== enveloped)) return 'an odd transform';
  }
  return undefined;
}

function algorithmOf(element: XmlElement | undefined): string | undefined {
  return element?.attributes.get('Algorithm');
}

function certificateOf(signature: XmlElement): X509Certificate | undefined {
  const [first] = childrenOf(descend(signature, dsNs, 'KeyInfo', 'X509Data'), dsNs, 'X509Certificate');
  try {
    return new X509Certificate(Buffer.from(textOf(first) ?? '', 'base64'));
  } catch {
    return undefined;
  }
}

function covered(
  text: string,
  holder: { readonly uri: string; readonly local: string } | 'document',
  certificate: X509Certificate,
): readonly Omit<Covered, 'type'>[] | undefined {
  const document = new DOMParser().parseFromString(text, 'text/xml');
  const parent = holder === 'document' ? document : document.getElementsByTagNameNS(holder.uri, holder.local)[0];
  const node = parent && Array.from(parent.childNodes).find((child) => isSignature(child));
  if (!node) return undefined;
  const checker = new SignedXml({ publicCert: certificate.publicKey, getCertFromKeyInfo: () => null });
  // SAML spells it ID, XML Signature and XAdES Id: each spelling is a walk through the whole tree.
  checker.idAttributes = [holder === 'document' ? 'Id' : 'ID'];
  try {
    checker.loadSignature(node);
    if (!checker.checkSignature(text)) return undefined;
  } catch {
    return undefined;
  }
  const covers: Omit<Covered, 'type'>[] = [];
  for (const { uri, signedReference } of checker.getReferences()) {
    const element = signedReference === undefined ? undefined : readXml(signedReference);
    if (!element || uri === undefined) return undefined;
    covers.push({ uri, element });
  }
  return covers;
}

function isSignature(node: object): boolean {
  return 'localName' in node && node.localName === 'Signature' && 'namespaceURI' in node && node.namespaceURI === dsNs;
}
