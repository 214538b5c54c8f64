// From a doctor's SMTP to the record, through a real gateway: whatever it sent is judged by programs that know nothing of this house,
// Debian's xmllint and xmlsec1, and the people concerned read what became of each copy. Requirements 49, 50, 52 to 54.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDevAuthority } from '../../certs/dev-authority.ts';
import { until } from '../support/until.ts';
import { xmllint, xmlsecVerify } from '../support/xml-tools.ts';
import { type Captured, openRecordWorld, type SentLetter } from './record-world.ts';

const grammar = fileURLToPath(new URL('../dmp/submission.rng', import.meta.url));
const assertions = ['ID:urn:oasis:names:tc:SAML:2.0:assertion:Assertion'];

let world: Awaited<ReturnType<typeof openRecordWorld>>;
let first: SentLetter;
let corrected: SentLetter;
let hidden: SentLetter;
let unrecorded: SentLetter;
let sent: readonly Captured[];
beforeAll(async () => {
  world = await openRecordWorld();
  first = await world.send(world.reader, '2026-11-02T08:00:00Z');
  await until('the record holds the first', () => world.dmp.holds().length === 1, 120_000);
  corrected = await world.send(world.reader, '2026-11-03T08:00:00Z', { replaces: first.letter });
  hidden = await world.send(world.reader, '2026-11-04T08:00:00Z', { isHiddenFromPatient: true });
  unrecorded = await world.send(world.withoutRecord, '2026-11-05T08:00:00Z');
  await until('the record holds the three documents', () => world.dmp.holds().length === 3, 120_000);
  const waiting = async () => JSON.parse((await world.run('dmp', 'list', '--state', 'waiting', '--json')).out) as unknown[];
  await until('what became of each copy is known', async () => (await waiting()).length === 0, 60_000);
  sent = await world.captured();
}, 300_000);
afterAll(() => world.close());

const of = (kind: string) => sent.filter((one) => one.kind === kind).map(({ xml }) => xml);

test('requirements 49, 50 and 53: the record holds each document once, the corrected one above the first, the hidden one hidden', () => {
  const held = (letter: SentLetter) => world.dmp.holds().find(({ uniqueId }) => uniqueId === letter.uniqueId);
  expect(held(first)).toMatchObject({ status: 'deprecated', confidentiality: ['N'], timesOffered: 1 });
  expect(held(corrected)).toMatchObject({ status: 'approved', replaces: held(first)?.entryUuid, timesOffered: 1 });
  expect(held(hidden)).toMatchObject({ status: 'approved', confidentiality: ['N', 'INVISIBLE_PATIENT'], timesOffered: 1 });
  expect(of('provide')).toHaveLength(3);
  expect(of('signature')).toHaveLength(3);
  expect(of('status').length).toBeGreaterThanOrEqual(4);
});

