// The registry's tables: who exists, and under which addresses. Requirements 18 to 20.
import type { Generated } from 'kysely';
import type { Address } from '../src/core/address.ts';
import type { Ins } from '../src/core/ins.ts';

declare module '../src/database/tables.ts' {
  interface Tables {
    citizens: CitizensTable;
    professionals: ProfessionalsTable;
    structures: StructuresTable;
    addresses: AddressesTable;
    former_matricules: FormerMatriculesTable;
  }
}

/** A person with a national health identity. `citizen_id` stays when the matricule changes (NIA to NIR). */
export interface CitizensTable {
  citizen_id: Generated<number>;
  ins: Ins;
  birth_name: string;
  first_given_name: string;
  birth_date: string;
  sex: 'F' | 'M';
}

/** A health professional, by RPPS (11 digits). */
export interface ProfessionalsTable {
  rpps: string;
  civility: string;
  family_name: string;
  given_name: string;
  profession: string;
}

/** A structure, by national identifier: `1` + FINESS or `3` + SIRET. */
export interface StructuresTable {
  structure_id: string;
  name: string;
}

/** PER, ORG, APP and CAB are the professionals' (TRE_R257); CITIZEN is ours for citizens' mailboxes. */
export type AddressType = 'PER' | 'ORG' | 'APP' | 'CAB' | 'CITIZEN';

/** `opposed`: a citizen who refused the mailbox that was to be made for them. */
export type AddressState = 'active' | 'suspended' | 'closed' | 'opposed';

/** A mailbox's public face. Address and type never change once written; a trigger holds that. Requirement 18. */
export interface AddressesTable {
  address: Address;
  type: AddressType;
  state: Generated<AddressState>;
  label: string;
  citizen_id: number | null;
  rpps: string | null;
  structure_id: string | null;
  red_list: Generated<boolean>;
  created_at: Generated<Date>;
}

/** A matricule that a citizen had before another; the address it made stays theirs. */
export interface FormerMatriculesTable {
  ins: Ins;
  citizen_id: number;
}
