// A professional mailbox, as address books show it: the columns Outlook and Thunderbird have, then what only software made for this space
// reads. Requirements 18, 19, 23.
import type { BookEntry } from '../../../directory/book/book-entry.ts';
import { subschemaDn, type Tree } from '../tree.ts';
import { type LdapEntry, makeEntry } from './entry.ts';

/** The classes of every professional's entry. A structure's and a software's are of them too: address books look for people. */
export const professionalClasses: readonly string[] = ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'mssMailbox'];

/** Writes the entry of a mailbox. */
export function professionalEntry(tree: Tree, box: BookEntry): LdapEntry {
  const dn = tree.professionalDn(box.address);
  return makeEntry(dn, {
    objectClass: professionalClasses,
    cn: box.displayName,
    displayName: box.displayName,
    // inetOrgPerson wants a family name of everyone: what a structure calls itself.
    sn: box.familyName ?? box.displayName,
    givenName: box.givenName,
    personalTitle: box.civility,
    mail: box.address,
    uid: box.address,
    // The column « Title » of address books: what the person does, the most precise first.
    title: [...box.skills, ...box.professions],
    o: box.structureNames,
    ou: box.service,
    l: box.cities,
    postalCode: box.postalCodes,
    st: box.departments,
    businessCategory: box.professions,
    description: box.description,
    mssBoxType: box.type,
    mssRPPS: box.rpps,
    mssFINESS: box.structureIds,
    mssProfession: box.professions,
    mssSpeciality: box.skills,
    mssPaperless: isTrue(box.isPaperless),
    mssPreferred: isTrue(box.isPreferred),
    structuralObjectClass: 'inetOrgPerson',
    subschemaSubentry: subschemaDn,
    hasSubordinates: 'FALSE',
    entryDN: dn,
  });
}

/** RFC 4517 §3.3.3. */
function isTrue(fact: boolean): string {
  return fact ? 'TRUE' : 'FALSE';
}
