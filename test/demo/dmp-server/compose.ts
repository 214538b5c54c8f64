// Requests to the DMP, composed by hand: plain templates, so that a test can bend any part of them. They share nothing with src/dmp nor
// with the server: the shapes are those of the IHE profiles, written a third time.
import { createHash, randomUUID, X509Certificate } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import type { Credential } from '../../../certs/issue-credential.ts';
import { leaMartin } from '../../../src/demo/cast.ts';
import { escapeXml } from '../../../src/demo/documents/xml.ts';

const dsNs = 'http://www.w3.org/2000/09/xmldsig#';
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const sha256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';

/** `${matricule}^^^&${oid}&ISO^NH`, escaped. */
export function patientId(matricule: string): string {
  return `${matricule}^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH`;
}

export type AssertionChoices = {
  readonly structureId?: string;
  readonly audience?: string;
  readonly now?: Date;
  readonly id?: string;
  readonly matricule: string;
  /** Last touches to the text before it is signed. */
  readonly bend?: (text: string) => string;
};

/** A signed assertion. */
export function assertion(credential: Credential, choices: AssertionChoices): string {
  const {
    structureId = '1990001018',
    audience = 'https://dmp.gouv.fr',
    now = new Date(),
    id = `_${randomUUID()}`,
    bend = (text) => text,
  } = choices;
  const certificate = new X509Certificate(credential.cert);
  const issuer = certificate.subject.split('\n').reverse().join(',');
  const until = new Date(now.getTime() + 300_000);
  const attribute = (name: string, value: string) =>
    `<saml:Attribute Name="${name}"><saml:AttributeValue>${value}</saml:AttributeValue></saml:Attribute>`;
  const text = `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id}" Version="2.0" IssueInstant="${now.toISOString()}"><saml:Issuer Format="urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName">${escapeXml(issuer)}</saml:Issuer><saml:Subject><saml:NameID>${leaMartin.nationalId}</saml:NameID></saml:Subject><saml:Conditions NotBefore="${now.toISOString()}" NotOnOrAfter="${until.toISOString()}"><saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${now.toISOString()}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:TLSClient</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>${[
    attribute('VIHF_Version', '3.0'),
    attribute('Identifiant_Structure', structureId),
    attribute('Secteur_Activite', 'SA01^1.2.250.1.71.4.2.4'),
    attribute('Authentification_Mode', 'INDIRECTE'),
    attribute('Ressource_URN', 'urn:dmp'),
    attribute(
      'urn:oasis:names:tc:xacml:2.0:subject:role',
      '<Role xmlns="urn:hl7-org:v3" code="10" codeSystem="1.2.250.1.71.1.2.7" displayName="Médecin"/>',
    ),
    attribute('urn:oasis:names:tc:xacml:2.0:resource:resource-id', patientId(choices.matricule)),
    attribute(
      'urn:oasis:names:tc:xspa:1.0:subject:purposeofuse',
      '<PurposeOfUse xmlns="urn:hl7-org:v3" code="normal" codeSystem="1.2.250.1.213.1.1.4.248" displayName="Accès normal"/>',
    ),
  ].join('')}</saml:AttributeStatement></saml:Assertion>`;
  const signer = new SignedXml({
    privateKey: credential.key,
    publicCert: credential.cert,
    signatureAlgorithm: rsaSha256,
    canonicalizationAlgorithm: exclusive,
  });
  signer.addReference({ xpath: '/*', transforms: [`${dsNs}enveloped-signature`, exclusive], digestAlgorithm: sha256, uri: `#${id}` });
  signer.computeSignature(bend(text), { prefix: 'ds', location: { reference: "/*/*[local-name(.)='Issuer']", action: 'after' } });
  return signer.getSignedXml();
}

/** An envelope. */
export function envelope(options: {
  readonly action: string;
  readonly to: string;
  readonly assertion: string;
  readonly body: string;
  readonly messageId?: string;
}): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://www.w3.org/2005/08/addressing"><soap:Header><wsa:Action soap:mustUnderstand="true">${options.action}</wsa:Action><wsa:MessageID>${options.messageId ?? `urn:uuid:${randomUUID()}`}</wsa:MessageID><wsa:ReplyTo><wsa:Address>http://www.w3.org/2005/08/addressing/anonymous</wsa:Address></wsa:ReplyTo><wsa:To>${options.to}</wsa:To><wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">${options.assertion}</wsse:Security></soap:Header><soap:Body>${options.body}</soap:Body></soap:Envelope>`;
}

