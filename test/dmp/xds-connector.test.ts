// Whole exchanges with a record that says what it is told: what is asked, under which name, and what came of it. The record that judges
// is tested against elsewhere.
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RecordConnector } from '../../src/dmp/connector.ts';
import { XdsConnector } from '../../src/dmp/xds/xds-connector.ts';
import { aDocument, anEntry, aSubmission } from './an-entry.ts';
import {
  type Certificates,
  elements,
  envelope,
  envelopeOf,
  type HeardRequest,
  makeCertificates,
  openRecordPeer,
  parsed,
  partsOf,
  registryResponse,
  reply,
} from './record-peer.ts';

const calm = new AbortController().signal;
const now = new Date('2026-11-22T08:00:00Z');
let certificates: Certificates;
let peer: Awaited<ReturnType<typeof openRecordPeer>>;
let record: RecordConnector;
/** Answers in the order they are given; the last one stays. */
let answers: string[];

beforeAll(async () => {
  certificates = await makeCertificates();
});
beforeEach(async () => {
  answers = [registryResponse()];
  peer = await openRecordPeer(certificates, async (_request, response, heard) => {
    await heard();
    reply(response, (answers.length > 1 ? answers.shift() : answers[0]) ?? '');
  });
  record = new XdsConnector({
    endpoints: { repository: peer.url('/repository'), status: peer.url('/status'), registry: peer.url('/registry') },
    credential: certificates.structure,
    authority: certificates.authority,
    settings: {
      structure: { id: '1990001018', name: 'Centre hospitalier', sector: 'SA01' },
      assertion: { audience: 'https://dmp.gouv.fr', version: '3.0', resource: 'urn:dmp', lifetimeSeconds: 300 },
      sourceOid: '1.2.250.1.999.1',
      timeoutSeconds: 20,
    },
    clock: () => now,
  });
});
afterEach(() => peer.close());

const heardAt = (index: number): HeardRequest => {
  const heard = peer.requests[index];
  if (!heard) throw new Error(`No request ${index}`);
  return heard;
};
const requestAt = (index: number) => parsed(envelopeOf(heardAt(index)));
const textOf = (index: number, name: string) => elements(requestAt(index), name)[0]?.textContent;

const queryAnswer = (objects: string) =>
  envelope(
    `<q:AdhocQueryResponse status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"><rim:RegistryObjectList>${objects}</rim:RegistryObjectList></q:AdhocQueryResponse>`,
  );
const entryAnswer = (codes: readonly string[], version = '3') =>
  queryAnswer(
    '<rim:ExtrinsicObject id="urn:uuid:latest" lid="urn:uuid:first" status="urn:oasis:names:tc:ebxml-regrep:StatusType:Approved">' +
      '<rim:Slot name="hash"><rim:ValueList><rim:Value>abcd</rim:Value></rim:ValueList></rim:Slot>' +
      '<rim:Slot name="repositoryUniqueId"><rim:ValueList><rim:Value>1.2.3</rim:Value></rim:ValueList></rim:Slot>' +
      `<rim:VersionInfo versionName="${version}"/>` +
      codes
        .map(
          (code) =>
            `<rim:Classification classificationScheme="urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f" nodeRepresentation="${code}"/>`,
        )
        .join('') +
      '</rim:ExtrinsicObject>',
  );

describe('every request', () => {
  test('names itself, its address and its sender, and shows an assertion of its own', async () => {
    await record.find(anEntry().patient, '1.2^3', calm);
    await record.find(anEntry().patient, '1.2^3', calm);
    expect(textOf(0, 'Action')).toBe('urn:ihe:iti:2007:RegistryStoredQuery');
    expect(textOf(0, 'To')).toBe(peer.url('/registry'));
    expect(textOf(0, 'Address')).toBe('http://www.w3.org/2005/08/addressing/anonymous');
    expect(textOf(0, 'MessageID')).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
    const header = elements(requestAt(0), 'Header')[0];
    const obligations = Array.from(header?.childNodes ?? [], (block) => [
      block.nodeName,
      (block as Element).getAttributeNS('http://www.w3.org/2003/05/soap-envelope', 'mustUnderstand'),
    ]);
    expect(obligations).toContainEqual(['wsa:Action', 'true']);
    const assertionId = (index: number) => elements(requestAt(index), 'Assertion')[0]?.getAttribute('ID');
    expect(assertionId(0)).toMatch(/^_/);
    expect(assertionId(0)).not.toBe(assertionId(1));
    expect(textOf(0, 'MessageID')).not.toBe(textOf(1, 'MessageID'));
  });

  test('stays away from the address of the connection: no INS in a URL or a header', async () => {
    const { patient, uniqueId } = anEntry();
    await record.status(patient, calm);
    await record.find(patient, uniqueId, calm);
    await record.feed(aSubmission(), calm);
    await record.show({ entry: anEntry(), entryUuid: 'urn:uuid:1', now }, calm);
    for (const { path, headers } of peer.requests) expect(`${path} ${JSON.stringify(headers)}`).not.toContain(patient.matricule);
  });

  test('gives up when it is told to', async () => {
    for (const ask of [
      record.status(anEntry().patient, AbortSignal.abort()),
      record.find(anEntry().patient, '1.2', AbortSignal.abort()),
      record.feed(aSubmission(), AbortSignal.abort()),
      record.show({ entry: anEntry(), entryUuid: 'urn:uuid:1', now }, AbortSignal.abort()),
    ])
      expect(await ask).toEqual({ do: 'later', because: 'given-up' });
    expect(peer.requests).toEqual([]);
  });
});

