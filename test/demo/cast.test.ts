import { expect, test } from 'vitest';
import { domainOf, localPart } from '../../src/core/address.ts';
import { parseIns } from '../../src/core/ins.ts';
import { dominiquePatTrois, patients, practitioners, ruthNessi, structureBoxes } from '../../src/demo/cast.ts';

test('the story has the two patients of the ANS example documents', () => {
  expect(dominiquePatTrois.ins).toBe('279035121518989');
  expect(ruthNessi.ins).toBe('277076322082910');
});

test.each(patients)('requirement 35: $birthName lives at a matricule whose key and traits agree', (patient) => {
  expect(parseIns(localPart(patient.address).toUpperCase())).toBe(patient.ins);
  expect(domainOf(patient.address)).toBe('patient.mssante.fr');
  expect(patient.ins[0]).toBe(patient.sex === 'F' ? '2' : '1');
  expect(patient.ins.slice(1, 5)).toBe(patient.birthDate.slice(2, 4) + patient.birthDate.slice(5, 7));
});

test.each(practitioners)('requirement 20: the PER box of $familyName is bound to an RPPS with its check digit', ({ type, nationalId }) => {
  expect(type).toBe('PER');
  expect(nationalId).toMatch(/^8\d{11}$/);
  expect(luhnHolds(nationalId.slice(1))).toBe(true);
});

test.each(structureBoxes)('requirement 20: $displayName is bound to a FINESS with its check digit', ({ structure }) => {
  expect(structure.structureId).toMatch(/^1\d{9}$/);
  expect(luhnHolds(structure.structureId.slice(1))).toBe(true);
});

test('requirement 32: only the pharmacy may be written to first, and no two boxes share an address', () => {
  expect(structureBoxes.filter((box) => box.citizensMayWriteFirst).map((box) => box.displayName)).toEqual([
    'Pharmacie de démonstration de la Halle',
  ]);
  const addresses = [...patients, ...practitioners, ...structureBoxes].map((holder) => holder.address);
  expect(new Set(addresses).size).toBe(addresses.length);
});

function luhnHolds(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
