// The attributes that carry a citizen in LDIF: those of inetOrgPerson and of the LDAP door where they exist, ours for the rest.
import type { FeedColumn } from './feed-line.ts';

/** What stands for each column. */
export const attributeOf = {
  matricule: 'mssINS',
  oid: 'mssOID',
  nom_naissance: 'sn',
  premier_prenom: 'givenName',
  prenoms: 'mssGivenNames',
  nom_utilise: 'mssUsedName',
  prenom_utilise: 'mssUsedGivenName',
  date_naissance: 'mssBirthDate',
  lieu_naissance: 'mssBirthPlace',
  sexe: 'mssSex',
  qualifiee: 'mssQualified',
  etat: 'mssBoxState',
  matricule_precedent: 'mssFormerINS',
  representants: 'mssGuardianINS',
} as const satisfies Readonly<Record<FeedColumn, string>>;

/** The column of an attribute, by its name in lower case. */
export const feedAttributes: ReadonlyMap<string, FeedColumn> = new Map(
  Object.entries(attributeOf).map(([column, attribute]) => [attribute.toLowerCase(), column as FeedColumn]),
);