/** What one document says of itself; every line of its entry can be bent. */
export type ComposedDocument = {
  readonly uniqueId: string;
  readonly matricule: string;
  readonly bytes: Buffer;
  /** The id of its entry in the set. */
  readonly id?: string;
  readonly masks?: readonly string[];
  readonly bend?: (entry: string) => string;
  readonly lid?: string;
};

/** An entry of a document. */
export function entry(document: ComposedDocument): string {
  const { id = 'Document01', bytes, bend = (text) => text } = document;
  const codes = [
    code(id, 'urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a', '10', '1.2.250.1.213.1.1.4.1', 'Compte rendu'),
    code(id, 'urn:uuid:f0306f51-975f-434e-a61c-c59651d33983', '34112-3', '2.16.840.1.113883.6.1', 'CR hospitalier'),
    code(id, 'urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d', 'urn:ihe:iti:xds:2017:mimeTypeSufficient', '1.3.6.1.4.1.19376.1.2.3', 'CDA'),
  ];
  return bend(
    stableEntry({ ...document, id }, 'Lettre de liaison', 'fr-FR', codes, createHash('sha1').update(bytes).digest('hex'), bytes.length),
  );
}

function stableEntry(
  { id, uniqueId, matricule, masks = [], lid }: ComposedDocument & { readonly id: string },
  title: string,
  language: string,
  codes: readonly string[],
  hash: string,
  size: number,
): string {
  const confidentiality = 'urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f';
  return `<rim:ExtrinsicObject id="${id}"${lid === undefined ? '' : ` lid="${lid}"`} mimeType="text/xml" objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1">
${slot('creationTime', '20261101080000')}
${slot('hash', hash)}
${slot('languageCode', language)}
${slot('legalAuthenticator', person)}
${slot('serviceStartTime', '20261030')}
${slot('serviceStopTime', '20261101')}
${slot('size', String(size))}
${slot('sourcePatientId', patientId(matricule))}
${slot('sourcePatientInfo', 'PID-5|PAT-TROIS^DOMINIQUE^^^^^L', 'PID-7|19790328', 'PID-8|F')}
${named(title)}
${author(id, 'urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d')}
${codes.join('\n')}
${code(id, confidentiality, 'N', '2.16.840.1.113883.5.25', 'Normal')}
${masks.map((mask) => code(id, confidentiality, mask, '1.2.250.1.213.1.1.4.13', mask)).join('\n')}
${code(id, 'urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1', 'SA02', '1.2.250.1.71.4.2.4', 'Etablissement privé')}
${code(id, 'urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead', 'ETABLISSEMENT', '1.2.250.1.213.1.1.4.9', 'Etablissement de santé')}
${external(id, 'urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427', 'XDSDocumentEntry.patientId', patientId(matricule))}
${external(id, 'urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab', 'XDSDocumentEntry.uniqueId', uniqueId)}
</rim:ExtrinsicObject>`;
}

/** The set, its members, and what more associations are given. */
export function submitObjects(options: {
  readonly setUniqueId: string;
  readonly matricule: string;
  readonly entries: readonly { readonly id: string; readonly xml: string; readonly previousVersion?: string }[];
  readonly associations?: readonly string[];
}): string {
  const { setUniqueId, matricule, entries, associations = [] } = options;
  const members = entries.map(({ id, previousVersion }) =>
    association('urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember', 'SubmissionSet01', id, [
      slot('SubmissionSetStatus', 'Original'),
      ...(previousVersion === undefined ? [] : [slot('PreviousVersion', previousVersion)]),
    ]),
  );
  return `<lcm:SubmitObjectsRequest xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"><rim:RegistryObjectList>
${entries.map(({ xml }) => xml).join('\n')}
<rim:RegistryPackage id="SubmissionSet01">
${slot('submissionTime', '20261101080500')}
${named('Lettre de liaison')}
${author('SubmissionSet01', 'urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d')}
${code('SubmissionSet01', 'urn:uuid:aa543740-bdda-424e-8c96-df4873be8500', '04', '1.2.250.1.213.2.2', 'Hospitalisation')}
${external('SubmissionSet01', 'urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446', 'XDSSubmissionSet.patientId', patientId(matricule))}
${external('SubmissionSet01', 'urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8', 'XDSSubmissionSet.uniqueId', setUniqueId)}
${external('SubmissionSet01', 'urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832', 'XDSSubmissionSet.sourceId', '1.2.250.1.999.1')}
</rim:RegistryPackage>
<rim:Classification id="set" classifiedObject="SubmissionSet01" classificationNode="urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"/>
${[...members, ...associations].join('\n')}
</rim:RegistryObjectList></lcm:SubmitObjectsRequest>`;
}

