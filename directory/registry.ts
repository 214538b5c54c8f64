// Who exists: writing people, structures and their addresses into the registry. Requirements 18 to 20.
import { sql } from 'kysely';
import type { Address } from '../src/core/address.ts';
import { type Ins, type InsArc, insArcOf } from '../src/core/ins.ts';
import type { Db } from '../src/database/tables.ts';
import { citizenAddress } from './citizen-addresses.ts';
import type { AddressesTable } from './schema.ts';

/** The traits that, with the matricule, make an identity. `birthDate` is ISO 8601 (`1979-03-28`). */
export type CitizenTraits = {
  readonly ins: Ins;
  /** Who gave the matricule; what its first digit says when absent. */
  readonly arc?: InsArc;
  readonly birthName: string;
  readonly firstGivenName: string;
  readonly birthDate: string;
  readonly sex: 'F' | 'M';
};

/**
 * Writes a citizen, whose mailbox is created with them, and returns its address. Repeating it changes nothing, nor does naming someone by
 * a matricule they had before.
 */
export async function registerCitizen(db: Db, traits: CitizenTraits, domain: string): Promise<Address> {
  const arc = traits.arc ?? insArcOf(traits.ins);
  await sql`
    insert into citizens (ins, ins_arc, birth_name, first_given_name, birth_date, sex)
    select ${traits.ins}, ${arc}::smallint, ${traits.birthName}, ${traits.firstGivenName}, ${traits.birthDate}, ${traits.sex}
    where not exists (select from former_matricules where ins = ${traits.ins})
    on conflict (ins) do nothing`.execute(db);
  return citizenAddress(traits.ins, domain);
}

/** A professional, as the national directory names one. `rpps` has 11 digits. */
export type Professional = {
  readonly rpps: string;
  readonly civility: string;
  readonly familyName: string;
  readonly givenName: string;
  readonly profession: string;
};

/** Writes a professional. Repeating it brings names up to date. */
export async function registerProfessional(db: Db, person: Professional): Promise<void> {
  const row = { civility: person.civility, family_name: person.familyName, given_name: person.givenName, profession: person.profession };
  await db
    .insertInto('professionals')
    .values({ rpps: person.rpps, ...row })
    .onConflict((conflict) => conflict.column('rpps').doUpdateSet(row))
    .execute();
}

/** Writes a structure: `structureId` is `1` + FINESS or `3` + SIRET. */
export async function registerStructure(db: Db, structure: { structureId: string; name: string }): Promise<void> {
  await db
    .insertInto('structures')
    .values({ structure_id: structure.structureId, name: structure.name })
    .onConflict((conflict) => conflict.column('structure_id').doUpdateSet({ name: structure.name }))
    .execute();
}

/** A professional's address: PER and CAB name a person, ORG and APP a structure. The database refuses the rest. Requirement 20. */
export type ProfessionalAddress = {
  readonly address: Address;
  readonly type: AddressesTable['type'];
  readonly label: string;
  readonly rpps?: string;
  readonly structureId?: string;
  readonly redList?: boolean;
};

/** Writes an address; on one that exists only label and red list change, for address and type are for ever. */
export async function registerAddress(db: Db, box: ProfessionalAddress): Promise<void> {
  const changing = { label: box.label, red_list: box.redList ?? false };
  await db
    .insertInto('addresses')
    .values({ address: box.address, type: box.type, rpps: box.rpps ?? null, structure_id: box.structureId ?? null, ...changing })
    .onConflict((conflict) => conflict.column('address').doUpdateSet(changing))
    .execute();
}
