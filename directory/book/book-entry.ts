// An entry of the address book: a professional mailbox as other professionals find it. Red-listed and withdrawn ones have none.
import type { Address } from '../../src/core/address.ts';
import type { AddressesTable } from '../schema.ts';

/** What the book tells of a mailbox. Absent means not known. Lists hold each value once. */
export type BookEntry = {
  readonly address: Address;
  readonly type: AddressesTable['type'];
  /** `Dr Léa MARTIN`, or a structure's own words. */
  readonly displayName: string;
  readonly familyName?: string;
  readonly givenName?: string;
  readonly civility?: string;
  /** 11 digits; of the person who holds it: PER and CAB. */
  readonly rpps?: string;
  /** `1` + FINESS or `3` + SIRET, of every structure it is used in. */
  readonly structureIds: readonly string[];
  readonly structureNames: readonly string[];
  readonly professions: readonly string[];
  /** Savoir-faire. */
  readonly skills: readonly string[];
  readonly service?: string;
  readonly description?: string;
  /** Commune, as the routing line has it, without its postal code. */
  readonly cities: readonly string[];
  readonly postalCodes: readonly string[];
  readonly departments: readonly string[];
  readonly isPaperless: boolean;
  /** The one its holder prefers to be written to. */
  readonly isPreferred: boolean;
};
