// Professional mailboxes as the registry has them, red-listed and shut ones too: for directory admins, who see all of it.
import { sql } from 'kysely';
import type { Address } from '../src/core/address.ts';
import type { Db, Trx } from '../src/database/tables.ts';
import type { Practice } from './practices.ts';
import type { AddressesTable } from './schema.ts';
import type { BoxState } from './states.ts';

/** A mailbox, its holder, and what is practised there. What is not known is absent. */
export type RegisteredAddress = {
  readonly address: Address;
  readonly type: AddressesTable['type'];
  /** False: another operator's, known from the national extraction. */
  readonly isHosted: boolean;
  readonly state: BoxState;
  readonly stateSince: Date;
  readonly suspendedFor?: 'idle' | 'decision';
  readonly label: string;
  readonly description?: string;
  readonly service?: string;
  readonly professional?: {
    readonly rpps: string;
    readonly civility: string;
    readonly familyName: string;
    readonly givenName: string;
    readonly profession: string;
  };
  readonly structure?: { readonly structureId: string; readonly name: string };
  readonly isRedListed: boolean;
  readonly isPublished: boolean;
  readonly isPaperless: boolean;
  readonly isPreferred: boolean;
  readonly practices: readonly Practice[];
  readonly createdAt: Date;
  readonly createdBy?: string;
  readonly lastSignInAt?: Date;
};

type Row = Pick<AddressesTable, 'address' | 'type' | 'label' | 'description' | 'service' | 'suspended_for' | 'rpps' | 'structure_id'> & {
  hosted: boolean;
  state: BoxState;
  state_since: Date;
  red_list: boolean;
  published: boolean;
  paperless: boolean;
  preferred: boolean;
  created_at: Date;
  created_by: string | null;
  civility: string;
  family_name: string;
  given_name: string;
  profession: string;
  structure_name: string;
  last_at: Date | null;
  practices: Practice[] | null;
};

/** Those of these addresses that are registered, in one statement. */
export async function readAddresses(db: Db, addresses: readonly Address[]): Promise<Map<Address, RegisteredAddress>> {
  const { rows } = await sql<Row>`
    select a.*, p.civility, p.family_name, p.given_name, p.profession, s.name as structure_name, i.last_at,
      (select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
          'categoryCode', r.category_code, 'category', r.category, 'professionCode', r.profession_code, 'profession', r.profession,
          'skillCode', r.skill_code, 'skill', r.skill, 'structureId', r.structure_id, 'service', r.service)) order by r.position)
        from practices r where r.address = a.address) as practices
    from addresses a
      left join professionals p on p.rpps = a.rpps
      left join structures s on s.structure_id = a.structure_id
      left join sign_ins i on i.address = a.address
    where a.address = any(${addresses}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.address, registeredAddress(row)]));
}

/** Locks the rows of these addresses, in their order, for whoever is about to change many of them one by one. */
export async function lockAddresses(trx: Trx, addresses: readonly Address[]): Promise<void> {
  await sql`select from addresses where address = any(${addresses}::text[]) order by address for update`.execute(trx);
}

function registeredAddress(row: Row): RegisteredAddress {
  const { address, type, state, label, rpps, civility, profession } = row;
  return {
    address,
    type,
    isHosted: row.hosted,
    state,
    stateSince: row.state_since,
    ...(row.suspended_for !== null && { suspendedFor: row.suspended_for }),
    label,
    ...(row.description !== null && { description: row.description }),
    ...(row.service !== null && { service: row.service }),
    ...(rpps !== null && { professional: { rpps, civility, familyName: row.family_name, givenName: row.given_name, profession } }),
    ...(row.structure_id !== null && { structure: { structureId: row.structure_id, name: row.structure_name } }),
    isRedListed: row.red_list,
    isPublished: row.published,
    isPaperless: row.paperless,
    isPreferred: row.preferred,
    practices: row.practices ?? [],
    createdAt: row.created_at,
    ...(row.created_by !== null && { createdBy: row.created_by }),
    ...(row.last_at !== null && { lastSignInAt: row.last_at }),
  };
}
