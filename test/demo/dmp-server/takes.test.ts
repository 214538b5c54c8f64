// What a DMP takes: documents, replacements, questions, changes of visibility; and what it keeps over a restart.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { association, entry, slot, submitObjects } from './compose.ts';
import { ask, document, feed, matricule, newOid, openDmp, openStage, replacesType, type Stage } from './talk.ts';

let stage: Stage & { close(): Promise<void> };
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test('a document with its signature is kept, byte for byte', async () => {
  const dmp = await openDmp(stage);
  const fed = document();
  const heard = await feed(stage, dmp, fed);
  expect(heard.errors).toEqual([]);
  expect(heard).toMatchObject({ status: 200, isSuccess: true });
  expect(dmp.holds()).toMatchObject([
    { uniqueId: fed.uniqueId, matricule, title: 'Lettre de liaison', status: 'approved', confidentiality: ['N'], timesOffered: 1 },
  ]);
  expect(dmp.read(fed.uniqueId).equals(fed.bytes)).toBe(true);
});

test('requirement 49: the same document offered again is not kept twice, and is told apart from another of its name', async () => {
  const dmp = await openDmp(stage);
  const fed = document();
  await feed(stage, dmp, fed);
  expect((await feed(stage, dmp, fed)).errors).toEqual(['XDSDuplicateUniqueIdInRegistry']);
  const other = { ...fed, bytes: Buffer.from(fed.bytes.toString('utf8').replace('Douleur', 'douleur')) };
  expect((await feed(stage, dmp, other)).errors).toEqual(['XDSNonIdenticalHash']);
  expect(dmp.holds()).toMatchObject([{ uniqueId: fed.uniqueId, timesOffered: 3 }]);
});

test('the same document offered twice at once is kept once', async () => {
  const dmp = await openDmp(stage);
  const answers = await Promise.all([1, 2, 3, 4].map(() => feed(stage, dmp, document())));
  expect(answers.filter(({ isSuccess }) => isSuccess)).toHaveLength(1);
  expect(dmp.holds()).toHaveLength(1);
});

test('requirement 53: a new version takes the place of the old one, which stays', async () => {
  const dmp = await openDmp(stage);
  await feed(stage, dmp, document(1));
  const old = dmp.holds()[0]?.entryUuid ?? '';
  const replacing = (target: string, day: number) =>
    feed(stage, dmp, document(day), { associations: [association(replacesType, 'Document01', target)] });
  expect((await replacing('urn:uuid:00000000-0000-4000-8000-000000000000', 2)).errors).toEqual(['UnresolvedReferenceException']);
  expect((await replacing(old, 2)).errors).toEqual([]);
  expect(dmp.holds()).toMatchObject([{ status: 'deprecated' }, { status: 'approved', replaces: old }]);
  expect((await replacing(old, 3)).errors).toEqual(['XDSReplaceFailed']);
});

test('an entry that comes with its name keeps it; one with a symbolic id is given one', async () => {
  const dmp = await openDmp(stage);
  const id = 'urn:uuid:11111111-1111-4111-8111-111111111111';
  await feed(stage, dmp, { ...document(1), id });
  await feed(stage, dmp, document(2));
  expect(dmp.holds().map(({ entryUuid }) => entryUuid)).toEqual([id, expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/)]);
  expect((await feed(stage, dmp, { ...document(3), id })).errors).toEqual(['XDSRegistryMetadataError']);
});

test('a stored query finds a document by its unique id, in the record of its patient only', async () => {
  const dmp = await openDmp(stage);
  const fed = document();
  await feed(stage, dmp, fed);
  const query = (uniqueId: string, about: string, returnType = 'ObjectRef') =>
    ask(
      stage,
      dmp.urls.registry,
      'urn:ihe:iti:2007:RegistryStoredQuery',
      `<query:AdhocQueryRequest xmlns:query="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"><query:ResponseOption returnComposedObjects="true" returnType="${returnType}"/><rim:AdhocQuery id="urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4">${slot('$XDSDocumentEntryUniqueId', `('${uniqueId}')`)}</rim:AdhocQuery></query:AdhocQueryRequest>`,
      { matricule: about },
    );
  expect((await query(fed.uniqueId, matricule)).text).toContain(`ObjectRef id="${dmp.holds()[0]?.entryUuid}"`);
  const leaf = await query(fed.uniqueId, matricule, 'LeafClass');
  expect(leaf.text).toMatch(
    new RegExp(`<rim:ExtrinsicObject [^>]*lid="${dmp.holds()[0]?.entryUuid}".*versionName="1".*value="${fed.uniqueId}"`, 's'),
  );
  expect((await query('1.2.3', matricule)).text).not.toContain('ObjectRef');
  expect((await query(fed.uniqueId, '277076322082910')).text).not.toContain('ObjectRef');
});

