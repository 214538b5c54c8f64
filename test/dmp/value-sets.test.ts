// The tables of the record, as far as a machine can see that they are right: no code twice, none without a table or a name.
import { describe, expect, test } from 'vitest';
import { confidentialities } from '../../src/dmp/value-sets/confidentiality.ts';
import { documentTypes } from '../../src/dmp/value-sets/document-types.ts';
import { formats } from '../../src/dmp/value-sets/formats.ts';
import { facilityTypes, practiceSettings } from '../../src/dmp/value-sets/settings-of-care.ts';
import type { ValueSet } from '../../src/dmp/value-sets/table.ts';

describe.each<[string, ValueSet, number]>([
  ['confidentialities', confidentialities, 6],
  ['facilityTypes', facilityTypes, 66],
  ['practiceSettings', practiceSettings, 10],
  ['formats', formats, 58],
])('%s', (_, set, size) => {
  test(`has ${size} codes, each with its table and its name`, () => {
    expect(set.size).toBe(size);
    for (const [code, value] of set) {
      expect(value.code).toBe(code);
      expect(value.system).toMatch(/^[0-2](\.\d+)+$/);
      expect(value.display).not.toBe('');
    }
  });
});

test('every type of document has a class, and a LOINC code keeps its check digit', () => {
  expect(documentTypes.size).toBe(87);
  for (const [code, { system, classCode }] of documentTypes) {
    expect(classCode.code, code).toMatch(/^(10|11|31|42|43|44|45|52|95)$/);
    expect(/^\d/.test(code), code).toBe(system === '2.16.840.1.113883.6.1');
    if (/^\d/.test(code)) expect(isLoinc(code), code).toBe(true);
  }
});

test.each([
  ['34112-3', '10'],
  ['18748-4', '31'],
  ['60591-5', '11'],
  ['57833-6', '42'],
  ['PRESC-BIO', '42'],
  ['SYNTH', '11'],
])('%s is of class %s', (code, classCode) => {
  expect(documentTypes.get(code)?.classCode.code).toBe(classCode);
});

test.each(['EXPPAT_1', 'DOCPAT01', 'REMB', 'E1762', 'IMG-KOS', 'constructor'])('%s is no document of a professional', (code) => {
  expect(documentTypes.has(code)).toBe(false);
});

/** Luhn's digit behind the hyphen: a typing error in the table shows. LOINC users' guide, appendix. */
function isLoinc(code: string): boolean {
  const [digits = '', check] = code.split('-');
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return String((10 - (sum % 10)) % 10) === check;
}