describe('requirement 52: the status of a record', () => {
  test('is asked by INS', async () => {
    answers = [
      envelope(
        '<PRPA_IN201308UV02 xmlns="urn:hl7-org:v3"><controlActProcess><queryAck><queryResponseCode code="NF"/></queryAck></controlActProcess></PRPA_IN201308UV02>',
      ),
    ];
    expect(await record.status(anEntry().patient, calm)).toEqual({ do: 'known', status: 'none' });
    expect(heardAt(0).path).toBe('/status');
    expect(textOf(0, 'Action')).toBe('urn:hl7-org:v3:PRPA_IN201307UV02');
    const [value] = elements(requestAt(0), 'patientIdentifier').flatMap((one) => elements(one, 'value'));
    expect([value?.getAttribute('root'), value?.getAttribute('extension')]).toEqual(['1.2.250.1.213.1.4.10', '279035121518989']);
  });
});

describe('feeding', () => {
  const associations = (index: number) =>
    elements(requestAt(index), 'Association').map((one) => [
      one.getAttribute('associationType')?.split(':').at(-1),
      one.getAttribute('sourceObject'),
      one.getAttribute('targetObject'),
    ]);

  test('requirement 54: brings the document, the signature of the set, and says who sends both', async () => {
    const content = Buffer.from('<ClinicalDocument>é</ClinicalDocument>');
    const fed = await record.feed(aSubmission(aDocument(content)), calm);
    const heard = heardAt(0);
    expect(heard.path).toBe('/repository');
    const request = requestAt(0);
    const [document, signature] = elements(request, 'ExtrinsicObject');
    const ids = [document, signature].map((one) => one?.getAttribute('id'));
    expect(fed).toEqual({ do: 'fed', entryUuid: ids[0], wasThere: false });
    expect(ids[0]).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
    const parts = partsOf(heard);
    const bytesOf = (index: number) => {
      const [include] = elements(elements(request, 'Document')[index] ?? request, 'Include');
      return parts.get(include?.getAttribute('href')?.replace('cid:', '') ?? '')?.content;
    };
    expect(elements(request, 'Document').map((one) => one.getAttribute('id'))).toEqual(ids);
    expect(bytesOf(0)?.equals(content)).toBe(true);
    expect(elements(parsed(bytesOf(1)?.toString() ?? ''), 'SignatureValue').length).toBe(1);
    expect(associations(0)).toEqual([
      ['HasMember', 'submission-set', ids[0]],
      ['HasMember', 'submission-set', ids[1]],
      ['signs', ids[1], 'submission-set'],
    ]);
    const [set] = elements(request, 'RegistryPackage');
    expect(elements(set ?? request, 'ExternalIdentifier').map((one) => one.getAttribute('value'))).toEqual([
      '1.2.250.1.999.1.77',
      '1.2.250.1.999.1',
      '279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH',
    ]);
    expect(elements(set ?? request, 'Value').map((one) => one.textContent)).toContain(
      'Centre hospitalier^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1990001018',
    );
  });

  test('requirement 53: says what the document takes the place of', async () => {
    await record.feed(aSubmission(aDocument(undefined, { replaces: { entryUuid: 'urn:uuid:older' } })), calm);
    const [document] = elements(requestAt(0), 'ExtrinsicObject');
    expect(associations(0)).toContainEqual(['RPLC', document?.getAttribute('id'), 'urn:uuid:older']);
  });

  test('requirement 49: tried again, names the same document and the same set, and signs anew', async () => {
    for (const minute of [0, 5]) await record.feed(aSubmission(aDocument(), new Date(Date.UTC(2026, 10, 22, 8, minute))), calm);
    const idsOf = (index: number) => [
      ...elements(requestAt(index), 'ExtrinsicObject').map((one) => one.getAttribute('id')),
      ...elements(requestAt(index), 'RegistryPackage').flatMap((set) =>
        elements(set, 'ExternalIdentifier').map((one) => one.getAttribute('value')),
      ),
    ];
    const [first, second] = [idsOf(0), idsOf(1)];
    expect(first[0]).toBe(second[0]);
    expect(first[1]).not.toBe(second[1]);
    expect(first.slice(2)).toEqual(second.slice(2));
  });

  test('requirement 49: a document the record had already is asked for by its id, and named as the record names it', async () => {
    answers = [registryResponse('XDSDuplicateUniqueIdInRegistry'), queryAnswer('<rim:ObjectRef id="urn:uuid:theirs"/>')];
    expect(await record.feed(aSubmission(), calm)).toEqual({ do: 'fed', entryUuid: 'urn:uuid:theirs', wasThere: true });
    expect(peer.requests.map(({ path }) => path)).toEqual(['/repository', '/registry']);
    const values = elements(requestAt(1), 'Value').map((one) => one.textContent);
    expect(values).toEqual(["('1.2.250.1.999.7.1^42')"]);
  });

  test('a document the record had already is there, even when its name is not told', async () => {
    answers = [registryResponse('XDSDuplicateUniqueIdInRegistry'), registryResponse('XDSRegistryBusy')];
    expect(await record.feed(aSubmission(), calm)).toEqual({ do: 'fed', entryUuid: undefined, wasThere: true });
  });

  test('a document that is held, but not in this record, has not been fed', async () => {
    answers = [registryResponse('XDSDuplicateUniqueIdInRegistry'), queryAnswer('')];
    expect(await record.feed(aSubmission(), calm)).toEqual({ do: 'later', because: 'held-elsewhere' });
  });

  test('a refusal and a delay are told in words of ours', async () => {
    answers = [registryResponse('XDSUnknownPatientId'), registryResponse('XDSRepositoryBusy')];
    expect(await record.feed(aSubmission(), calm)).toEqual({ do: 'refused', code: 'XDSUnknownPatientId' });
    expect(await record.feed(aSubmission(), calm)).toEqual({ do: 'later', because: 'XDSRepositoryBusy' });
  });

  test('a document that cannot be read is thrown: it is ours', async () => {
    const open = async function* (): AsyncGenerator<Buffer, void, undefined> {
      yield* [];
      throw new Error('The blob is gone');
    };
    await expect(record.feed(aSubmission(aDocument(undefined, { open })), calm)).rejects.toThrow('The blob is gone');
  });
});

