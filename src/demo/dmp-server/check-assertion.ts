// The VIHF assertion in wsse:Security: signed by the structure that holds the connection, for this audience, now, once, and saying who
// acts on whose record. SAML 2.0 core §2; names of the attributes as the DMP's guides give them (RECALL). domain.md §6.
import type { X509Certificate } from 'node:crypto';
import { isSubjectOf, structureOf } from './distinguished-name.ts';
import { readPatientId } from './hl7-types.ts';
import type { Fault } from './soap.ts';
import { verifySignature } from './verify-signature.ts';
import { childrenOf, descend, onlyChild, textOf, type XmlElement } from './xml-tree.ts';

const samlNs = 'urn:oasis:names:tc:SAML:2.0:assertion';
const x509Subject = 'urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName';
const resourceId = 'urn:oasis:names:tc:xacml:2.0:resource:resource-id';
const purposeOfUse = 'urn:oasis:names:tc:xspa:1.0:subject:purposeofuse';
const role = 'urn:oasis:names:tc:xacml:2.0:subject:role';
/** Clocks of two machines. */
const skewMs = 60_000;
const maxLifeMs = 3_600_000 + skewMs;

/** Who acts on whose record. */
export type Session = {
  readonly structureId: string;
  /** Matricule INS of the record that is opened. */
  readonly matricule: string;
};

/** What an assertion is held against. */
export type AssertionTrust = {
  readonly authority: X509Certificate;
  /** The certificate of the TLS connection. */
  readonly peer: X509Certificate;
  readonly audience: string;
  readonly now: Date;
  /** Ids seen, each with the moment (epoch, ms) when it may be forgotten. Grows by this one. */
  readonly seen: Map<string, number>;
};

/** The session that the envelope's assertion opens, or the fault that says why it opens none. */
export function checkAssertion(envelope: string, security: XmlElement, trust: AssertionTrust): Session | Fault {
  if (!onlyChild(security, samlNs, 'Assertion')) return refuse('wsse:InvalidSecurity', 'No assertion');
  const signed = verifySignature(envelope, { uri: samlNs, local: 'Assertion' }, trust);
  if (typeof signed === 'string') return refuse('wsse:FailedCheck', `Signature of the assertion: ${signed}`);
  const [covered, more] = signed.covers;
  const assertion = covered?.element;
  const id = assertion?.attributes.get('ID');
  if (!assertion || more || id === undefined || covered?.uri !== `#${id}` || assertion.local !== 'Assertion' || assertion.uri !== samlNs)
    return refuse('wsse:FailedCheck', 'The signature does not cover the assertion');
  const structureId = structureOf(signed.certificate);
  if (structureId === undefined || structureId !== structureOf(trust.peer))
    return refuse('wsse:FailedAuthentication', 'The signer is not the structure of the connection');
  return (
    checkTimes(assertion, trust) ??
    checkReplay(id, trust) ??
    checkIssuer(assertion, signed.certificate) ??
    checkAttributes(assertion, structureId)
  );
}

function refuse(subcode: string, reason: string): Fault {
  return { fault: 'Sender', subcode, reason };
}

function checkTimes(assertion: XmlElement, { now, audience }: AssertionTrust): Fault | undefined {
  const conditions = onlyChild(assertion, samlNs, 'Conditions');
  const [from, until, issued] = [
    conditions?.attributes.get('NotBefore'),
    conditions?.attributes.get('NotOnOrAfter'),
    assertion.attributes.get('IssueInstant'),
  ].map(instant);
  if (from === undefined || until === undefined || issued === undefined) return refuse('wsse:InvalidSecurityToken', 'No or odd dates');
  if (now.getTime() < from - skewMs || now.getTime() >= until + skewMs || Math.abs(now.getTime() - issued) > maxLifeMs)
    return refuse('wsse:MessageExpired', 'Outside its dates');
  if (until - from > maxLifeMs) return refuse('wsse:InvalidSecurityToken', 'Good for too long');
  const audiences = childrenOf(onlyChild(conditions, samlNs, 'AudienceRestriction'), samlNs, 'Audience').map(textOf);
  if (!audiences.includes(audience)) return refuse('wsse:InvalidSecurityToken', 'For another audience');
  const authentication = onlyChild(assertion, samlNs, 'AuthnStatement');
  if (
    instant(authentication?.attributes.get('AuthnInstant')) === undefined ||
    !descend(authentication, samlNs, 'AuthnContext', 'AuthnContextClassRef')
  )
    return refuse('wsse:InvalidSecurityToken', 'No authentication statement');
  return undefined;
}

function instant(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/.test(text) ? Date.parse(text) : undefined;
}

function checkReplay(id: string, { seen, now }: AssertionTrust): Fault | undefined {
  for (const [old, end] of seen) if (end < now.getTime()) seen.delete(old);
  if (seen.has(id)) return refuse('wsse:FailedAuthentication', 'This assertion was used before');
  seen.set(id, now.getTime() + 2 * maxLifeMs);
  return undefined;
}

function checkIssuer(assertion: XmlElement, certificate: X509Certificate): Fault | undefined {
  const issuer = onlyChild(assertion, samlNs, 'Issuer');
  if (issuer?.attributes.get('Format') !== x509Subject || !isSubjectOf(certificate, textOf(issuer) ?? ''))
    return refuse('wsse:InvalidSecurityToken', 'The issuer is not the subject of the certificate');
  if (textOf(descend(assertion, samlNs, 'Subject', 'NameID')) === undefined) return refuse('wsse:InvalidSecurityToken', 'No subject');
  return undefined;
}

function checkAttributes(assertion: XmlElement, structureId: string): Session | Fault {
  const statement = onlyChild(assertion, samlNs, 'AttributeStatement');
  const attributes = new Map(
    childrenOf(statement, samlNs, 'Attribute').map((one) => [
      one.attributes.get('Name')?.toLowerCase() ?? '',
      childrenOf(one, samlNs, 'AttributeValue'),
    ]),
  );
  const value = (name: string) => textOf(attributes.get(name.toLowerCase())?.[0]);
  const coded = (name: string, element: string) => {
    const inner = attributes
      .get(name.toLowerCase())?.[0]
      ?.children.find((child) => child.uri === 'urn:hl7-org:v3' && child.local === element);
    return inner?.attributes.get('code') !== undefined && inner.attributes.get('codeSystem') !== undefined;
  };
  const missing = ['VIHF_Version', 'Secteur_Activite', 'Ressource_URN'].find((name) => value(name) === undefined);
  if (missing !== undefined) return refuse('wsse:InvalidSecurityToken', `No attribute ${missing}`);
  if (value('Identifiant_Structure') !== structureId)
    return refuse('wsse:InvalidSecurityToken', 'Another structure than the certificate names');
  if (value('Authentification_Mode') !== 'INDIRECTE') return refuse('wsse:InvalidSecurityToken', 'A structure authenticates indirectly');
  if (!coded(role, 'Role')) return refuse('wsse:InvalidSecurityToken', 'No role');
  if (!coded(purposeOfUse, 'PurposeOfUse')) return refuse('wsse:InvalidSecurityToken', 'No purpose of use');
  const patient = readPatientId(value(resourceId) ?? '');
  if (!patient) return refuse('wsse:InvalidSecurityToken', 'No resource-id, or not an INS');
  return { structureId, matricule: patient.matricule };
}
