// Everyone in the story: fictional people, structures and addresses. Data only. Requirements 18, 20, 35.
// The matricules are those of the ANS example documents, or bodies of no real person completed with their key; identifiers of
// professionals and structures are of the ranges kept for tests, with their own check digit right.
import { type Address, parseAddress } from '../core/address.ts';
import { type Ins, insKey, parseIns } from '../core/ins.ts';

/** A citizen with the traits that qualify an INS: birth name, first given name, birth date, sex, place. */
export type Patient = {
  readonly ins: Ins;
  readonly address: Address;
  readonly birthName: string;
  /** All given names, as the civil registry writes them. */
  readonly givenNames: string;
  readonly firstGivenName: string;
  /** YYYY-MM-DD. */
  readonly birthDate: string;
  readonly sex: 'F' | 'M';
  /** INSEE code of the commune or country of birth. */
  readonly birthPlaceCode: string;
};

/** A structure, named by its FINESS. */
export type Structure = {
  readonly name: string;
  /** `1` and the nine digits of the FINESS: the national form, under OID 1.2.250.1.71.4.2.2. */
  readonly structureId: string;
  readonly postalCode: string;
  readonly city: string;
};

/** A PER box and the person who holds it. */
export type Practitioner = {
  readonly type: 'PER';
  readonly address: Address;
  readonly familyName: string;
  readonly givenName: string;
  readonly title: string;
  readonly profession: string;
  /** Savoir-faire. */
  readonly speciality: string;
  /** `8` and the eleven digits of the RPPS: the national form, under OID 1.2.250.1.71.4.2.1. */
  readonly nationalId: string;
  readonly structure: Structure;
  readonly redList?: true;
};

/** An ORG or APP box, used under the responsibility of its structure. */
export type StructureBox = {
  readonly type: 'ORG' | 'APP';
  readonly address: Address;
  readonly displayName: string;
  readonly structure: Structure;
  /** Opted in to be written to first by citizens. Requirement 32. */
  readonly citizensMayWriteFirst: boolean;
};

/** The clinic where the doctors of the story work. */
export const clinic: Structure = {
  name: 'Clinique de démonstration des Peupliers',
  structureId: '1990001018',
  postalCode: '54000',
  city: 'NANCY',
};

/** The pharmacy on the square. */
export const chemist: Structure = {
  name: 'Pharmacie de démonstration de la Halle',
  structureId: '1990002024',
  postalCode: '54500',
  city: 'VANDOEUVRE-LES-NANCY',
};

/** Writes first to the patient. */
export const leaMartin: Practitioner = {
  type: 'PER',
  address: address('lea.martin@medecin.demo.mssante.fr'),
  familyName: 'MARTIN',
  givenName: 'Léa',
  title: 'Dr',
  profession: 'Médecin',
  speciality: 'Médecine générale',
  nationalId: '899700101001',
  structure: clinic,
};

/** Never wrote to anybody: patients may not write to him. */
export const paulDurand: Practitioner = {
  type: 'PER',
  address: address('paul.durand@medecin.demo.mssante.fr'),
  familyName: 'DURAND',
  givenName: 'Paul',
  title: 'Dr',
  profession: 'Médecin',
  speciality: 'Cardiologie',
  nationalId: '899700102009',
  structure: clinic,
};

/** Receives letters, and does not want to be found. Requirement 19. */
export const hiddenColleague: Practitioner = {
  type: 'PER',
  address: address('anne.discret@medecin.demo.mssante.fr'),
  familyName: 'DISCRET',
  givenName: 'Anne',
  title: 'Dr',
  profession: 'Médecin',
  speciality: 'Psychiatrie',
  redList: true,
  nationalId: '899700103007',
  structure: clinic,
};

/** A hospital service read by several people. */
export const cardiologyService: StructureBox = {
  type: 'ORG',
  address: address('cardiologie@peupliers.demo.mssante.fr'),
  displayName: 'Service de cardiologie, Clinique de démonstration des Peupliers',
  structure: clinic,
  citizensMayWriteFirst: false,
};

/** The one kind of box a citizen may write to first. */
export const pharmacy: StructureBox = {
  type: 'ORG',
  address: address('contact@pharmacie-halle.demo.mssante.fr'),
  displayName: 'Pharmacie de démonstration de la Halle',
  structure: chemist,
  citizensMayWriteFirst: true,
};

/** Sends results by itself, from the clinic's software. */
export const laboratoryRobot: StructureBox = {
  type: 'APP',
  address: address('resultats@peupliers.demo.mssante.fr'),
  displayName: 'Envoi automatique des résultats, Clinique de démonstration des Peupliers',
  structure: clinic,
  citizensMayWriteFirst: false,
};

/** The patient of the story. */
export const dominiquePatTrois: Patient = patient('2790351215189', {
  birthName: 'PAT-TROIS',
  givenNames: 'DOMINIQUE MARIE-LOUISE',
  firstGivenName: 'DOMINIQUE',
  birthDate: '1979-03-28',
  sex: 'F',
  birthPlaceCode: '51215',
});

/** A second patient, whom no professional of the story has written to. */
export const ruthNessi: Patient = patient('2770763220829', {
  birthName: 'NESSI',
  givenNames: 'RUTH',
  firstGivenName: 'RUTH',
  birthDate: '1977-07-14',
  sex: 'F',
  birthPlaceCode: '63220',
});

/** The rest of the waiting room: Corsica, more than a hundred years, born abroad. */
export const otherPatients: readonly Patient[] = [
  patient('1850199100001', {
    birthName: 'ESSAI',
    givenNames: 'MARC ANTOINE',
    firstGivenName: 'MARC',
    birthDate: '1985-01-09',
    sex: 'M',
    birthPlaceCode: '99100',
  }),
  patient('190012A100003', {
    birthName: 'FICTIF-CASANOVA',
    givenNames: 'ANGE',
    firstGivenName: 'ANGE',
    birthDate: '1990-01-17',
    sex: 'M',
    birthPlaceCode: '2A100',
  }),
  patient('290052B100004', {
    birthName: 'EXEMPLE',
    givenNames: 'LISANDRA MARIA',
    firstGivenName: 'LISANDRA',
    birthDate: '1990-05-02',
    sex: 'F',
    birthPlaceCode: '2B100',
  }),
  patient('1150675100005', {
    birthName: 'DOYEN',
    givenNames: 'ÉMILE',
    firstGivenName: 'ÉMILE',
    birthDate: '1915-06-30',
    sex: 'M',
    birthPlaceCode: '75100',
  }),
  patient('2880499100006', {
    birthName: "D'AILLEURS",
    givenNames: 'NOOR',
    firstGivenName: 'NOOR',
    birthDate: '1988-04-21',
    sex: 'F',
    birthPlaceCode: '99100',
  }),
];

/** Every citizen who has a mailbox in the demo. */
export const patients: readonly Patient[] = [dominiquePatTrois, ruthNessi, ...otherPatients];

/** Every professional mailbox of the demo. */
export const practitioners: readonly Practitioner[] = [leaMartin, paulDurand, hiddenColleague];

/** Every ORG and APP mailbox of the demo. */
export const structureBoxes: readonly StructureBox[] = [cardiologyService, pharmacy, laboratoryRobot];

function patient(body: string, traits: Omit<Patient, 'ins' | 'address'>): Patient {
  const ins = parseIns(body + insKey(body));
  if (!ins) throw new Error(`Not a matricule body: ${body}`);
  return { ins, address: address(`${ins}@patient.mssante.fr`), ...traits };
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error(`Not an address: ${text}`);
  return parsed;
}
