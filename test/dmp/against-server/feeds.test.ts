// The connector against a DMP that believes nothing: what it writes must be right in every part, for nobody here knows its mind.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { dominiquePatTrois, ruthNessi } from '../../../src/demo/cast.ts';
import type { DmpServer } from '../../../src/demo/dmp-server/dmp-server.ts';
import type { RecordConnector } from '../../../src/dmp/connector.ts';
import { openDmp } from '../../demo/dmp-server/talk.ts';
import { xmllint, xmlsecVerify } from '../../support/xml-tools.ts';
import { broughtBy, openRecordTown, type RecordTown, unhurried } from './record-town.ts';

let town: RecordTown;
let dmp: DmpServer;
let connector: RecordConnector;

beforeAll(async () => {
  town = await openRecordTown();
});
afterAll(() => town.close());
beforeEach(async () => {
  dmp = await openDmp(town);
  connector = await town.connect(dmp.urls);
});

const feed = async (submission: Parameters<RecordConnector['feed']>[0]) => connector.feed(submission, unhurried);

test('requirement 49: the document of a letter is fed with everything the record asks, byte for byte', async () => {
  const submission = await broughtBy({ isHiddenFromPatient: true });
  const { entry, open, sizeBytes, sha1 } = submission.document;
  const fed = await feed(submission);
  expect(fed).toMatchObject({ do: 'fed', wasThere: false });
  expect(dmp.holds()).toMatchObject([
    {
      uniqueId: entry.uniqueId,
      entryUuid: fed.do === 'fed' ? fed.entryUuid : '',
      matricule: dominiquePatTrois.ins,
      title: entry.title,
      status: 'approved',
      sizeBytes,
      sha1: sha1.toString('hex'),
      timesOffered: 1,
    },
  ]);
  expect(dmp.holds()[0]?.confidentiality).toContain('INVISIBLE_PATIENT');
  expect(dmp.read(entry.uniqueId).equals(await buffer(Readable.from(open())))).toBe(true);
});

test('requirement 49: the same document by two roads is one', async () => {
  const [first, second] = [await broughtBy(), await broughtBy()];
  const fed = await feed(first);
  expect(await feed(second)).toEqual({ ...fed, wasThere: true });
  expect(dmp.holds()).toHaveLength(1);
});

test('requirement 54: an answer that was lost is found again: the document is there once, and known as it was', async () => {
  const submission = await broughtBy();
  dmp.behave({ answerThenCut: true });
  expect(await feed(submission)).toMatchObject({ do: 'later' });
  dmp.behave({});
  expect(dmp.holds()).toHaveLength(1);
  expect(await feed({ ...submission, now: new Date(submission.now.getTime() + 60_000) })).toEqual({
    do: 'fed',
    entryUuid: dmp.holds()[0]?.entryUuid,
    wasThere: true,
  });
  expect(dmp.holds()).toMatchObject([{ timesOffered: 2 }]);
});

test('requirement 54: four tries of one work at once leave one document', async () => {
  const submission = await broughtBy();
  const answers = await Promise.all([1, 2, 3, 4].map((later) => feed({ ...submission, now: new Date(submission.now.getTime() + later) })));
  expect(answers.filter((answer) => answer.do === 'fed' && !answer.wasThere)).toHaveLength(1);
  expect(answers.every((answer) => answer.do === 'fed')).toBe(true);
  expect(dmp.holds()).toHaveLength(1);
});

test('another document under the same id is refused for good', async () => {
  const [fed, other] = [await broughtBy(), await broughtBy({ day: 2 })];
  await feed(fed);
  const impostor = { ...other, document: { ...other.document, entry: { ...other.document.entry, uniqueId: fed.document.entry.uniqueId } } };
  // The document says itself that it has another id.
  expect(await feed(impostor)).toEqual({ do: 'refused', code: 'InvalidDocumentContent' });
});

test('requirement 53: a new version takes the place of the old one, found by the id both share', async () => {
  const [old, young] = [await broughtBy(), await broughtBy({ day: 2 })];
  await feed(old);
  const found = await connector.find(old.document.entry.patient, old.document.entry.uniqueId, unhurried);
  if (found.do !== 'found') throw new Error(found.do);
  expect(await feed({ ...young, document: { ...young.document, replaces: found } })).toMatchObject({ do: 'fed', wasThere: false });
  expect(dmp.holds()).toMatchObject([
    { uniqueId: old.document.entry.uniqueId, status: 'deprecated' },
    { uniqueId: young.document.entry.uniqueId, status: 'approved', replaces: found.entryUuid },
  ]);
});

test('requirement 53: an answer lost about a replacement is found again too', async () => {
  const [old, young] = [await broughtBy(), await broughtBy({ day: 2 })];
  const first = await feed(old);
  const replacing = { ...young, document: { ...young.document, replaces: { entryUuid: (first.do === 'fed' && first.entryUuid) || '' } } };
  dmp.behave({ answerThenCut: true });
  expect(await feed(replacing)).toMatchObject({ do: 'later' });
  dmp.behave({});
  expect(await feed(replacing)).toMatchObject({ do: 'fed', wasThere: true });
  expect(dmp.holds().map(({ status }) => status)).toEqual(['deprecated', 'approved']);
});

