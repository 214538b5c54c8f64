// From an address to who holds it: the question the one path asks for every recipient.
import { sql } from 'kysely';
import type { Address } from '../src/core/address.ts';
import type { Db } from '../src/database/tables.ts';
import type { AddressState, AddressType } from './schema.ts';

/** Who holds an address of this gateway, and what the rules need to know of them. */
export type Holder = CitizenHolder | ProfessionalHolder;

export type CitizenHolder = {
  readonly kind: 'citizen';
  readonly address: Address;
  /** Stable for life, whatever becomes of the matricule. */
  readonly citizenId: number;
  /** `Dominique PAT-TROIS` */
  readonly displayName: string;
  readonly state: AddressState;
};

export type ProfessionalHolder = {
  readonly kind: 'professional';
  readonly address: Address;
  readonly type: Exclude<AddressType, 'CITIZEN'>;
  readonly displayName: string;
  readonly state: AddressState;
  /** The person who holds it, for PER and CAB: what they choose may count for all their addresses. */
  readonly rpps?: string;
};

/** Finds the holders of many addresses in one statement; addresses that nobody holds are absent from the answer. */
export async function resolveAddresses(db: Db, addresses: readonly Address[]): Promise<Map<Address, Holder>> {
  type Row = {
    address: Address;
    type: AddressType;
    state: AddressState;
    label: string;
    citizen_id: number | null;
    rpps: string | null;
  };
  const { rows } = await sql<Row>`
    select address, type, state, label, citizen_id, rpps from addresses where address = any(${addresses}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.address, holderOf(row)]));

  function holderOf(row: Row): Holder {
    const { address, state, label: displayName } = row;
    // The table's check keeps citizen_id and the type CITIZEN together.
    if (row.citizen_id !== null) return { kind: 'citizen', address, citizenId: row.citizen_id, displayName, state };
    const type = row.type as ProfessionalHolder['type'];
    // A structure's mailbox is nobody's own, even when someone answers for it.
    const isPersonal = type === 'PER' || type === 'CAB';
    return { kind: 'professional', address, type, displayName, state, ...(isPersonal && row.rpps !== null && { rpps: row.rpps }) };
  }
}
