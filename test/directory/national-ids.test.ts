// Identifiers of professionals and structures as people and files write them: shapes are judged, keys are only spoken of.
import { expect, test } from 'vitest';
import { hasGoodKey, parseRpps, parseStructureId } from '../../directory/national-ids.ts';

test.each([
  ['99700101005', '99700101005'],
  ['899700101005', '99700101005'],
  ['8 99 70 01 01 005', '99700101005'],
  ['81234567890', '81234567890'],
  ['9970010100', undefined],
  ['099700101005', undefined],
  ['9970010100A', undefined],
  ['٩٩٧٠٠١٠١٠٠٥', undefined],
  ['', undefined],
])('requirement 20: « %s » names the professional %s', (text, rpps) => {
  expect(parseRpps(text)).toBe(rpps);
});

test.each([
  ['1990001014', '1990001014'],
  ['990001014', '1990001014'],
  ['2a0001014', '12A0001014'],
  ['12B0001014', '12B0001014'],
  ['3 99900010100012', '399900010100012'],
  ['99900010100012', '399900010100012'],
  ['2990001014', undefined],
  ['19900010', undefined],
  ['A90001014', undefined],
  ['39990001010001', '339990001010001'],
  ['4990001010001234', undefined],
  ["1990001014'", undefined],
  ['', undefined],
])('requirement 20: « %s » names the structure %s', (text, structureId) => {
  expect(parseStructureId(text)).toBe(structureId);
});

test('what is read names the same thing when it is read again', () => {
  for (const text of ['990001014', '2A0001014', '99900010100012']) {
    const id = parseStructureId(text) ?? expect.fail('not a structure');
    expect(parseStructureId(id)).toBe(id);
  }
});

/** The number with its key of Luhn, by the rule as it is written: from the right, each second digit is doubled. */
function withKey(number: string): string {
  const reversed = [...number].reverse().map((digit, index) => (index % 2 === 0 ? Number(digit) * 2 : Number(digit)));
  const total = reversed.reduce((sum, value) => sum + (value > 9 ? value - 9 : value), 0);
  return `${number}${(10 - (total % 10)) % 10}`;
}

test('the key of an RPPS, a FINESS and a SIRET: one digit is right, the nine others are worth a word', () => {
  for (const [before, number] of [
    ['', '9970010199'],
    ['1', '99000101'],
    ['1', '75000101'],
    ['3', '9990001010001'],
  ] as const) {
    const good = Array.from({ length: 10 }, (_, key) => `${before}${number}${key}`).filter(hasGoodKey);
    expect(good).toEqual([before + withKey(number)]);
  }
});

test('a post office keeps to the key of Luhn, or has digits that add up to a multiple of five', () => {
  expect(['335600000000048', '335600000000060', '335600000000061'].map(hasGoodKey)).toEqual([true, true, false]);
});