test('requirement 51: an update writes the confidentiality anew, over the version that stands', async () => {
  const dmp = await openDmp(stage);
  const fed = { ...document(), masks: ['MASQUE_PS', 'INVISIBLE_PATIENT'] };
  await feed(stage, dmp, fed);
  const lid = dmp.holds()[0]?.entryUuid ?? '';
  const update = (previousVersion: string, masks: readonly string[], bytes = fed.bytes) =>
    ask(
      stage,
      dmp.urls.registry,
      'urn:ihe:iti:2010:UpdateDocumentSet',
      submitObjects({
        setUniqueId: newOid(),
        matricule,
        entries: [{ id: 'Document01', xml: entry({ ...fed, bytes, masks, lid }), previousVersion }],
      }),
    );
  expect((await update('1', ['MASQUE_PS'], Buffer.from('another'))).errors).toEqual(['XDSRegistryMetadataError']);
  expect((await update('2', ['MASQUE_PS'])).errors).toEqual(['XDSMetadataVersionError']);
  expect((await update('1', ['MASQUE_PS'])).errors).toEqual([]);
  expect(dmp.holds()).toMatchObject([{ confidentiality: ['N', 'MASQUE_PS'] }]);
});

test.each([
  ['active', 'OK', 'active'],
  ['closed', 'OK', 'terminated'],
  ['none', 'NF', undefined],
] as const)('requirement 52: a record that is %s answers %s', async (status, code, word) => {
  const dmp = await openDmp(stage);
  const about = '277076322082910';
  if (status !== 'none') dmp.openRecord(about, status);
  const heard = await ask(
    stage,
    dmp.urls.status,
    'urn:hl7-org:v3:PRPA_IN201307UV02',
    `<PRPA_IN201307UV02 xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0"><id root="1.2.3" extension="7"/><controlActProcess classCode="CACT" moodCode="EVN"><queryByParameter><queryId root="1.2.3" extension="8"/><statusCode code="new"/><parameterList><patientIdentifier><value root="1.2.250.1.213.1.4.10" extension="${about}"/><semanticsText>Patient.id</semanticsText></patientIdentifier></parameterList></queryByParameter></controlActProcess></PRPA_IN201307UV02>`,
    { matricule: about },
  );
  expect(heard.text).toContain(`<queryResponseCode code="${code}"/>`);
  if (word !== undefined) expect(heard.text).toMatch(new RegExp(`<patient [^>]*><id [^>]*/><statusCode code="${word}"/>`));
});

test('what it holds is there after a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dmp-kept-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const before = await openDmp(stage, { folder });
  const fed = document();
  await feed(stage, before, fed);
  await feed(stage, before, document(2), { associations: [association(replacesType, 'Document01', before.holds()[0]?.entryUuid ?? '')] });
  const held = before.holds();
  const after = await openDmp(stage, { folder });
  expect(after.holds()).toEqual(held);
  expect(after.read(fed.uniqueId).equals(fed.bytes)).toBe(true);
  expect((await feed(stage, after, fed)).errors).toEqual(['XDSDuplicateUniqueIdInRegistry']);
});

test('what is captured can be read by other tools', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dmp-captured-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const dmp = await openDmp(stage);
  await dmp.captured(folder);
  await feed(stage, dmp, document());
  const [envelopeFile = '', signatureFile = ''] = (await readdir(folder)).sort();
  expect(envelopeFile).toMatch(/-provide\.xml$/);
  expect(signatureFile).toMatch(/-signature\.xml$/);
  expect(await readFile(join(folder, signatureFile), 'utf8')).toContain('SigningTime');
});
