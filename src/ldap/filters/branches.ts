// What can be asked of each branch of the tree: the one table that joins LDAP's attributes to what the directory knows.
import { patientClasses } from '../entries/patient-entry.ts';
import { professionalClasses } from '../entries/professional-entry.ts';
import type { Branch } from './book-question.ts';

/** What every entry has, and no question can be put about. RFC 4512 §3.4. */
const operational = ['structuralObjectClass', 'subschemaSubentry', 'hasSubordinates', 'entryDN'];

/** `ou=professionnels`. */
export const professionalsBranch: Branch = {
  classes: professionalClasses,
  always: new Set([
    'objectClass',
    'cn',
    'sn',
    'displayName',
    'name',
    'mail',
    'uid',
    'mssBoxType',
    'mssPaperless',
    'mssPreferred',
    ...operational,
  ]),
  facts: {
    cn: ['displayName'],
    displayName: ['displayName'],
    sn: ['familyName'],
    givenName: ['givenName'],
    personalTitle: ['civility'],
    mail: ['address'],
    uid: ['address'],
    title: ['skill', 'profession'],
    o: ['structureName'],
    ou: ['service'],
    l: ['city'],
    postalCode: ['postalCode'],
    st: ['department'],
    businessCategory: ['profession'],
    description: ['description'],
    mssBoxType: ['type'],
    mssRPPS: ['rpps'],
    mssFINESS: ['structureId'],
    mssProfession: ['profession'],
    mssSpeciality: ['skill'],
    mssPaperless: ['isPaperless'],
    mssPreferred: ['isPreferred'],
  },
  silent: new Set(operational),
};

/** `ou=patients`. The facts serve to recognise an exact question; nothing else is ever compared. */
export const patientsBranch: Branch = {
  classes: patientClasses,
  always: new Set([
    ...['objectClass', 'cn', 'sn', 'displayName', 'name', 'givenName', 'description', 'mssINS', 'mssBoxState', 'mssBirthDate', 'mssSex'],
    ...operational,
    // Not of those whose mailbox is shut; but whoever asks for people that can be written to wants to hear that this one cannot.
    'mail',
  ]),
  facts: {
    cn: ['displayName'],
    displayName: ['displayName'],
    sn: ['familyName'],
    givenName: ['givenName'],
    mail: ['address'],
    mssINS: ['ins'],
    mssBirthDate: ['birthDate'],
    mssBoxState: ['state'],
  },
  silent: new Set(['description', 'mssSex', ...operational]),
};
