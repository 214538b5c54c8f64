// From an address to who holds it: the question the one path asks for every recipient. Only mailboxes kept here have a holder.
import { sql } from 'kysely';
import type { Address } from '../src/core/address.ts';
import type { Ins } from '../src/core/ins.ts';
import type { Db } from '../src/database/tables.ts';
import { insOf } from './citizen-addresses.ts';
import { citizenDisplayName } from './display-name.ts';
import type { AddressesTable } from './schema.ts';
import { type AddressState, type BoxState, type CitizenState, opennessOf, type Rights, rightsIn } from './states.ts';

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
  /** The state as the registry has it; `state` is what it means for letters. */
  readonly registryState: CitizenState;
  readonly rights: Rights;
};

export type ProfessionalHolder = {
  readonly kind: 'professional';
  readonly address: Address;
  readonly type: AddressesTable['type'];
  readonly displayName: string;
  readonly state: AddressState;
  readonly registryState: BoxState;
  readonly rights: Rights;
  /** Why it is suspended. */
  readonly suspendedFor?: 'idle' | 'decision';
  /** The person who holds it, for PER and CAB: what they choose may count for all their addresses. */
  readonly rpps?: string;
};

type Row = {
  asked: Address | Ins;
  citizen_id: number | null;
  birth_name: string | null;
  first_given_name: string | null;
  registry_state: string;
  type: AddressesTable['type'] | null;
  label: string | null;
  rpps: string | null;
  suspended_for: AddressesTable['suspended_for'];
};

/**
 * Finds the holders of many addresses in one statement, an index probe each; addresses that nobody here holds are absent from the
 * answer. `domain` is the citizens'.
 */
export async function resolveAddresses(db: Db, domain: string, addresses: readonly Address[]): Promise<Map<Address, Holder>> {
  const byIns = new Map<Ins, Address>();
  const others: Address[] = [];
  for (const address of addresses) {
    const ins = insOf(address, domain);
    if (ins) byIns.set(ins, address);
    else others.push(address);
  }
  const insList = [...byIns.keys()];
  const { rows } = await sql<Row>`
    select ins as asked, citizen_id, birth_name, first_given_name, state as registry_state,
      null as type, null as label, null as rpps, null as suspended_for
    from citizens where ins = any(${insList}::text[])
    union all
    select f.ins, c.citizen_id, c.birth_name, c.first_given_name, c.state, null, null, null, null
    from former_matricules f join citizens c on c.citizen_id = f.citizen_id where f.ins = any(${insList}::text[])
    union all
    select address, null, null, null, state, type, label, rpps, suspended_for
    from addresses where hosted and address = any(${others}::text[])`.execute(db);
  const found = rows.map((row) => holderOf(byIns.get(row.asked as Ins) ?? (row.asked as Address), row));
  return new Map(found.map((holder) => [holder.address, holder]));
}

function holderOf(address: Address, row: Row): Holder {
  if (row.citizen_id !== null) {
    const registryState = row.registry_state as CitizenState;
    const displayName = citizenDisplayName({ birthName: row.birth_name ?? '', firstGivenName: row.first_given_name ?? '' });
    const state = opennessOf(registryState);
    return { kind: 'citizen', address, citizenId: row.citizen_id, displayName, state, registryState, rights: rightsIn(registryState) };
  }
  const registryState = row.registry_state as BoxState;
  const type = row.type as ProfessionalHolder['type'];
  // A structure's mailbox is nobody's own, even when someone answers for it.
  const isPersonal = type === 'PER' || type === 'CAB';
  return {
    kind: 'professional',
    address,
    type,
    displayName: row.label ?? '',
    state: opennessOf(registryState),
    registryState,
    rights: rightsIn(registryState),
    ...(row.suspended_for && { suspendedFor: row.suspended_for }),
    ...(isPersonal && row.rpps !== null && { rpps: row.rpps }),
  };
}
