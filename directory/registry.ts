// Who exists: writing people, structures and their addresses into the registry, as feeds name them. Requirements 18 to 20.
// addresses.ts is for whoever writes one mailbox and wants an answer.
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
  /** True when the identity was verified (INSi). */
  readonly qualified?: boolean;
  readonly birthName: string;
  readonly firstGivenName: string;
  /** All given names of birth, in order. */
  readonly givenNames?: string;
  readonly usedName?: string;
  readonly usedGivenName?: string;
  readonly birthDate: string;
  /** INSEE code of the commune or the country, 5 characters. */
  readonly birthPlace?: string;
  readonly sex: 'F' | 'M';
};

/**
 * Writes a citizen, whose mailbox is created with them; `opposed` when they refused it before. `exists`: somebody has or had this
 * matricule, and nothing is changed.
 */
export async function createCitizen(
  db: Db,
  traits: CitizenTraits,
  state: 'created' | 'opposed' = 'created',
): Promise<'created' | 'exists'> {
  const arc = traits.arc ?? insArcOf(traits.ins);
  const { rows } = await sql`
    insert into citizens (ins, ins_arc, qualified, birth_name, first_given_name, given_names, used_name, used_given_name,
      birth_date, birth_place, sex, state)
    select ${traits.ins}, ${arc}::smallint, ${traits.qualified ?? false}, ${traits.birthName}, ${traits.firstGivenName},
      ${traits.givenNames ?? null}, ${traits.usedName ?? null}, ${traits.usedGivenName ?? null},
      ${traits.birthDate}, ${traits.birthPlace ?? null}, ${traits.sex}, ${state}
    where not exists (select from former_matricules where ins = ${traits.ins})
    on conflict (ins) do nothing
    returning citizen_id`.execute(db);
  return rows.length > 0 ? 'created' : 'exists';
}

/** The same for whoever needs the address: repeating it changes nothing, nor does naming someone by a matricule they had before. */
export async function registerCitizen(db: Db, traits: CitizenTraits, domain: string): Promise<Address> {
  await createCitizen(db, traits);
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

/** A structure, and its postal address in the columns of the national extraction. `structureId` is `1` + FINESS or `3` + SIRET. */
export type Structure = {
  readonly structureId: string;
  readonly name: string;
  /** Enseigne commerciale. */
  readonly sign?: string;
  /** 14 digits, beside a FINESS. */
  readonly siret?: string;
  readonly locationExtra?: string;
  readonly distributionExtra?: string;
  readonly streetNumber?: string;
  readonly streetNumberExtra?: string;
  readonly streetType?: string;
  readonly streetName?: string;
  readonly placeName?: string;
  /** `34000 MONTPELLIER` */
  readonly routingLine?: string;
  readonly postalCode?: string;
  readonly department?: string;
  readonly country?: string;
};

/** Writes a structure. Repeating it brings up to date what is given; what is not stays. */
export async function registerStructure(db: Db, structure: Structure): Promise<void> {
  const row = {
    name: structure.name,
    sign: structure.sign,
    siret: structure.siret,
    location_extra: structure.locationExtra,
    distribution_extra: structure.distributionExtra,
    street_number: structure.streetNumber,
    street_number_extra: structure.streetNumberExtra,
    street_type: structure.streetType,
    street_name: structure.streetName,
    place_name: structure.placeName,
    routing_line: structure.routingLine,
    postal_code: structure.postalCode,
    department: structure.department,
    country: structure.country,
  };
  await db
    .insertInto('structures')
    .values({ structure_id: structure.structureId, ...row })
    .onConflict((conflict) => conflict.column('structure_id').doUpdateSet(row))
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
