// What the record answers, and what it means for the work. ITI TF-3 §4.2.4, SOAP 1.2 part 1 §5.4; hostile answers included.
import { describe, expect, test } from 'vitest';
import { foundReference, heldEntry } from '../../src/dmp/xds/find-entry.ts';
import { readAnswer } from '../../src/dmp/xds/read-answer.ts';
import { readStatus } from '../../src/dmp/xds/record-status.ts';
import { readRegistryAnswer } from '../../src/dmp/xds/registry-answer.ts';
import { envelope, registryResponse } from './record-peer.ts';

const asked = 'urn:uuid:6d296e90-1a2b-4c3d-8e4f-001122334455';
const soap = 'application/soap+xml; charset=UTF-8';

const read = (xml: string | Buffer, contentType = soap, status = 200) => readAnswer({ status, contentType, body: Buffer.from(xml) }, asked);

/** What the body holds. */
async function contentOf(xml: string) {
  const heard = await read(xml);
  if (heard.do !== 'heard') throw new Error(`Not heard: ${JSON.stringify(heard)}`);
  return heard.content;
}

const fault = (code: string, subcode = '') =>
  envelope(
    `<s:Fault><s:Code><s:Value>s:${code}</s:Value>${subcode && `<s:Subcode><s:Value>${subcode}</s:Value></s:Subcode>`}</s:Code>` +
      '<s:Reason><s:Text xml:lang="fr">GALET Pierre</s:Text></s:Reason></s:Fault>',
  );

describe('a registry', () => {
  const cases: readonly (readonly [string, readonly string[], object])[] = [
    ['that took the set', [], { do: 'done' }],
    ['requirement 49: that has the document already', ['XDSDuplicateUniqueIdInRegistry'], { do: 'held' }],
    ['that has the set, and what it replaces is replaced', ['XDSReplaceFailed', 'XDSDuplicateUniqueIdInRegistry'], { do: 'held' }],
    [
      'that has other bytes under the same id',
      ['XDSDuplicateUniqueIdInRegistry', 'XDSNonIdenticalHash'],
      { do: 'refused', code: 'XDSNonIdenticalHash' },
    ],
    ['that does not know the patient', ['XDSUnknownPatientId'], { do: 'refused', code: 'XDSUnknownPatientId' }],
    ['that finds the metadata wrong', ['XDSRegistryMetadataError'], { do: 'refused', code: 'XDSRegistryMetadataError' }],
    ['that is busy, and will find the rest wrong', ['XDSRegistryBusy', 'XDSReplaceFailed'], { do: 'refused', code: 'XDSReplaceFailed' }],
    ['that is busy', ['XDSRegistryBusy'], { do: 'later', because: 'XDSRegistryBusy' }],
    ['that broke', ['XDSRepositoryError'], { do: 'later', because: 'XDSRepositoryError' }],
    ['with a code of its own', ['DMPServiceUnavailable'], { do: 'later', because: 'DMPServiceUnavailable' }],
    ['with a code that could be anything', ['GALET 279035121518989'], { do: 'later', because: 'unknown-error' }],
    ['with a code made of a matricule', ['XDS279035121518989'], { do: 'later', because: 'unknown-error' }],
  ];
  test.each(cases)('%s', async (_name, codes, meaning) => {
    expect(readRegistryAnswer(await contentOf(registryResponse(...codes)))).toEqual(meaning);
  });

  test('that took the set and warns has taken it', async () => {
    const warned =
      '<rs:RegistryResponse status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"><rs:RegistryErrorList>' +
      '<rs:RegistryError errorCode="XDSExtraMetadataNotSaved" severity="urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Warning"/>' +
      '</rs:RegistryErrorList></rs:RegistryResponse>';
    expect(readRegistryAnswer(await contentOf(envelope(warned)))).toEqual({ do: 'done' });
  });

  test.each([
    '<rs:RegistryResponse/>',
    '<rs:RegistryResponse status="Maybe"/>',
    '<rs:Other status="urn:x:Success"/>',
    // The right words in the wrong namespace.
    '<RegistryResponse status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"/>',
  ])('that says %s is not understood, and never taken for a yes', async (body) => {
    expect(readRegistryAnswer(await contentOf(envelope(body)))).toEqual({ do: 'later', because: 'unreadable-answer' });
  });
});

