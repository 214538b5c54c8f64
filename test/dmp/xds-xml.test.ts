// What is written to the record is well-formed whatever the documents say, and says the same once read. XML 1.0, HL7 v2.5 §2.7.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeCe, dtm, institutionXon, patientCx, patientInfo, personXcn } from '../../src/dmp/hl7-values.ts';
import { entryObject } from '../../src/dmp/xds/entry-object.ts';
import { namespaces } from '../../src/dmp/xds/registry-names.ts';
import { oidOfUuid, signatureEntry, signatureUuid } from '../../src/dmp/xds/signature-entry.ts';
import { setObject, submitObjectsRequest } from '../../src/dmp/xds/submission-set.ts';
import { asWritten, element } from '../../src/dmp/xml-text.ts';
import { anEntry } from './an-entry.ts';
import { elements, parsed } from './record-peer.ts';

const run = promisify(execFile);
const structure = { id: '1990001018', name: 'CH & Cie', sector: 'SA01' };
const now = new Date('2026-11-22T08:00:00Z');
const id = 'urn:uuid:1';

/** What can stand in XML at all. */
const sayable = (text: string) => text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');

describe('markup', () => {
  test('any text comes back as it was, in an element and in an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (text, value) => {
        const root = parsed(element('a', { b: value }, [element('c', {}, text)])).documentElement;
        expect(root.getAttribute('b')).toBe(sayable(value));
        expect(root.firstChild?.textContent).toBe(sayable(text));
      }),
    );
  });

  test('nothing that a document says becomes markup', () => {
    const written = element('a', { b: '"><x/>' }, '</a><x/>]]>&amp;');
    expect(written).toBe('<a b="&quot;&gt;&lt;x/&gt;">&lt;/a&gt;&lt;x/&gt;]]&gt;&amp;amp;</a>');
  });

  test('what is signed is taken to the byte, and what is absent is left out', () => {
    expect(element('a', { b: undefined }, [asWritten('<s  x = "1"></s>'), undefined])).toBe('<a><s  x = "1"></s></a>');
  });
});

describe('identifiers', () => {
  const author = { familyName: 'GALET', givenName: 'Pierre' };

  test('of patients, people, places and codes', () => {
    expect(patientCx({ matricule: '279035121518989', oid: '1.2.250.1.213.1.4.10' })).toBe('279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH');
    expect(personXcn({ ...author, id: { extension: '899700218896', root: '1.2.250.1.71.4.2.1' } })).toBe(
      '899700218896^GALET^Pierre^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS',
    );
    expect(personXcn({ ...author, id: { extension: '3456/78', root: '1.2.3' } })).toBe('3456/78^GALET^Pierre^^^^^^&1.2.3&ISO^D^^^EI');
    expect(personXcn(author).split('^').slice(0, 10)).toEqual(['', 'GALET', 'Pierre', '', '', '', '', '', '', 'D']);
    expect(institutionXon({ name: 'CHU', id: { extension: '1990001018', root: '1.2.250.1.71.4.2.2' } })).toBe(
      'CHU^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1990001018',
    );
    expect(institutionXon({ name: 'CHU' })).toBe('CHU');
    expect(codeCe({ code: 'SM26', display: 'Médecine', system: '1.2' })).toBe('SM26^Médecine^1.2');
  });

  test('a separator inside a value separates nothing', () => {
    const odd = 'a^b&c|d~e\\f\r\n g';
    expect(personXcn({ familyName: odd, givenName: 'x' })).toBe('^a\\S\\b\\T\\c\\F\\d\\R\\e\\E\\f g^x^^^^^^^D');
    expect(patientInfo({ matricule: '1', oid: '1.2', birthName: 'A^B', firstGivenName: 'C', birthDate: '19790307', sex: 'F' })).toEqual([
      'PID-3|1^^^&1.2&ISO^NH',
      'PID-5|A\\S\\B^C^^^^^L',
      'PID-7|19790307',
      'PID-8|F',
    ]);
    expect(patientInfo({ matricule: '1', oid: '1.2' })).toEqual(['PID-3|1^^^&1.2&ISO^NH']);
  });

  test('times are in UTC, whatever the machine’s own', () => {
    expect(dtm(new Date('2026-11-22T00:30:05.999+02:00'))).toBe('20261121223005');
  });

  test('a uuid is an OID, and another try another one', () => {
    expect(oidOfUuid('f81d4fae-7dec-11d0-a765-00a0c91e6bf6')).toBe('2.25.329800735698586629295641978511506172918');
    expect(signatureUuid('1.2.3', now)).toBe(signatureUuid('1.2.3', now));
    expect(new Set([signatureUuid('1.2.3', now), signatureUuid('1.2.3', new Date(1)), signatureUuid('1.2.4', now)]).size).toBe(3);
  });
});