export function association(type: string, source: string, target: string, slots: readonly string[] = []): string {
  return `<rim:Association id="as-${randomUUID()}" associationType="${type}" sourceObject="${source}" targetObject="${target}">${slots.join('')}</rim:Association>`;
}

/** The signature document of a set. */
export function sealOf(
  credential: Credential,
  setUniqueId: string,
  documents: readonly { readonly uniqueId: string; readonly bytes: Buffer }[],
  now = new Date(),
): Buffer {
  const der = new X509Certificate(credential.cert).raw;
  const digest = (bytes: Buffer) =>
    `<ds:DigestMethod Algorithm="${sha256}"/><ds:DigestValue>${createHash('sha256').update(bytes).digest('base64')}</ds:DigestValue>`;
  const references = [{ uniqueId: setUniqueId, bytes: Buffer.alloc(0) }, ...documents].map(
    ({ uniqueId, bytes }) => `<ds:Reference URI="urn:oid:${uniqueId}">${digest(bytes)}</ds:Reference>`,
  );
  const manifest = `<ds:Manifest xmlns:ds="${dsNs}" Id="manifest">${references.join('')}</ds:Manifest>`;
  const properties = `<xades:QualifyingProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" xmlns:ds="${dsNs}" Target="#signature"><xades:SignedProperties Id="properties"><xades:SignedSignatureProperties><xades:SigningTime>${now.toISOString()}</xades:SigningTime><xades:SigningCertificateV2><xades:Cert><xades:CertDigest>${digest(der)}</xades:CertDigest></xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties></xades:SignedProperties></xades:QualifyingProperties>`;
  const signer = new SignedXml({
    privateKey: credential.key,
    publicCert: credential.cert,
    signatureAlgorithm: rsaSha256,
    canonicalizationAlgorithm: exclusive,
    objects: [{ content: manifest }, { content: properties }],
  });
  const covered = (id: string, type: string) =>
    signer.addReference({ xpath: `//*[@Id='${id}']`, transforms: [exclusive], digestAlgorithm: sha256, uri: `#${id}`, type });
  covered('manifest', `${dsNs}Manifest`);
  covered('properties', 'http://uri.etsi.org/01903#SignedProperties');
  signer.computeSignature('<holder/>', { prefix: 'ds', attrs: { Id: 'signature' } });
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${signer.getSignatureXml()}`, 'utf8');
}

/** The entry of a signature document, with codes of the guides' examples. */
export function sealEntry(uniqueId: string, matricule: string, bytes: Buffer): string {
  const id = 'Signature01';
  const codes = [
    code(id, 'urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a', 'urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1', 'URN', 'Digital Signature'),
    code(id, 'urn:uuid:f0306f51-975f-434e-a61c-c59651d33983', 'E1762', 'ASTM', 'Full Document'),
    code(id, 'urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d', 'http://www.w3.org/2000/09/xmldsig#', 'URN', 'Default Signature Style'),
  ];
  return stableEntry(
    { uniqueId, matricule, bytes, id },
    'Source',
    'art',
    codes,
    createHash('sha1').update(bytes).digest('hex'),
    bytes.length,
  );
}

const person = `${leaMartin.nationalId}^MARTIN^Léa^^^^^^&amp;1.2.250.1.71.4.2.1&amp;ISO^D^^^IDNPS`;

function author(id: string, scheme: string): string {
  return `<rim:Classification id="a-${randomUUID()}" classificationScheme="${scheme}" classifiedObject="${id}" nodeRepresentation="">${slot('authorPerson', person)}${slot('authorInstitution', 'Clinique^^^^^&amp;1.2.250.1.71.4.2.2&amp;ISO^IDNST^^^1990001018')}</rim:Classification>`;
}

function code(id: string, scheme: string, value: string, system: string, display: string): string {
  return `<rim:Classification id="c-${randomUUID()}" classificationScheme="${scheme}" classifiedObject="${id}" nodeRepresentation="${value}">${slot('codingScheme', system)}${named(display)}</rim:Classification>`;
}

function external(id: string, scheme: string, name: string, value: string): string {
  return `<rim:ExternalIdentifier id="e-${randomUUID()}" registryObject="${id}" identificationScheme="${scheme}" value="${value}">${named(name)}</rim:ExternalIdentifier>`;
}

function named(value: string): string {
  return `<rim:Name><rim:LocalizedString value="${value}"/></rim:Name>`;
}

export function slot(name: string, ...values: readonly string[]): string {
  return `<rim:Slot name="${name}"><rim:ValueList>${values.map((value) => `<rim:Value>${value}</rim:Value>`).join('')}</rim:ValueList></rim:Slot>`;
}