describe('requirement 53: finding', () => {
  test('tells the entry from its absence and from a failure', async () => {
    answers = [queryAnswer('<rim:ObjectRef id="urn:uuid:1"/>'), queryAnswer(''), registryResponse('XDSRegistryBusy'), 'not XML'];
    const find = () => record.find(anEntry().patient, "1.2^it's", calm);
    expect(await find()).toEqual({ do: 'found', entryUuid: 'urn:uuid:1' });
    expect(await find()).toEqual({ do: 'absent' });
    expect(await find()).toEqual({ do: 'later', because: 'XDSRegistryBusy' });
    expect(await find()).toEqual({ do: 'later', because: 'unreadable-answer' });
    // An apostrophe ends no list.
    expect(elements(requestAt(0), 'Value').map((one) => one.textContent)).toEqual(["('1.2^it''s')"]);
  });
});

describe('requirement 51: showing', () => {
  const show = () => record.show({ entry: anEntry(), entryUuid: 'urn:uuid:first', now }, calm);

  test('takes one mask off and leaves every other, those set since included', async () => {
    answers = [entryAnswer(['N', 'MASQUE_PS', 'INVISIBLE_PATIENT']), registryResponse()];
    expect(await show()).toEqual({ do: 'changed' });
    expect(textOf(1, 'Action')).toBe('urn:ihe:iti:2010:UpdateDocumentSet');
    const [entry] = elements(requestAt(1), 'ExtrinsicObject');
    expect([entry?.getAttribute('lid'), entry?.getAttribute('id')]).toEqual(['urn:uuid:first', 'document']);
    const masks = elements(entry ?? requestAt(1), 'Classification')
      .filter((one) => one.getAttribute('classificationScheme') === 'urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f')
      .map((one) => one.getAttribute('nodeRepresentation'));
    expect(masks).toEqual(['N', 'MASQUE_PS']);
    const slots = elements(requestAt(1), 'Slot').map((slot) => [slot.getAttribute('name'), elements(slot, 'Value')[0]?.textContent]);
    expect(slots).toContainEqual(['hash', 'abcd']);
    expect(slots).toContainEqual(['repositoryUniqueId', '1.2.3']);
    expect(slots).toContainEqual(['PreviousVersion', '3']);
  });

  test('twice asks for nothing more', async () => {
    answers = [entryAnswer(['N', 'MASQUE_PS'])];
    expect(await show()).toEqual({ do: 'changed' });
    expect(peer.requests.length).toBe(1);
  });

  test('meets somebody else’s change, and looks again another time', async () => {
    answers = [entryAnswer(['N', 'INVISIBLE_PATIENT']), registryResponse('XDSMetadataVersionError')];
    expect(await show()).toEqual({ do: 'later', because: 'XDSMetadataVersionError' });
  });

  test('has nothing to show of a document that was withdrawn', async () => {
    answers = [queryAnswer('')];
    expect(await show()).toEqual({ do: 'refused', code: 'no-standing-entry' });
  });
});
