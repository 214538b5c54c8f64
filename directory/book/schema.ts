// The book's own tables. Requirements 19, 23 and 58.
import type { Generated } from 'kysely';
import type { Address } from '../../src/core/address.ts';
import type { AddressesTable } from '../schema.ts';

declare module '../../src/database/tables.ts' {
  interface Tables {
    address_book: AddressBookTable;
    citizen_questions: CitizenQuestionsTable;
  }
}

/** A mailbox that may be found. Written by triggers alone; the columns that are searched are made from these (migration 005). */
export interface AddressBookTable {
  address: Address;
  type: AddressesTable['type'];
  display_name: string;
  family_name: string | null;
  given_name: string | null;
  civility: string | null;
  rpps: string | null;
  structure_ids: string[];
  structure_names: string[];
  professions: string[];
  skills: string[];
  service: string | null;
  description: string | null;
  cities: string[];
  postal_codes: string[];
  departments: string[];
  paperless: boolean;
  preferred: boolean;
}

/** A question about a citizen: who asked and what came of it, neither a trait nor a matricule. */
export interface CitizenQuestionsTable {
  question_id: Generated<number>;
  at: Date;
  /** The address that asked, or an operator's name. */
  by: string;
  /** Whom the question counts against: the RPPS behind that address when there is one, or `by`. */
  asker: string;
  kind: 'matricule' | 'identity';
  outcome: 'one' | 'nobody' | 'several' | 'too-many';
  /** Whom the answer told of. */
  citizen_id: number | null;
}
