// The registry's tables: who exists, and under which addresses. Requirements 18 to 21.
import type { Generated } from 'kysely';
import type { Address } from '../src/core/address.ts';
import type { Ins } from '../src/core/ins.ts';
import type { BoxState, CitizenState } from './states.ts';

declare module '../src/database/tables.ts' {
  interface Tables {
    citizens: CitizensTable;
    former_matricules: FormerMatriculesTable;
    attached_profiles: AttachedProfilesTable;
    professionals: ProfessionalsTable;
    structures: StructuresTable;
    addresses: AddressesTable;
    practices: PracticesTable;
    sign_ins: SignInsTable;
    silences: SilencesTable;
    directory_history: DirectoryHistoryTable;
  }
}

/**
 * A person with a national health identity, and the mailbox that goes with it: `<INS>@<the citizens' domain>`, which stands nowhere
 * else. `citizen_id` stays when the matricule changes (NIA to NIR).
 */
export interface CitizensTable {
  citizen_id: Generated<number>;
  ins: Ins;
  /** Last number of the OID of the authority that gave the matricule: 8 NIR, 9 NIA, 10 test, 11 demonstration. */
  ins_arc: number;
  /** True when the identity was verified (INSi): matricule, OID and the five traits go together. */
  qualified: Generated<boolean>;
  birth_name: string;
  first_given_name: string;
  /** All given names of birth, as the civil registry has them. */
  given_names: string | null;
  used_name: string | null;
  used_given_name: string | null;
  /** ISO 8601, as the identity has it: `1979-03-28`. */
  birth_date: string;
  /** INSEE code of the commune or the country, 5 characters. */
  birth_place: string | null;
  sex: 'F' | 'M';
  state: Generated<CitizenState>;
  state_since: Generated<Date>;
  created_at: Generated<Date>;
  /** By whom, when a transaction said so (asAuthor). */
  created_by: Generated<string | null>;
}

/** A matricule that a citizen had before another; the address it made stays theirs. */
export interface FormerMatriculesTable {
  ins: Ins;
  citizen_id: number;
}

/** Someone who acts for a minor or a protected adult: a citizen too, who reads in their own name. Requirement 38. */
export interface AttachedProfilesTable {
  ward_id: number;
  guardian_id: number;
  kind: 'minor' | 'ward';
  since: Generated<Date>;
  /** The day it ends: a majority, a judge's decision. */
  until: Date | null;
}

/** A health professional, by RPPS (11 digits). */
export interface ProfessionalsTable {
  rpps: string;
  civility: string;
  family_name: string;
  given_name: string;
  /** In words; what they practise where stands in `practices`. */
  profession: string;
  created_at: Generated<Date>;
  created_by: Generated<string | null>;
}

/** A structure, by national identifier: `1` + FINESS or `3` + SIRET, and its postal address in the columns of the national extraction. */
export interface StructuresTable {
  structure_id: string;
  name: string;
  /** Enseigne commerciale. */
  sign: string | null;
  /** The other identifier, when both are known: a SIRET of 14 digits. */
  siret: string | null;
  location_extra: string | null;
  distribution_extra: string | null;
  street_number: string | null;
  street_number_extra: string | null;
  street_type: string | null;
  street_name: string | null;
  place_name: string | null;
  routing_line: string | null;
  postal_code: string | null;
  department: string | null;
  country: string | null;
  created_at: Generated<Date>;
  created_by: Generated<string | null>;
}

/** Kinds of professional mailboxes (TRE_R257), and CITIZEN, ours, for those of `citizens`. */
export type AddressType = 'PER' | 'ORG' | 'APP' | 'CAB' | 'CITIZEN';

/** A professional mailbox's public face, kept here or listed elsewhere. Address and type never change; a trigger holds that. Requirement 18. */
export interface AddressesTable {
  address: Address;
  type: Exclude<AddressType, 'CITIZEN'>;
  /** False: another operator's, known from the national extraction. It is found, never resolved as one of ours. */
  hosted: Generated<boolean>;
  state: Generated<BoxState>;
  state_since: Generated<Date>;
  /** Why it is suspended; null in every other state. */
  suspended_for: 'idle' | 'decision' | null;
  label: string;
  description: string | null;
  rpps: string | null;
  structure_id: string | null;
  /** Service de rattachement. */
  service: string | null;
  red_list: Generated<boolean>;
  /** False: withdrawn from the address book and from exports, though it receives. */
  published: Generated<boolean>;
  /** `idle`: it left after a long silence, and comes back with its holder. Null when a person decided, and while it is published. */
  unpublished_for: 'idle' | null;
  /** Dématérialisation: takes documents without paper. */
  paperless: Generated<boolean>;
  /** The one its holder prefers; one a person, or a structure. */
  preferred: Generated<boolean>;
  created_at: Generated<Date>;
  created_by: Generated<string | null>;
}

/** What is practised under an address, a row each: the extraction repeats an address for each of them. */
export interface PracticesTable {
  address: Address;
  /** From 1, in the order they came. */
  position: number;
  category_code: string | null;
  category: string | null;
  profession_code: string | null;
  profession: string | null;
  skill_code: string | null;
  skill: string | null;
  structure_id: string | null;
  service: string | null;
}

/** When a mailbox was opened by its holder: what idle delays count from. The address is the login's. */
export interface SignInsTable {
  address: Address;
  first_at: Date;
  last_at: Date;
}

/** A professional mailbox that nobody opens, as the last review found it. A holder who came back since has ended it. */
export interface SilencesTable {
  address: Address;
  since: Date;
  /** When its holder was written to. */
  noticed_at: Date | null;
}

/** What a row of the registry said before. Written by triggers alone; a creation is the row's own `created_at`. */
export interface DirectoryHistoryTable {
  history_id: Generated<number>;
  /** Of the transaction. */
  at: Generated<Date>;
  by: Generated<string | null>;
  subject_kind: 'citizen' | 'address' | 'professional' | 'structure' | 'profile';
  /** citizen_id, address, RPPS, structure id; of an attached profile, the ward's citizen_id. */
  subject_id: string;
  /** Each column that changed, before and after; null for a row that was not there, or is no more. */
  change: Readonly<Record<string, readonly [before: unknown, after: unknown]>>;
}
