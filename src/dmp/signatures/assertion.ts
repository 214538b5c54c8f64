// The VIHF: who acts, for which structure, on whose record, as a SAML 2.0 assertion that the structure signs. Names and values of the
// attributes are those of public clients of the DMP and of the ANS's "volet transmission" (CONFIRMED-P); version, audience and life are
// settings, for the sources differ (RECALL). SAML 2.0 core §2; domain.md §6.
import type { Config } from '../../config/schema.ts';
import type { DocumentPatient } from '../../mail/documents/health-document.ts';
import type { CodedValue, DocumentAuthor } from '../document-entry.ts';
import { patientCx } from '../hl7-values.ts';
import { sectorSystem } from '../value-sets/settings-of-care.ts';
import { element, type Xml } from '../xml-text.ts';
import type { SigningCredential } from './credential.ts';
import { subjectRoles } from './subject-roles.ts';
import { algorithms, beginSignature, distinguishedName, namespaces, xmlTime } from './xml-signature.ts';

/** What an assertion says. */
export type AssertionFacts = {
  /** An XML id, unique to this assertion: `_` and a UUID. */
  readonly id: string;
  readonly now: Date;
  /** Who acts: the document's author; absent, the structure itself. */
  readonly author?: DocumentAuthor;
  /** Whose record. */
  readonly patient: Pick<DocumentPatient, 'matricule' | 'oid'>;
  readonly structure: Config['dmp']['structure'];
  readonly assertion: Config['dmp']['assertion'];
};

const x509Subject = 'urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName';
const tlsClient = 'urn:oasis:names:tc:SAML:2.0:ac:classes:TLSClient';
/** The clock of the record may be behind ours. */
const clockSkewMs = 60_000;
const normalAccess: CodedValue = { code: 'normal', system: '1.2.250.1.213.1.1.4.248', display: 'Accès normal' };

/** The signed assertion, one element without an XML declaration, ready to stand in wsse:Security as it is. */
export function signAssertion(credential: SigningCredential, facts: AssertionFacts): string {
  const signature = beginSignature(credential);
  signature.addReference({
    xpath: '/*',
    uri: `#${facts.id}`,
    transforms: [algorithms.enveloped, algorithms.exclusive],
    digestAlgorithm: algorithms.sha256,
  });
  // The schema wants the signature right behind the issuer. SAML 2.0 core §2.3.3.
  const location = { reference: "/*/*[local-name(.)='Issuer']", action: 'after' } as const;
  signature.computeSignature(assertionOf(distinguishedName(credential, 'subject'), facts), { prefix: 'ds', location });
  return signature.getSignedXml();
}

function assertionOf(issuer: string, { id, now, author, patient, structure, assertion }: AssertionFacts): Xml {
  const from = xmlTime(new Date(now.getTime() - clockSkewMs));
  const until = xmlTime(new Date(now.getTime() + assertion.lifetimeSeconds * 1000));
  const name = author ? `${author.familyName} ${author.givenName}`.trim() : structure.name;
  return element('saml:Assertion', { 'xmlns:saml': namespaces.saml, ID: id, IssueInstant: xmlTime(now), Version: '2.0' }, [
    element('saml:Issuer', { Format: x509Subject }, issuer),
    element('saml:Subject', {}, [element('saml:NameID', {}, author?.id?.extension ?? structure.id)]),
    element('saml:Conditions', { NotBefore: from, NotOnOrAfter: until }, [
      element('saml:AudienceRestriction', {}, [element('saml:Audience', {}, assertion.audience)]),
    ]),
    element('saml:AuthnStatement', { AuthnInstant: xmlTime(now) }, [
      element('saml:AuthnContext', {}, [element('saml:AuthnContextClassRef', {}, tlsClient)]),
    ]),
    element('saml:AttributeStatement', {}, [
      attribute('VIHF_Version', assertion.version),
      attribute('Identifiant_Structure', structure.id),
      attribute('Secteur_Activite', `${structure.sector}^${sectorSystem}`),
      attribute('Authentification_Mode', 'INDIRECTE'),
      attribute('urn:oasis:names:tc:xspa:1.0:subject:subject-id', name),
      codedAttribute('urn:oasis:names:tc:xacml:2.0:subject:role', 'Role', subjectRoles(author)),
      attribute('urn:oasis:names:tc:xacml:2.0:resource:resource-id', patientCx(patient)),
      attribute('Ressource_URN', assertion.resource),
      codedAttribute('urn:oasis:names:tc:xspa:1.0:subject:purposeofuse', 'PurposeOfUse', [normalAccess]),
      attribute('LPS_Nom', 'Passerelle'),
      assertion.approval === undefined ? undefined : attribute('LPS_ID_HOMOLOGATION_DMP', assertion.approval),
    ]),
  ]);
}

function attribute(name: string, text: string): Xml {
  return element('saml:Attribute', { Name: name }, [element('saml:AttributeValue', {}, text)]);
}

/** Codes as HL7 v3 writes them, each in a value of its own. */
function codedAttribute(name: string, type: 'Role' | 'PurposeOfUse', codes: readonly CodedValue[]): Xml {
  const values = codes.map(({ code, system, display }) => {
    const attributes = { xmlns: namespaces.hl7, 'xmlns:xsi': namespaces.xsi, 'xsi:type': 'CE', code, codeSystem: system };
    return element('saml:AttributeValue', {}, [element(type, { ...attributes, displayName: display })]);
  });
  return element('saml:Attribute', { Name: name }, values);
}
