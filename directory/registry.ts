// Who exists: writing people, structures and their addresses into the registry. Requirements 18 to 20.
import { sql } from 'kysely';
import type { Address } from '../src/core/address.ts';
import { parseAddress } from '../src/core/address.ts';
import type { Ins } from '../src/core/ins.ts';
import type { Db } from '../src/database/tables.ts';
import type { AddressState, AddressType } from './schema.ts';

/** The traits that, with the matricule, make an identity. `birthDate` is ISO 8601 (`1979-03-28`). */
export type CitizenTraits = {
  readonly ins: Ins;
  readonly birthName: string;
  readonly firstGivenName: string;
  readonly birthDate: string;
  readonly sex: 'F' | 'M';
};

/** A citizen's display name, as correspondents see it: `Dominique PAT-TROIS`. Requirement 34. */
export function citizenDisplayName(traits: Pick<CitizenTraits, 'birthName' | 'firstGivenName'>): string {
  const given = traits.firstGivenName
    .toLocaleLowerCase('fr')
    .replace(/(^|[\s'-])(\p{L})/gu, (_, before, letter) => before + letter.toLocaleUpperCase('fr'));
  return `${given} ${traits.birthName.toLocaleUpperCase('fr')}`;
}

/** Writes a citizen and the address `<INS>@<domain>`. Repeating it changes nothing, nor does naming someone by a matricule they had before. */
export async function registerCitizen(db: Db, traits: CitizenTraits, domain: string): Promise<Address> {
  const address = parseAddress(`${traits.ins}@${domain}`);
  if (!address) throw new Error('The citizens’ domain is not a mail domain');
  await sql`
    with person as (
      insert into citizens (ins, birth_name, first_given_name, birth_date, sex)
      select ${traits.ins}, ${traits.birthName}, ${traits.firstGivenName}, ${traits.birthDate}, ${traits.sex}
      where not exists (select from addresses where address = ${address})
      on conflict (ins) do update set ins = excluded.ins
      returning citizen_id)
    insert into addresses (address, type, label, citizen_id)
    select ${address}, 'CITIZEN', ${citizenDisplayName(traits)}, citizen_id from person
    on conflict (address) do nothing`.execute(db);
  return address;
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
  readonly type: Exclude<AddressType, 'CITIZEN'>;
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
    .values({
      address: box.address,
      type: box.type,
      rpps: box.rpps ?? null,
      structure_id: box.structureId ?? null,
      citizen_id: null,
      ...changing,
    })
    .onConflict((conflict) => conflict.column('address').doUpdateSet(changing))
    .execute();
}

/**
 * Opens, suspends or closes a mailbox's address; false when it does not exist. A citizen has one mailbox, so all their addresses change.
 * Only a citizen's may be `opposed`.
 */
export async function setAddressState(db: Db, address: Address, state: AddressState): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update addresses set state = ${state}
    where address = ${address} or citizen_id = (select citizen_id from addresses where address = ${address})`.execute(db);
  return (numAffectedRows ?? 0n) > 0n;
}
