// What a DMP refuses, one bent part at a time: nothing of it is kept.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Credential } from '../../../certs/issue-credential.ts';
import type { DmpServer } from '../../../src/demo/dmp-server/dmp-server.ts';
import { association, type ComposedDocument } from './compose.ts';
import {
  ask,
  composeFeed,
  document,
  type FeedChoices,
  feed,
  matricule,
  newOid,
  openDmp,
  openStage,
  post,
  provideAction,
  replacesType,
  type Stage,
} from './talk.ts';

let stage: Stage & { close(): Promise<void> };
let pharmacy: Credential;
let stranger: Stage & { close(): Promise<void> };
let dmp: DmpServer;
const otherPatient = '277076322082910';

beforeAll(async () => {
  stage = await openStage();
  stranger = await openStage();
  pharmacy = await stage.authority.peerCredential({ relayName: 'dmp.halle.test', structureId: '1990002024', organisation: 'Pharmacie' });
});
afterAll(async () => {
  await stage.close();
  await stranger.close();
});
beforeEach(async () => {
  dmp = await openDmp(stage);
});

const bendEntry = (from: string | RegExp, to: string): Partial<ComposedDocument> => ({ bend: (text) => bent(text, from, to) });

/** A template that no longer has what a test bends would show nothing. */
function bent(text: string, from: string | RegExp, to: string): string {
  const result = text.replace(from, to);
  expect(result).not.toBe(text);
  return result;
}

