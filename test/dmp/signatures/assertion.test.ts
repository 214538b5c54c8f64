// The VIHF as xmlsec1 sees it: signed by the structure, covering every word it says.
import { afterAll, expect, test } from 'vitest';
import { configSchema } from '../../../src/config/schema.ts';
import type { DocumentAuthor } from '../../../src/dmp/document-entry.ts';
import { type AssertionFacts, signAssertion } from '../../../src/dmp/signatures/assertion.ts';
import { xmllint, xmlsecVerify } from '../../support/xml-tools.ts';
import { openSigningWorld, patient, structure } from './signing-world.ts';

const world = await openSigningWorld();
const { credential } = world;
afterAll(() => world.close());

const now = new Date('2026-11-22T10:20:30.400Z');
const settings = configSchema.parse({}).dmp.assertion;
const leaMartin: DocumentAuthor = {
  id: { extension: '899700101001', root: '1.2.250.1.71.4.2.1' },
  familyName: "O'MARTIN <&>",
  givenName: 'Léa',
  specialty: { code: 'G15_10/SM26', system: '1.2.250.1.213.1.1.4.5', display: 'Médecin - Médecine générale' },
};
const facts: AssertionFacts = { id: '_assertion-1', now, author: leaMartin, patient, structure, assertion: settings };
const judge = (xml: string, trustedPem = world.authority.certificate) =>
  xmlsecVerify(xml, { trustedPem, idAttrs: ['ID:urn:oasis:names:tc:SAML:2.0:assertion:Assertion'] });

const signed = signAssertion(credential, facts);

test('xmlsec1 verifies the assertion under the authority that issued the certificate, and xmllint finds it well formed', () => {
  expect(judge(signed)).toMatchObject({ isValid: true });
  expect(xmllint(signed)).toBe('');
});

test('under another authority the assertion is worth nothing', async () => {
  const other = await openSigningWorld();
  expect(judge(signed, other.authority.certificate)).toMatchObject({ isValid: false });
  await other.close();
});

test('one changed byte in anything the assertion says, and it fails', () => {
  const signature = /<ds:Signature .*<\/ds:Signature>/s.exec(signed);
  const [from, to] = [signature?.index ?? 0, (signature?.index ?? 0) + (signature?.[0].length ?? 0)];
  const places = [...Array(signed.length).keys()].filter((at) => /[A-Za-z0-9]/.test(signed[at] ?? ''));
  const outside = places.filter((at) => at < from || at >= to).filter((_, index) => index % 61 === 0);
  const inSignedInfo = places.filter((at) => at >= from && at < signed.indexOf('</ds:SignedInfo>')).filter((_, index) => index % 61 === 0);
  const inValue = [signed.indexOf('<ds:SignatureValue>') + 30, signed.indexOf('<ds:X509Certificate>') + 300];
  for (const at of [...outside, ...inSignedInfo, ...inValue]) {
    const changed = signed.slice(0, at) + (signed[at] === 'x' ? 'y' : 'x') + signed.slice(at + 1);
    expect(judge(changed).isValid, `byte ${at}: ${signed.slice(at - 20, at + 20)}`).toBe(false);
  }
});

test('the assertion says who acts, for which structure, on whose record, for whom and how long', () => {
  const { subject } = credential.certificate;
  const written = subject.split('\n').reverse().join(',');
  for (const part of [
    'ID="_assertion-1" IssueInstant="2026-11-22T10:20:30Z" Version="2.0"',
    `X509SubjectName">${written.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}<`,
    '<saml:NameID>899700101001</saml:NameID>',
    '<saml:Conditions NotBefore="2026-11-22T10:19:30Z" NotOnOrAfter="2026-11-22T10:25:30Z">',
    '<saml:Audience>https://dmp.gouv.fr</saml:Audience>',
    '<saml:Attribute Name="VIHF_Version"><saml:AttributeValue>3.0<',
    '<saml:Attribute Name="Identifiant_Structure"><saml:AttributeValue>1990001018<',
    '<saml:Attribute Name="Secteur_Activite"><saml:AttributeValue>SA04^1.2.250.1.71.4.2.4<',
    '<saml:Attribute Name="Authentification_Mode"><saml:AttributeValue>INDIRECTE<',
    'subject-id"><saml:AttributeValue>O\'MARTIN &lt;&amp;&gt; Léa<',
    'resource-id"><saml:AttributeValue>279035121518989^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH<',
    '<saml:Attribute Name="Ressource_URN"><saml:AttributeValue>urn:dmp<',
    'code="10" codeSystem="1.2.250.1.71.1.2.7" displayName="Médecin"',
    'code="SM26" codeSystem="1.2.250.1.71.4.2.5" displayName="Médecine générale"',
    'code="normal" codeSystem="1.2.250.1.213.1.1.4.248"',
  ]) {
    expect(signed).toContain(part);
  }
  expect(signed).not.toContain('LPS_ID_HOMOLOGATION_DMP');
  // SAML 2.0 core §2.3.3: the signature stands right behind the issuer.
  expect(signed).toMatch(/<\/saml:Issuer><ds:Signature /);
});

test('without an author the structure acts by itself; an approval number is told when there is one', () => {
  const { author: _, ...without } = facts;
  const own = signAssertion(credential, { ...without, assertion: { ...settings, approval: 'ABC-1' } });
  expect(judge(own)).toMatchObject({ isValid: true });
  expect(own).toContain('<saml:NameID>1990001018</saml:NameID>');
  expect(own).toContain('code="AUTOMATE" codeSystem="1.2.250.1.213.1.1.4.6"');
  expect(own).toContain('LPS_ID_HOMOLOGATION_DMP"><saml:AttributeValue>ABC-1<');
});

test.each([
  ['G15_10/SM26', 'Médecin - Médecine générale', ['10 Médecin', 'SM26 Médecine générale']],
  ['G15_10/SM04', 'Médecin', ['10 Médecin', 'SM04 SM04']],
  ['G15_60', 'Infirmier', ['60 Infirmier']],
  ['G15_21/A', 'Pharmacien - Titulaire', ['21 Pharmacien']],
  ['DISPOSITIF', 'Dispositif médical', ['AUTOMATE Automate']],
])('the speciality %s acts as %3$j', (code, display, roles) => {
  const told = signAssertion(credential, { ...facts, author: { ...leaMartin, specialty: { code, system: '1.2.3', display } } });
  const found = [...told.matchAll(/<Role [^>]*code="([^"]*)"[^>]*displayName="([^"]*)"/g)].map(([, one, name]) => `${one} ${name}`);
  expect(found).toEqual(roles);
});
