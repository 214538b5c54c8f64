import { expect, test } from 'vitest';
import { compareMssHeaders } from '../../../src/mail/documents/compare-mss-headers.ts';
import type { DocumentPatient, DocumentsReading, HealthDocument } from '../../../src/mail/documents/health-document.ts';
import { parseHeaders } from '../../../src/mail/headers.ts';

const patient: DocumentPatient = {
  matricule: '279035121518989',
  oid: '1.2.250.1.213.1.4.8',
  birthName: 'A',
  firstGivenName: 'B',
  birthDate: '19790328',
  sex: 'F',
};
const plain: HealthDocument = {
  patients: [patient],
  confidentiality: [],
  relations: [],
  isHiddenFromPatient: false,
  isHiddenFromGuardians: false,
};
const letter34: HealthDocument = { ...plain, codeOfCda: '34112-3', typeCode: '34112-3' };
const prescription: HealthDocument = { ...plain, codeOfCda: '57833-6', typeCode: 'PRESC-BIO' };
const of = (...documents: HealthDocument[]): DocumentsReading => ({ documents });
const without = (trait: keyof DocumentPatient): DocumentsReading => {
  const { [trait]: _left, ...others } = patient;
  return of({ ...letter34, patients: [others as DocumentPatient] });
};
const compare = (fields: string, reading: DocumentsReading) => compareMssHeaders(parseHeaders(Buffer.from(fields)), reading);

test.each([
  ['X-MSS-CODECDA: 34112-3\r\nX-MSS-INS: O', of(letter34), []],
  ['X-MSS-CODECDA: 34112-3,57833-6\r\nX-MSS-INS: O', of(letter34, prescription), []],
  ['X-MSS-CODECDA: PRESC-BIO, 34112-3\r\nX-MSS-INS: O', of(letter34, prescription, plain), []],
  ['X-MSS-CODECDA: 34112-3\r\nX-MSS-CODECDA: PRESC-BIO\r\nX-MSS-INS: O', of(letter34, prescription), []],
  ['X-MSS-CODECDA: , 34112-3, ,\r\nX-MSS-INS: O', of(letter34), []],
  ['', of(), []],
  ['', of(plain), []],
  ['X-MSS-INS: O', of(letter34), ['codecda-missing']],
  ['X-MSS-CODECDA: ,\r\nX-MSS-INS: O', of(letter34), ['codecda-missing']],
  ['X-MSS-CODECDA: 34112-3', of(plain), ['codecda-unexpected']],
  ['X-MSS-CODECDA:', of(), ['codecda-unexpected']],
  ['X-MSS-CODECDA: 34112-3\r\nX-MSS-INS: O', of(letter34, prescription), ['codecda-differs']],
  ['X-MSS-CODECDA: 34112-3,1-2\r\nX-MSS-INS: O', of(letter34), ['codecda-differs']],
  ['X-MSS-CODECDA: 1-2\r\nX-MSS-INS: O', of(letter34), ['codecda-differs']],
  ['X-MSS-CODECDA: 34112-3', of(letter34), ['ins-missing']],
  ['X-MSS-INS: N', of(), ['ins-unexpected']],
  ['X-MSS-CODECDA: 34112-3\r\nX-MSS-INS: N', of(letter34), ['ins-differs']],
  ['X-MSS-CODECDA: 34112-3\r\nX-MSS-INS: O', of({ ...letter34, patients: [] }), ['ins-differs']],
  ['X-MSS-CODECDA: 34112-3\r\nX-MSS-INS: N', of({ ...letter34, patients: [] }), []],
  ['X-MSS-CODECDA: 34112-3\r\nX-MSS-INS: O', without('birthName'), ['ins-differs']],
  ['X-MSS-CODECDA: 34112-3\r\nX-MSS-INS: O', without('firstGivenName'), ['ins-differs']],
  ['X-MSS-CODECDA: 34112-3\r\nX-MSS-INS: O', without('birthDate'), ['ins-differs']],
  ['X-MSS-CODECDA: 34112-3\r\nX-MSS-INS: O', without('sex'), ['ins-differs']],
  ['X-MSS-CODECDA: 34112-3\r\nX-MSS-INS: N', without('sex'), []],
  ['X-MSS-CODECDA: 34112-3\r\nX-MSS-INS: N', of(letter34, { ...letter34, patients: [] }), []],
  ['X-MSS-CODECDA: 34112-3\r\nX-MSS-INS: O', of({ ...letter34, patients: [patient, { matricule: '1', oid: '1' }] }), ['ins-differs']],
  ['X-MSS-CODECDA: 34112-3\r\nX-MSS-INS: o', of(letter34), ['ins-malformed']],
  ['X-MSS-INS: oui', of(), ['ins-malformed', 'ins-unexpected']],
  ['X-MSS-CODECDA: 1\r\nX-MSS-INS: oui', { documents: [letter34], problem: 'unreadable' }, ['ins-malformed']],
  ['X-MSS-CODECDA: 1\r\nX-MSS-INS: N', { documents: [letter34], problem: 'unreadable' }, []],
] as const)('requirements 41, 42: %j', (fields, reading, expected) => {
  expect(compare(`X-MSS-NIL: DEV935997\r\n${fields}`, reading)).toEqual(expected);
  expect(compare(fields, reading)).toEqual(['nil-missing', ...expected]);
});

test('requirement 42: an empty X-MSS-NIL is as good as none', () => {
  expect(compare('X-MSS-NIL: ', of())).toEqual(['nil-missing']);
});