describe('an answer', () => {
  test('is read alone, and as the root of a package', async () => {
    const alone = registryResponse();
    const part = (id: string, content: string) =>
      `--b1\r\nContent-Type: application/xop+xml; type="application/soap+xml"\r\nContent-Transfer-Encoding: 8bit\r\nContent-ID: <${id}>\r\n\r\n${content}\r\n`;
    const type = 'multipart/related; type="application/xop+xml"; boundary=b1; start="<root@dmp>"';
    const package_ = `preamble\r\n${part('other', '<no/>')}${part('root@dmp', alone)}--b1--\r\n`;
    for (const heard of [
      await read(alone),
      await read(package_, type),
      await read(`${part('x', alone)}--b1--`, type.replace(/; start.*/, '')),
    ])
      expect(heard.do === 'heard' && heard.content.name).toBe('RegistryResponse');
  });

  test('to another request settles nothing', async () => {
    const related = (id: string) => registryResponse().replace('<s:Header>', `<s:Header><a:RelatesTo>${id}</a:RelatesTo>`);
    expect(await read(related(asked))).toMatchObject({ do: 'heard' });
    expect(await read(related('urn:uuid:00000000-0000-4000-8000-000000000000'))).toEqual({
      do: 'later',
      because: 'answer-to-something-else',
    });
  });

  const unread: readonly (readonly [string, string, string, number, object])[] = [
    ['empty', '', soap, 200, { do: 'later', because: 'unreadable-answer' }],
    ['a page of a proxy', '<html><body>Success</body></html>', 'text/html', 200, { do: 'later', because: 'unreadable-answer' }],
    ['cut', registryResponse().slice(0, -20), soap, 200, { do: 'later', because: 'unreadable-answer' }],
    ['an empty body', envelope(''), soap, 200, { do: 'later', because: 'unreadable-answer' }],
    [
      'an entity',
      `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${registryResponse().replace(/<\?.*?\?>/, '')}`,
      soap,
      200,
      { do: 'later', because: 'unreadable-answer' },
    ],
    ['very deep', envelope('<a>'.repeat(5000)), soap, 200, { do: 'later', because: 'unreadable-answer' }],
    ['a package without its root', '--b--', 'multipart/related; boundary=b', 200, { do: 'later', because: 'unreadable-answer' }],
    ['a package without a boundary', '--b--', 'multipart/related', 200, { do: 'later', because: 'unreadable-answer' }],
    [
      'SOAP 1.1',
      registryResponse().replaceAll('2003/05/soap-envelope', 'envelope/'),
      soap,
      200,
      { do: 'later', because: 'unreadable-answer' },
    ],
    ['a server that is out', 'busy', 'text/plain', 503, { do: 'later', because: 'http-503' }],
    ['a success under a failure', registryResponse(), soap, 500, { do: 'later', because: 'http-500' }],
    ['too many requests', '', '', 429, { do: 'later', because: 'http-429' }],
    ['nobody is let in', '', '', 403, { do: 'later', because: 'http-403' }],
    ['a redirection', '', '', 307, { do: 'later', because: 'http-307' }],
    ['a document that is too large', '', '', 413, { do: 'refused', code: 'http-413' }],
  ];
  test.each(unread)('%s', async (_name, body, contentType, status, meaning) => {
    expect(await read(body, contentType, status)).toEqual(meaning);
  });

  const faults: readonly (readonly [string, string, string])[] = [
    ['Receiver', '', 'fault-receiver'],
    ['Sender', '', 'fault-sender'],
    ['Sender', 'wsse:FailedAuthentication', 'fault-security'],
    ['Sender', 'x:MessageExpired', 'fault-security'],
    ['Receiver', 'dmp:GALET', 'fault-receiver'],
    ['GALET', '', 'fault-receiver'],
  ];
  test.each(faults)('requirement 54: a fault %s %s is the operator’s to mend, and tried again', async (code, subcode, because) => {
    for (const status of [200, 400, 500]) expect(await read(fault(code, subcode), soap, status)).toEqual({ do: 'later', because });
  });

  test('that never ends its boundaries costs no more than its size', async () => {
    const type = 'multipart/related; boundary=b';
    const started = performance.now();
    expect(await read('\r\n--b'.repeat(200_000), type)).toEqual({ do: 'later', because: 'unreadable-answer' });
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('requirement 52: the status of a record', () => {
  const answer = (code: string, status?: string) =>
    envelope(
      `<PRPA_IN201308UV02 xmlns="urn:hl7-org:v3"><acknowledgement><typeCode code="AA"/></acknowledgement><controlActProcess>${
        status === undefined
          ? ''
          : `<subject><registrationEvent><statusCode code="completed"/><subject1><patient><id root="1.2" extension="3"/>` +
            `<statusCode code="${status}"/></patient></subject1></registrationEvent></subject>`
      }<queryAck><statusCode code="deliveredResponse"/><queryResponseCode code="${code}"/></queryAck></controlActProcess></PRPA_IN201308UV02>`,
    );
  const cases: readonly (readonly [string, string, object])[] = [
    ['an active record', answer('OK', 'active'), { do: 'known', status: 'active' }],
    ['a closed record', answer('OK', 'terminated'), { do: 'known', status: 'closed' }],
    ['no record', answer('NF'), { do: 'known', status: 'none' }],
    ['an error', answer('AE'), { do: 'later', because: 'status-error' }],
    ['a record in a state nobody knows', answer('OK', 'GALET'), { do: 'later', because: 'unreadable-answer' }],
    ['a yes about nobody', answer('OK'), { do: 'later', because: 'unreadable-answer' }],
    ['another answer', registryResponse(), { do: 'later', because: 'unreadable-answer' }],
  ];
  test.each(cases)('%s', async (_name, xml, meaning) => {
    expect(readStatus(await contentOf(xml))).toEqual(meaning);
  });
});

describe('requirement 53: the entry of a document', () => {
  const answer = (objects: string) =>
    envelope(
      `<q:AdhocQueryResponse status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"><rim:RegistryObjectList>${objects}</rim:RegistryObjectList></q:AdhocQueryResponse>`,
    );
  const slotted = (name: string, value: string) =>
    `<rim:Slot name="${name}"><rim:ValueList><rim:Value>${value}</rim:Value></rim:ValueList></rim:Slot>`;
  const entry = (id: string, version: string, status: string, codes: readonly string[]) =>
    `<rim:ExtrinsicObject id="${id}" lid="urn:uuid:first" status="urn:oasis:names:tc:ebxml-regrep:StatusType:${status}">` +
    `${slotted('hash', `hash-${version}`)}${slotted('size', '12')}${slotted('repositoryUniqueId', '1.2.3')}<rim:VersionInfo versionName="${version}"/>` +
    codes
      .map(
        (code) =>
          `<rim:Classification classificationScheme="urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f" nodeRepresentation="${code}">` +
          `${slotted('codingScheme', '1.2.250')}<rim:Name><rim:LocalizedString value="${code} mask"/></rim:Name></rim:Classification>`,
      )
      .join('') +
    '</rim:ExtrinsicObject>';

  test('is found by its name, or is not there', async () => {
    expect(foundReference(await contentOf(answer('<rim:ObjectRef id="urn:uuid:1"/>')))).toBe('urn:uuid:1');
    expect(foundReference(await contentOf(answer('')))).toBeUndefined();
  });

  test('as it stands is its latest version, with the masks of today', async () => {
    const versions =
      entry('a', '9', 'Deprecated', ['N']) + entry('b', '10', 'Approved', ['N', 'MASQUE_PS']) + entry('c', '2', 'Approved', []);
    expect(heldEntry(await contentOf(answer(versions)))).toEqual({
      logicalId: 'urn:uuid:first',
      versionName: '10',
      hash: 'hash-10',
      size: '12',
      repositoryUniqueId: '1.2.3',
      confidentiality: [
        { code: 'N', system: '1.2.250', display: 'N mask' },
        { code: 'MASQUE_PS', system: '1.2.250', display: 'MASQUE_PS mask' },
      ],
    });
  });

  test('that was replaced does not stand', async () => {
    expect(heldEntry(await contentOf(answer(entry('a', '1', 'Deprecated', ['N']))))).toBeUndefined();
    expect(heldEntry(await contentOf(answer('')))).toBeUndefined();
  });
});
