// The crowd as the demo's documents want it: who writes the letters, and about whom.
import { type Address, localPart } from '../../src/core/address.ts';
import { parseIns } from '../../src/core/ins.ts';
import { clinic, type Patient, type Practitioner } from '../../src/demo/cast.ts';

/** A doctor of the crowd, as the author of a document. */
export function asAuthor(address: Address, number: number): Practitioner {
  return {
    type: 'PER',
    address,
    familyName: `ESSAI-${number}`,
    givenName: 'Camille',
    title: 'Dr',
    profession: 'Médecin',
    speciality: 'Cardiologie',
    nationalId: `8${10_900_000_000 + number}`,
    structure: clinic,
  };
}

/** A citizen of the crowd, as the patient of a document. */
export function asPatient(address: Address, number: number): Patient {
  const ins = parseIns(localPart(address));
  if (!ins) throw new Error('Not the address of a citizen');
  return {
    ins,
    address,
    birthName: `FICTIF-${number}`,
    givenNames: 'DOMINIQUE',
    firstGivenName: 'DOMINIQUE',
    birthDate: '1990-01-15',
    sex: 'F',
    birthPlaceCode: '63220',
  };
}

/** The ordinary address that a citizen is told at. */
export function ordinaryAddress(number: number): string {
  return `citoyen-${number}@courriel.test`;
}
