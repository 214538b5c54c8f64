// Professional mailboxes of this gateway in the registry, written one at a time by directory admins. Requirements 18 to 20.
// What may change does; the address, its type and its holder are for ever. Who preferred another mailbox is asked to hold no two.
import { sql } from 'kysely';
import { type Address, localPart } from '../src/core/address.ts';
import { parseIns } from '../src/core/ins.ts';
import type { Trx } from '../src/database/tables.ts';
import type { AddressesTable } from './schema.ts';

/** What may be changed of a mailbox at any time. Null takes a text away. */
export type AddressChanges = {
  readonly label?: string;
  readonly description?: string | null;
  /** Service de rattachement. */
  readonly service?: string | null;
  readonly redList?: boolean;
  readonly published?: boolean;
  /** Takes documents without paper. */
  readonly paperless?: boolean;
  /** True takes the preference away from the holder's other mailboxes. */
  readonly preferred?: boolean;
};

/** A mailbox to be: PER and CAB need the RPPS of a person, ORG and APP a structure, and each may name the other besides. */
export type NewAddress = AddressChanges & {
  readonly address: Address;
  readonly type: AddressesTable['type'];
  readonly label: string;
  readonly rpps?: string;
  readonly structureId?: string;
  /** `active` unless it is only prepared. */
  readonly state?: 'pending' | 'active';
};

/**
 * `exists`: as wanted, or with other words and wishes, which stay. `type-mismatch`, `holder-mismatch`: there is one of another type, or of
 * somebody else. `holder-missing`: the type asks for a person or a structure that is not named. `holder-unknown`: who is named is not
 * registered. `matricule`: such an address is a citizen's, and appears with them.
 */
export type CreateAnswer = 'created' | 'exists' | 'type-mismatch' | 'holder-mismatch' | 'holder-missing' | 'holder-unknown' | 'matricule';

/** Writes a mailbox of this gateway. One that was listed as another operator's, of that type and holder, becomes ours. */
export async function createAddress(trx: Trx, box: NewAddress): Promise<CreateAnswer> {
  if (parseIns(localPart(box.address))) return 'matricule';
  const needed = holderColumn(box.type);
  if ((needed === 'rpps' ? box.rpps : box.structureId) === undefined) return 'holder-missing';
  if (!(await holdersAreKnown(trx, box))) return 'holder-unknown';
  const row = {
    label: box.label,
    rpps: box.rpps ?? null,
    structure_id: box.structureId ?? null,
    state: box.state ?? 'active',
    ...columnsOf({ redList: false, published: true, paperless: false, ...box }),
    preferred: false,
  };
  const inserted = await trx
    .insertInto('addresses')
    .values({ address: box.address, type: box.type, ...row })
    .onConflict((conflict) => conflict.column('address').doNothing())
    .returning('address')
    .execute();
  if (inserted.length === 0) {
    const there = await trx.selectFrom('addresses').selectAll().where('address', '=', box.address).forUpdate().executeTakeFirstOrThrow();
    if (there.type !== box.type) return 'type-mismatch';
    if (there[needed] !== row[needed]) return 'holder-mismatch';
    if (there.hosted) return 'exists';
    await trx
      .updateTable('addresses')
      .set({ ...row, hosted: true, state_since: sql<Date>`now()`, suspended_for: null })
      .where('address', '=', box.address)
      .execute();
  }
  if (box.preferred) await prefer(trx, box.address);
  return 'created';
}

/** Changes what may change of a mailbox of this gateway. What a person publishes or withdraws is so by their decision. */
export async function updateAddress(trx: Trx, address: Address, changes: AddressChanges): Promise<'changed' | 'unchanged' | 'unknown'> {
  const preferredNow = changes.preferred === true && (await prefer(trx, address));
  const there = await trx
    .selectFrom('addresses')
    .selectAll()
    .where('address', '=', address)
    .where('hosted', '=', true)
    .forUpdate()
    .executeTakeFirst();
  if (!there) return 'unknown';
  const row = columnsOf(changes);
  const differs = Object.entries(row).some(([column, value]) => there[column as keyof typeof row] !== value);
  if (differs) await trx.updateTable('addresses').set(row).where('address', '=', address).execute();
  return differs || preferredNow ? 'changed' : 'unchanged';
}

/** True when it was not the preferred one. The holder is locked, then their mailboxes in the order of their addresses. */
async function prefer(trx: Trx, address: Address): Promise<boolean> {
  const mine = await trx
    .selectFrom('addresses')
    .select(['type', 'rpps', 'structure_id'])
    .where('address', '=', address)
    .where('hosted', '=', true)
    .executeTakeFirst();
  if (!mine) return false;
  const column = holderColumn(mine.type);
  // Choices of one holder come one after the other: the later one sees the mailbox that the other has just created.
  if (column === 'rpps') await sql`select from professionals where rpps = ${mine.rpps} for no key update`.execute(trx);
  else await sql`select from structures where structure_id = ${mine.structure_id} for no key update`.execute(trx);
  const rows = await trx
    .selectFrom('addresses')
    .select(['address', 'preferred'])
    .where(column, '=', mine[column])
    .where('type', 'in', column === 'rpps' ? ['PER', 'CAB'] : ['ORG', 'APP'])
    .orderBy('address')
    .forUpdate()
    .execute();
  if (rows.some((row) => row.preferred && row.address === address)) return false;
  // One after the other: an index keeps two from being preferred, row by row.
  await sql`update addresses set preferred = false where preferred and address = any(${rows.map((row) => row.address)}::text[])`.execute(
    trx,
  );
  await sql`update addresses set preferred = true where address = ${address}`.execute(trx);
  return true;
}

function holderColumn(type: AddressesTable['type']): 'rpps' | 'structure_id' {
  return type === 'PER' || type === 'CAB' ? 'rpps' : 'structure_id';
}

async function holdersAreKnown(trx: Trx, { rpps, structureId }: NewAddress): Promise<boolean> {
  const { rows } = await sql<{ known: boolean }>`
    select (${rpps ?? null}::text is null or exists (select from professionals where rpps = ${rpps ?? null}))
      and (${structureId ?? null}::text is null or exists (select from structures where structure_id = ${structureId ?? null})) as known`.execute(
    trx,
  );
  return rows[0]?.known === true;
}

// `preferred: true` is the business of prefer().
function columnsOf(changes: AddressChanges) {
  const { label, description, service, redList, published, paperless, preferred } = changes;
  return {
    ...(label !== undefined && { label }),
    ...(description !== undefined && { description }),
    ...(service !== undefined && { service }),
    ...(redList !== undefined && { red_list: redList }),
    ...(published !== undefined && { published, unpublished_for: null }),
    ...(paperless !== undefined && { paperless }),
    ...(preferred === false && { preferred }),
  };
}