describe('an entry', () => {
  const read = (xml: string) => parsed(xml.replace('<rim:ExtrinsicObject', `<rim:ExtrinsicObject xmlns:rim="${namespaces.rim}"`));

  test('requirement 49: says all that was written of its document, in the order the schema wants', () => {
    const entry = anEntry();
    const object = read(entryObject(entry, { id, hash: 'aa', size: '5' })).documentElement;
    expect(object.getAttribute('objectType')).toBe('urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1');
    expect(object.getAttribute('lid')).toBe('');
    const slots = elements(object, 'Slot').filter((slot) => slot.parentNode === object);
    expect(
      Object.fromEntries(slots.map((slot) => [slot.getAttribute('name'), elements(slot, 'Value').map((value) => value.textContent)])),
    ).toMatchObject({
      creationTime: ['20261120101500'],
      languageCode: ['fr-FR'],
      serviceStartTime: ['20261118'],
      serviceStopTime: ['20261120'],
      sourcePatientId: ['279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH'],
      legalAuthenticator: ["810100020016^D'ARC \\T\\ FILS^Léa^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"],
      hash: ['aa'],
      size: ['5'],
    });
    expect(elements(object, 'LocalizedString')[0]?.getAttribute('value')).toBe(entry.title);
    const codes = elements(object, 'Classification').map((one) => one.getAttribute('nodeRepresentation'));
    expect(codes).toEqual([
      '',
      '10',
      '11490-0',
      'urn:ihe:iti:xds-sd:pdf:2008',
      'N',
      'INVISIBLE_PATIENT',
      'SA01',
      'ETABLISSEMENT',
      'DHFM001',
    ]);
    expect(elements(object, 'ExternalIdentifier').map((one) => one.getAttribute('value'))).toEqual([
      '279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH',
      '1.2.250.1.999.7.1^42',
    ]);
    const order = ['Slot', 'Name', 'VersionInfo', 'Classification', 'ExternalIdentifier'];
    const places = Array.from(object.childNodes, (node) => order.indexOf(node.nodeName.replace('rim:', '')));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    const ids = ['Classification', 'ExternalIdentifier'].flatMap((name) => elements(object, name).map((one) => one.getAttribute('id')));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('says nothing of what is not known', () => {
    const { serviceStopTime, ...rest } = anEntry();
    const { institution, role, specialty, id: _, ...person } = rest.legalAuthenticator;
    const object = read(entryObject({ ...rest, authors: [person], legalAuthenticator: person }, { id }));
    const names = elements(object, 'Slot').map((slot) => slot.getAttribute('name'));
    for (const absent of ['serviceStopTime', 'authorInstitution', 'authorRole', 'authorSpecialty', 'hash', 'size', 'repositoryUniqueId'])
      expect(names).not.toContain(absent);
  });

  test('of a signature is shown to nobody, and belongs to the same patient', () => {
    const entry = anEntry();
    const signature = signatureEntry(entry, '2.25.1', entry.legalAuthenticator, now);
    expect(signature.confidentiality.map(({ code }) => code)).toEqual(['N', 'MASQUE_PS', 'INVISIBLE_PATIENT']);
    expect(signature.patient).toEqual(entry.patient);
  });

  test('whatever a document says of itself, xmllint reads the request', async () => {
    const text = fc.sample(fc.string({ unit: 'binary', minLength: 1 }), 40);
    const odd = (index: number) => text[index % text.length] ?? '';
    const entries = Array.from({ length: 20 }, (_, index) =>
      anEntry({
        title: odd(index),
        uniqueId: odd(index + 1),
        patient: { matricule: odd(index + 2), oid: odd(index + 3), birthName: odd(index + 4), firstGivenName: odd(index + 5) },
        eventCodes: [{ code: odd(index + 6), system: odd(index + 7), display: odd(index + 8) }],
        authors: [{ familyName: odd(index + 9), givenName: odd(index + 10), role: odd(index + 11) }],
      }),
    );
    const objects = entries.flatMap((entry, index) => [
      setObject({ uniqueId: '1.2', entry, now, structure, sourceOid: '1.2.3' }),
      entryObject(entry, { id: `entry-${index}` }),
    ]);
    const linting = run('xmllint', ['--noout', '--nonet', '-']);
    linting.child.stdin?.end(submitObjectsRequest(objects));
    expect((await linting).stderr).toBe('');
  });
});
