import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { insKey, looksLikeIns, parseIns } from '../../src/core/ins.ts';

describe('requirement 35: a citizen is named by a matricule of 15 with a valid key', () => {
  test.each([
    ['279035121518989', '279035121518989'],
    ['2 79 03 51 215 189 89', '279035121518989'],
    ['277076322082910', '277076322082910'],
    [`190012A100003${insKey('190012A100003')}`.toLowerCase(), `190012A100003${insKey('190012A100003')}`],
    [`290052B100004${insKey('290052B100004')}`, `290052B100004${insKey('290052B100004')}`],
  ])('%s is read as %s', (text, ins) => {
    expect(parseIns(text)).toBe(ins);
  });

  test.each([
    '288091234567823',
    '253097812634581',
    '175063877034528',
    '285093456781234',
    '147037433100207',
    '123456789012345',
    '987654321012345',
    '',
    '27903512151898',
    "279035121518989'",
  ])('%s is refused', (text) => {
    expect(parseIns(text)).toBeUndefined();
  });

  test('a wrong key still looks like a matricule, so that the sender can be told 5.1.3', () => {
    expect(looksLikeIns('288091234567823')).toBe(true);
    expect(looksLikeIns('jean.dupont')).toBe(false);
  });

  test('any single digit typed wrong is caught by the key', () => {
    const matricule = fc.tuple(fc.constantFrom('1', '2', '7', '8'), fc.stringMatching(/^\d{12}$/)).map((parts) => parts.join(''));
    fc.assert(
      fc.property(matricule, fc.nat(12), fc.integer({ min: 1, max: 9 }), (body, at, shift) => {
        const ins = body + insKey(body);
        const wrong = ins.slice(0, at) + ((Number(ins[at]) + shift) % 10) + ins.slice(at + 1);
        expect(parseIns(ins)).toBe(ins);
        expect(parseIns(wrong)).toBeUndefined();
      }),
    );
  });
});