test.each<[string, string, Partial<ComposedDocument>]>([
  ['no title', 'XDSRegistryMetadataError', bendEntry(/<rim:Name><rim:LocalizedString value="Lettre de liaison"\/><\/rim:Name>/, '')],
  [
    'no author',
    'XDSRegistryMetadataError',
    bendEntry('urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d', 'urn:uuid:93606bcf-0000-43ec-9b4e-a7748d1a838d'),
  ],
  ['an author who is no XCN', 'XDSRegistryMetadataError', bendEntry(/(authorPerson"><rim:ValueList><rim:Value>)[^<]*/, '$1Dr Martin')],
  ['no legal authenticator', 'XDSRegistryMetadataError', bendEntry('"legalAuthenticator"', '"legal"')],
  ['no start of the act', 'XDSRegistryMetadataError', bendEntry('"serviceStartTime"', '"start"')],
  ['an end before the start', 'XDSRegistryMetadataError', bendEntry('20261101<', '20261029<')],
  ['a day that does not exist', 'XDSRegistryMetadataError', bendEntry('20261030', '20260230')],
  ['a local time', 'XDSRegistryMetadataError', bendEntry('20261101080000', '20261101080000+0100')],
  ['another language', 'XDSRegistryMetadataError', bendEntry('fr-FR', 'en-US')],
  ['a class that is not the type’s', 'XDSRegistryMetadataError', bendEntry('nodeRepresentation="10"', 'nodeRepresentation="42"')],
  ['a type the record does not take', 'XDSRegistryMetadataError', bendEntry('34112-3', '99999-9')],
  ['a code without its table', 'XDSRegistryMetadataError', bendEntry('"codingScheme"', '"scheme"')],
  ['an unknown mask', 'XDSRegistryMetadataError', { masks: ['INVISIBLE_REP_LEGAUX'] }],
  [
    'no confidentiality',
    'XDSRegistryMetadataError',
    bendEntry('urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f', 'urn:uuid:00000000-e6cb-4883-b524-f2705394840f'),
  ],
  ['an unknown format', 'XDSRegistryMetadataError', bendEntry('urn:ihe:iti:xds:2017:mimeTypeSufficient', 'pdf')],
  ['a sector that is none', 'XDSRegistryMetadataError', bendEntry('SA02', 'XX02')],
  ['no birth date', 'XDSRegistryMetadataError', bendEntry('PID-7|', 'PID-9|')],
  [
    'a patient without an INS',
    'XDSRegistryMetadataError',
    bendEntry(
      'identificationScheme="urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427" value="',
      'identificationScheme="urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427" value="x',
    ),
  ],
  [
    'something that belongs to another object',
    'XDSRegistryMetadataError',
    bendEntry('registryObject="Document01"', 'registryObject="Document02"'),
  ],
  [
    'another hash',
    'XDSRepositoryMetadataError',
    bendEntry(/"hash"><rim:ValueList><rim:Value>\w{40}/, `"hash"><rim:ValueList><rim:Value>${'0'.repeat(40)}`),
  ],
  ['another size', 'XDSRepositoryMetadataError', bendEntry(/"size"><rim:ValueList><rim:Value>/, '"size"><rim:ValueList><rim:Value>1')],
  ['a document of another id', 'InvalidDocumentContent', { uniqueId: '2.25.7' }],
  ['a document that is no CDA', 'InvalidDocumentContent', { bytes: Buffer.from('<p>Bonjour</p>') }],
  [
    'a document with a DOCTYPE',
    'InvalidDocumentContent',
    {
      bytes: Buffer.from(
        `<!DOCTYPE x [<!ENTITY a "b">]>${document()
          .bytes.toString('utf8')
          .replace(/<\?xml.*\?>/, '')}`,
      ),
    },
  ],
  [
    'a document about another patient',
    'InvalidDocumentContent',
    { bytes: Buffer.from(document().bytes.toString('utf8').replace(matricule, otherPatient)) },
  ],
])('%s is refused with %s', async (_what, code, change) => {
  const heard = await feed(stage, dmp, { ...document(), ...change });
  expect(heard.isSuccess).toBe(false);
  expect(new Set(heard.errors)).toEqual(new Set([code]));
  expect(dmp.holds()).toEqual([]);
});

test.each<[string, string, () => FeedChoices]>([
  [
    'a signature over another document',
    'XDSRepositoryMetadataError',
    () => ({ sealed: [{ ...document(), bytes: Buffer.from('another') }] }),
  ],
  ['a signature that leaves the document out', 'XDSRepositoryMetadataError', () => ({ sealed: [] })],
  [
    'a signature over more than was sent',
    'XDSRepositoryMetadataError',
    () => ({ sealed: [document(), { ...document(2), uniqueId: '2.25.3' }] }),
  ],
  ['a signature of another structure', 'XDSRepositoryMetadataError', () => ({ signer: pharmacy })],
  ['a signature of another authority', 'XDSRepositoryMetadataError', () => ({ signer: stranger.clinic })],
  [
    'a signature with one digit changed',
    'XDSRepositoryMetadataError',
    () => ({ bendSeal: (bytes) => Buffer.from(bent(bytes.toString(), /SigningTime>20/, 'SigningTime>21')) }),
  ],
  [
    'a signature with a changed digest',
    'XDSRepositoryMetadataError',
    () => ({ bendSeal: (bytes) => Buffer.from(bent(bytes.toString(), /(urn:oid:.*?DigestValue>)./, '$1-')) }),
  ],
  [
    'a signature attached to nothing',
    'XDSRegistryMetadataError',
    () => ({ bendBody: (body) => bent(body, 'AssociationType:signs', 'AssociationType:XFRM') }),
  ],
  [
    'a document without its entry',
    'XDSMissingDocumentMetadata',
    () => ({
      bendBody: (body) =>
        bent(
          body,
          '</xdsb:ProvideAndRegisterDocumentSetRequest>',
          '<xdsb:Document id="Document09"/></xdsb:ProvideAndRegisterDocumentSetRequest>',
        ),
    }),
  ],
  [
    'an entry without its document',
    'XDSMissingDocument',
    () => ({ bendBody: (body) => bent(body, /<xdsb:Document id="Document01">.*?<\/xdsb:Document>/, '') }),
  ],
  [
    'an entry that is no member of the set',
    'XDSRegistryMetadataError',
    () => ({ bendBody: (body) => bent(body, 'AssociationType:HasMember', 'AssociationType:Has') }),
  ],
  ['a set that is not classified as one', 'XDSRegistryMetadataError', () => ({ bendBody: (body) => bent(body, 'a54d6aa5', 'b54d6aa5') })],
  ['a set without its source', 'XDSRegistryMetadataError', () => ({ bendBody: (body) => bent(body, '554ac39e', '654ac39e') })],
  [
    'a replacement of nothing',
    'UnresolvedReferenceException',
    () => ({ associations: [association(replacesType, 'Document01', newOid())] }),
  ],
])('%s is refused with %s', async (_what, code, choices) => {
  const heard = await feed(stage, dmp, document(), choices());
  expect(heard.errors).toContain(code);
  expect(heard.isSuccess).toBe(false);
  expect(dmp.holds()).toEqual([]);
});

test('requirement 52: without a record, or with a closed one, nothing is taken', async () => {
  const fed = document();
  dmp.openRecord(matricule, 'closed');
  expect((await feed(stage, dmp, fed)).errors).toEqual(['XDSUnknownPatientId']);
  dmp.openRecord(matricule, 'active');
  expect((await feed(stage, dmp, fed)).isSuccess).toBe(true);
});

test.each<[string, string, () => FeedChoices['assertion']]>([
  ['for another audience', 'wsse:InvalidSecurityToken', () => ({ audience: 'https://example.org' })],
  ['of yesterday', 'wsse:MessageExpired', () => ({ now: new Date(Date.now() - 86_400_000) })],
  ['of tomorrow', 'wsse:MessageExpired', () => ({ now: new Date(Date.now() + 86_400_000) })],
  ['for another structure', 'wsse:InvalidSecurityToken', () => ({ structureId: '1990002024' })],
  ['without a role', 'wsse:InvalidSecurityToken', () => ({ bend: (text) => bent(text, /<Role [^>]*>/, '') })],
  ['without a purpose', 'wsse:InvalidSecurityToken', () => ({ bend: (text) => bent(text, /<PurposeOfUse [^>]*>/, '') })],
  ['with a direct authentication', 'wsse:InvalidSecurityToken', () => ({ bend: (text) => bent(text, 'INDIRECTE', 'DIRECTE') })],
  ['of another issuer', 'wsse:InvalidSecurityToken', () => ({ bend: (text) => bent(text, 'CN=', 'CN=x') })],
  ['without a subject', 'wsse:InvalidSecurityToken', () => ({ bend: (text) => bent(text, /<saml:Subject>.*<\/saml:Subject>/, '') })],
  [
    'that is good for a day',
    'wsse:InvalidSecurityToken',
    () => ({ bend: (text) => bent(text, /NotOnOrAfter="[^"]*"/, `NotOnOrAfter="${new Date(Date.now() + 86_400_000).toISOString()}"`) }),
  ],
])('an assertion %s is refused with %s', async (_what, subcode, choices) => {
  const heard = await feed(stage, dmp, document(), { assertion: choices() ?? {} });
  expect(heard).toMatchObject({ status: 400, text: expect.stringContaining(`<s:Value>${subcode}</s:Value>`) });
  expect(dmp.holds()).toEqual([]);
});

test('an assertion about another patient opens another record', async () => {
  expect((await feed(stage, dmp, document(), { assertion: { matricule: otherPatient } })).errors).toEqual(['XDSPatientIdDoesNotMatch']);
});

test.each<[string, (soap: string) => string]>([
  ['changed after it was signed', (soap) => bent(soap, 'INDIRECTE', 'DIRECTE')],
  ['without its signature', (soap) => bent(soap, /<ds:Signature .*<\/ds:Signature>/s, '')],
  [
    'wrapped beside another of its kind',
    (soap) => bent(soap, '<soap:Body>', '<soap:Body><saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/>'),
  ],
  ['with its digest by another method', (soap) => bent(soap, 'xmlenc#sha256', 'xmlenc#sha512')],
])('an assertion %s is believed by nobody', async (_what, bend) => {
  const { body, contentType } = composeFeed(stage, dmp.urls.repository, document());
  const heard = await post(stage, dmp.urls.repository, Buffer.from(bend(body.toString('utf8'))), contentType);
  expect(heard.status).toBe(400);
  expect(dmp.holds()).toEqual([]);
});

test('an assertion serves once', async () => {
  const id = '_0a0a0a0a-0000-4000-8000-000000000000';
  expect((await feed(stage, dmp, document(1), { assertion: { id } })).isSuccess).toBe(true);
  expect((await feed(stage, dmp, document(2), { assertion: { id } })).text).toContain('wsse:FailedAuthentication');
});

test('the connection must be of the structure that signs', async () => {
  expect((await feed(stage, dmp, document(), { credential: pharmacy })).text).toContain('wsse:FailedAuthentication');
  const unknown = { ...stranger.clinic };
  expect((await feed(stage, dmp, document(), { credential: unknown })).status).toBe(403);
});

test.each<[string, (soap: string) => string]>([
  ['SOAP 1.1', (soap) => soap.replaceAll('http://www.w3.org/2003/05/soap-envelope', 'http://schemas.xmlsoap.org/soap/envelope/')],
  ['an action that need not be understood', (soap) => bent(soap, ' soap:mustUnderstand="true"', '')],
  ['an action that is not the content type’s', (soap) => bent(soap, 'RegisterDocumentSet-b</', 'RegisterDocumentSet</')],
  ['a message without an id', (soap) => bent(soap, /<wsa:MessageID>.*?<\/wsa:MessageID>/, '')],
  ['another address', (soap) => bent(soap, '/services/repository<', '/services/registry<')],
  ['a header nobody knows', (soap) => bent(soap, '</soap:Header>', '<x:Odd xmlns:x="urn:x" soap:mustUnderstand="1"/></soap:Header>')],
  ['two requests in one', (soap) => bent(soap, '</soap:Body>', '<x/></soap:Body>')],
  ['a DOCTYPE', (soap) => bent(soap, '<soap:Envelope', '<!DOCTYPE x><soap:Envelope')],
])('an envelope with %s is a fault', async (_what, bend) => {
  const { body, contentType } = composeFeed(stage, dmp.urls.repository, document());
  const heard = await post(stage, dmp.urls.repository, Buffer.from(bend(body.toString('utf8'))), contentType);
  expect(heard.text).toContain('<s:Fault>');
  expect(dmp.holds()).toEqual([]);
});

test.each<[string, number, (composed: { body: string; contentType: string }) => { body: string; contentType: string }]>([
  ['another content type', 415, ({ body }) => ({ body, contentType: 'text/xml' })],
  ['no start', 400, ({ body, contentType }) => ({ body, contentType: bent(contentType, /start="[^"]*"; /, '') })],
  ['another start', 400, ({ body, contentType }) => ({ body, contentType: bent(contentType, 'root@test', 'document@test') })],
  ['no XOP', 415, ({ body, contentType }) => ({ body, contentType: bent(contentType, 'application/xop+xml', 'text/xml') })],
  [
    'a document in base64',
    400,
    ({ body, contentType }) => ({ body: bent(body, /binary(?=\r\nContent-ID: <document)/, 'base64'), contentType }),
  ],
  ['no end', 400, ({ body, contentType }) => ({ body: bent(body, /--\r\n$/, ''), contentType })],
])('MTOM with %s is HTTP %d', async (_what, status, bend) => {
  const { body, contentType } = composeFeed(stage, dmp.urls.repository, document());
  const changed = bend({ body: body.toString('utf8'), contentType });
  expect((await post(stage, dmp.urls.repository, Buffer.from(changed.body), changed.contentType)).status).toBe(status);
  expect(dmp.holds()).toEqual([]);
});

test('a transaction at the door of another is not supported', async () => {
  const heard = await ask(stage, dmp.urls.status, provideAction, '<x/>');
  expect(heard.text).toContain('wsa:ActionNotSupported');
});
