import { describe, expect, test } from 'vitest';
import { effectOnCitizen, endsExchange } from '../../policies/letter-effects.ts';
import { parseAddress } from '../../src/core/address.ts';

const doctor = parseAddress('lea.martin@medecin.demo.mssante.fr') ?? null;

test('requirement 26: a professional’s letter opens the exchange with the citizen', () => {
  expect(effectOnCitizen({ sender: { kind: 'professional', address: doctor }, mssMes: undefined }, 7)).toEqual({
    citizenId: 7,
    correspondent: doctor,
    state: 'open',
  });
});

test('requirement 27: X-MSS-MES: FIN ends it with the same letter', () => {
  expect(effectOnCitizen({ sender: { kind: 'other-operator', address: doctor }, mssMes: 'FIN' }, 7)).toEqual({
    citizenId: 7,
    correspondent: doctor,
    state: 'ended',
  });
});

describe('requirement 27: only the exact value ends an exchange', () => {
  test.each([
    ['FIN', true],
    ['fin', false],
    ['Fin', false],
    ['FIN ', false],
    ['"FIN"', false],
    ['', false],
    [undefined, false],
  ])('%j: %s', (value, ends) => {
    expect(endsExchange(value)).toBe(ends);
  });
});

test.each(['citizen', 'nobody'] as const)('a letter from a %s changes nothing in the register', (kind) => {
  expect(effectOnCitizen({ sender: { kind, address: kind === 'nobody' ? null : doctor }, mssMes: 'FIN' }, 7)).toBeUndefined();
});