describe('for xmllint', () => {
  test('everything the gateway sent is well formed', () => {
    expect(sent.length).toBeGreaterThanOrEqual(10);
    for (const { kind, xml } of sent) expect(xmllint(xml), kind).toBe('');
  });

  test('each submission is as the grammar of submissions wants it', () => {
    for (const xml of of('provide')) expect(xmllint(xml, grammar)).toBe('');
  });

  test.each<[string, (xml: string) => string]>([
    ['without a hash', (xml) => xml.replace(/<rim:Slot name="hash">.*?<\/rim:Slot>/s, '')],
    ['without a legal authenticator', (xml) => xml.replace(/<rim:Slot name="legalAuthenticator">.*?<\/rim:Slot>/s, '')],
    ['with two classes', (xml) => twice(xml, /<rim:Classification [^>]*"urn:uuid:41a5887f-[^>]*>.*?<\/rim:Classification>/s)],
    ['with five masks', (xml) => twice(xml, /<rim:Classification [^>]*"urn:uuid:f4f85eac-[^>]*>.*?<\/rim:Classification>/s, 5)],
    ['with a mask that the record does not have', (xml) => xml.replace('nodeRepresentation="N"', 'nodeRepresentation="MASQUE_PT"')],
    ['in another language', (xml) => xml.replace('fr-FR</rim:Value>', 'en-US</rim:Value>')],
    ['about nobody of the nation', (xml) => xml.replaceAll('ISO^NH', 'ISO^PI')],
    ['with a signature that shows itself', (xml) => xml.replace(/(E1762".*)INVISIBLE_PATIENT/s, '$1N')],
    ['signed by nobody', (xml) => xml.replace(/<rim:Association [^>]*AssociationType:signs[^>]*>/, '')],
    ['without its bytes', (xml) => xml.replace(/<xdsb:Document .*?<\/xdsb:Document>/s, '')],
    ['without an audience', (xml) => xml.replace(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/s, '')],
  ])('a submission %s is not', (_, change) => {
    const [xml = ''] = of('provide');
    expect(change(xml)).not.toBe(xml);
    expect(xmllint(change(xml), grammar)).toContain('fails to validate');
  });
});

describe('for xmlsec1, which trusts the development authority alone', () => {
  const judge = (xml: string, trustedPem = world.authority, files: Readonly<Record<string, Buffer>> = {}) =>
    xmlsecVerify(xml, { trustedPem, idAttrs: assertions, files });

  test('every assertion is right where it stands, in its envelope, and wrong with another character', () => {
    for (const { kind, xml } of sent.filter((one) => one.kind !== 'signature')) {
      expect(judge(xml), kind).toMatchObject({ isValid: true });
      for (const part of ['<saml:NameID>', 'resource-id"><saml:AttributeValue>', 'NotOnOrAfter="', '<ds:SignatureValue>'])
        expect(judge(otherAfter(xml, part)), `${kind} after ${part}`).toMatchObject({ isValid: false });
    }
  });

  test('every signature seals the bytes that the record holds, and is wrong with another character, here or there', () => {
    const documents = of('signature').map((xml) => {
      const found = [first, corrected, hidden].find(({ uniqueId }) => xml.includes(`urn:oid:${uniqueId}"`));
      const { uniqueId } = found ?? expect.fail('A signature that seals no document of ours');
      const bytes = world.dmp.read(uniqueId);
      // The other reference is the set's, which has no bytes.
      expect(judge(xml, undefined, { [`urn:oid:${uniqueId}`]: bytes })).toMatchObject({ isValid: true, manifest: [1, 2] });
      const bent = Buffer.from(otherAfter(bytes.toString('utf8'), '<family qualifier="BR">'));
      expect(judge(xml, undefined, { [`urn:oid:${uniqueId}`]: bent })).toMatchObject({ manifest: [0, 2] });
      for (const part of [`urn:oid:${uniqueId.slice(0, -1)}`, '<xades:SigningTime>', '<ds:SignatureValue>'])
        expect(judge(otherAfter(xml, part)), part).toMatchObject({ isValid: false });
      return uniqueId;
    });
    expect(new Set(documents).size).toBe(3);
  });

  test('under another authority nothing is worth anything', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'other-authority-'));
    const stranger = await openDevAuthority(folder);
    await rm(folder, { recursive: true });
    for (const { kind, xml } of sent) expect(judge(xml, stranger.certificate), kind).toMatchObject({ isValid: false });
  });
});

describe('requirement 54: the operator tells people what became of', () => {
  const inTheRecord =
    /^Document 1 : Copie déposée dans le dossier médical partagé \(Mon espace santé\) le \d{1,2} \S+ \d{4} à \d{2}:\d{2}\.$/m;

  test('a document that came, and the one that took its place', async () => {
    for (const { messageId } of [first, corrected]) {
      const { exitCode, out } = await world.run('trace', messageId);
      expect(exitCode).toBe(0);
      expect(out).toContain('distribué');
      expect(out).toMatch(inTheRecord);
    }
  });

  test('a hidden one, held here until somebody decides, and in the record all the same', async () => {
    const { out } = await world.run('trace', hidden.messageId);
    expect(out).toContain('retenu');
    expect(out).toMatch(inTheRecord);
    expect(out).not.toMatch(/INVISIBLE|caché|masqué/i);
  });

  test('a document of somebody who has no record', async () => {
    const { out } = await world.run('trace', unrecorded.messageId);
    expect(out).toContain('Document 1 : Pas de copie dans le dossier médical partagé (Mon espace santé) : le patient n’a pas ce dossier.');
    expect(world.dmp.holds().map(({ uniqueId }) => uniqueId)).not.toContain(unrecorded.uniqueId);
  });

  test('each try, by the document’s own id', async () => {
    const { exitCode, out } = await world.run('dmp', 'show', corrected.messageId);
    expect(exitCode).toBe(0);
    expect(out).toMatch(new RegExp(`^Document 1 \\(${corrected.uniqueId}\\)\nCopie déposée .*\n  .*  fed$`, 'm'));
  });
});

test('nothing of a patient or a document is in the log', async () => {
  const log = (await world.log()).toLowerCase();
  expect(log).toContain('"door":"submission"');
  for (const { ins, birthName } of [world.reader, world.withoutRecord])
    for (const secret of [ins, birthName, first.uniqueId, 'liaison', 'saml:']) expect(log).not.toContain(secret.toLowerCase());
});

/** The text with the first match of a pattern written several times. */
function twice(text: string, pattern: RegExp, times = 2): string {
  return text.replace(pattern, (found) => found.repeat(times));
}

/** The text with another character right behind the first place where `part` stands. */
function otherAfter(text: string, part: string): string {
  const at = text.indexOf(part) + part.length;
  if (at < part.length) throw new Error(`Nowhere: ${part}`);
  return `${text.slice(0, at)}${text[at] === '1' ? '2' : '1'}${text.slice(at + 1)}`;
}