test('requirement 53: what is not there cannot be replaced', async () => {
  const { document, ...young } = await broughtBy();
  expect(await connector.find(document.entry.patient, '1.2.3', unhurried)).toEqual({ do: 'absent' });
  const replaces = { entryUuid: 'urn:uuid:00000000-0000-4000-8000-000000000000' };
  expect(await feed({ ...young, document: { ...document, replaces } })).toEqual({ do: 'refused', code: 'UnresolvedReferenceException' });
  expect(dmp.holds()).toEqual([]);
});

test('requirement 51: a hidden document is shown, once, and its other masks stay', async () => {
  const submission = await broughtBy({ isHiddenFromPatient: true });
  const fed = await feed(submission);
  const { entry } = submission.document;
  const shown = { entry, entryUuid: (fed.do === 'fed' && fed.entryUuid) || '', now: new Date() };
  dmp.behave({ answerThenCut: true });
  expect(await connector.show(shown, unhurried)).toMatchObject({ do: 'later' });
  dmp.behave({});
  expect(await connector.show(shown, unhurried)).toEqual({ do: 'changed' });
  expect(await connector.show(shown, unhurried)).toEqual({ do: 'changed' });
  expect(dmp.holds()).toMatchObject([{ confidentiality: ['N'], status: 'approved' }]);
});

test('requirements 51 and 53: a document that was shown since is replaced by the name that stands', async () => {
  const [old, young] = [await broughtBy({ isHiddenFromPatient: true }), await broughtBy({ day: 2 })];
  const fed = await feed(old);
  const first = { entryUuid: (fed.do === 'fed' && fed.entryUuid) || '' };
  await connector.show({ entry: old.document.entry, ...first, now: new Date() }, unhurried);
  const replacing = (replaces: { readonly entryUuid: string }) => feed({ ...young, document: { ...young.document, replaces } });
  expect(await replacing(first)).toEqual({ do: 'refused', code: 'XDSReplaceFailed' });
  const standing = await connector.find(old.document.entry.patient, old.document.entry.uniqueId, unhurried);
  if (standing.do !== 'found') throw new Error(standing.do);
  expect(standing.entryUuid).not.toBe(first.entryUuid);
  expect(await replacing(standing)).toMatchObject({ do: 'fed', wasThere: false });
});

test('requirement 52: the record is active, closed, or there is none', async () => {
  const { patient } = (await broughtBy()).document.entry;
  const other = await broughtBy({ patient: ruthNessi });
  expect(await connector.status(patient, unhurried)).toEqual({ do: 'known', status: 'active' });
  expect(await connector.status(other.document.entry.patient, unhurried)).toEqual({ do: 'known', status: 'none' });
  dmp.openRecord(patient.matricule, 'closed');
  expect(await connector.status(patient, unhurried)).toEqual({ do: 'known', status: 'closed' });
  expect(await feed(other)).toEqual({ do: 'refused', code: 'XDSUnknownPatientId' });
});

test('requirement 54: what was sent is sound for judges who know nothing of this house: xmllint and xmlsec1', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dmp-sent-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await dmp.captured(folder);
  const submission = await broughtBy();
  const { entry, open } = submission.document;
  await connector.status(entry.patient, unhurried);
  await feed(submission);
  const sent = await Promise.all(
    (await readdir(folder))
      .sort()
      .map(async (name) => ({ name: name.replace(/^[\d-]+/, ''), xml: await readFile(join(folder, name), 'utf8') })),
  );
  expect(sent.map(({ name }) => name)).toEqual(['status.xml', 'provide.xml', 'signature.xml']);
  const trustedPem = town.authority.certificate;
  for (const { name, xml } of sent) {
    expect(xmllint(xml)).toBe('');
    if (name === 'signature.xml') continue;
    const assertions = ['ID:urn:oasis:names:tc:SAML:2.0:assertion:Assertion'];
    expect(xmlsecVerify(xml, { trustedPem, idAttrs: assertions }).isValid).toBe(true);
    expect(xmlsecVerify(xml.replace('INDIRECTE', 'DIRECTE'), { trustedPem, idAttrs: assertions }).isValid).toBe(false);
  }
  const files = {
    [`urn:oid:${submission.setUniqueId}`]: Buffer.of(0),
    [`urn:oid:${entry.uniqueId}`]: await buffer(Readable.from(open())),
  };
  const sealed = xmlsecVerify(sent.at(-1)?.xml ?? '', { trustedPem, files });
  // The set has no bytes: a zero stands where its digest would, which no tool can make of any file.
  expect(sealed).toMatchObject({ isValid: true, manifest: [1, 2] });
});
