// What this directory adds to inetOrgPerson. The same as passerelle.schema, which other servers load: a test compares the two.
// The arc 1.2.250.1.999 was given to nobody; see there.

const text = 'EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15';
const searched = 'EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15';
const yesNo = 'EQUALITY booleanMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.7';

/** Attribute types of our own. RFC 4512 §4.1.2. */
export const ownAttributeTypes: readonly string[] = [
  `( 1.2.250.1.999.5.1.1 NAME 'mssINS' DESC 'Matricule INS of a citizen, 13 characters and the key of 2' ${text}{15} SINGLE-VALUE )`,
  `( 1.2.250.1.999.5.1.2 NAME 'mssRPPS' DESC 'RPPS number of the person who holds the mailbox, 11 digits' ${searched}{11} SINGLE-VALUE )`,
  `( 1.2.250.1.999.5.1.3 NAME 'mssFINESS' DESC 'National identifier of a structure: 1 and a FINESS of 9, or 3 and a SIRET of 14' ${searched}{15} )`,
  `( 1.2.250.1.999.5.1.4 NAME 'mssBoxType' DESC 'Kind of mailbox: PER, ORG, APP or CAB' ${text}{3} SINGLE-VALUE )`,
  `( 1.2.250.1.999.5.1.5 NAME 'mssProfession' DESC 'Profession, in words' ${searched} )`,
  `( 1.2.250.1.999.5.1.6 NAME 'mssSpeciality' DESC 'Savoir-faire, in words' ${searched} )`,
  `( 1.2.250.1.999.5.1.7 NAME 'mssBirthDate' DESC 'Birth date of a citizen, as in 1979-03-28' ${text}{10} SINGLE-VALUE )`,
  `( 1.2.250.1.999.5.1.8 NAME 'mssSex' DESC 'Sex of a citizen: F or M' ${text}{1} SINGLE-VALUE )`,
  `( 1.2.250.1.999.5.1.9 NAME 'mssBoxState' DESC 'State of a citizen\\27s mailbox: created, activated, reopened or closed' ${text}{16} SINGLE-VALUE )`,
  `( 1.2.250.1.999.5.1.10 NAME 'mssPaperless' DESC 'Takes documents without paper' ${yesNo} SINGLE-VALUE )`,
  `( 1.2.250.1.999.5.1.11 NAME 'mssPreferred' DESC 'The mailbox its holder prefers to be written to' ${yesNo} SINGLE-VALUE )`,
];

/** Object classes of our own. RFC 4512 §4.1.1. */
export const ownObjectClasses: readonly string[] = [
  "( 1.2.250.1.999.5.2.1 NAME 'mssMailbox' DESC 'A professional mailbox, beside inetOrgPerson' SUP top AUXILIARY MUST ( mail $ mssBoxType ) MAY ( mssRPPS $ mssFINESS $ mssProfession $ mssSpeciality $ mssPaperless $ mssPreferred $ personalTitle ) )",
  "( 1.2.250.1.999.5.2.2 NAME 'mssPatient' DESC 'A citizen and their mailbox, beside inetOrgPerson' SUP top AUXILIARY MUST mssINS MAY ( mail $ mssBoxState $ mssBirthDate $ mssSex ) )",
];
