// Citizens are told once for each correspondent that the time until a letter is read engages nobody.
import { sql } from 'kysely';
import type { Address } from '../src/core/address.ts';
import type { Trx } from '../src/database/tables.ts';

/**
 * Says of each letter of a citizen, in order, whether it is their first to this correspondent, and remembers it.
 * Of two equal pairs in one call, the first is. To be called in the transaction that owes the notice.
 */
export async function rememberLegalNotices(
  trx: Trx,
  pairs: readonly { readonly citizenId: number; readonly correspondent: Address }[],
  now: Date,
): Promise<boolean[]> {
  if (pairs.length === 0) return [];
  const { rows } = await sql<{ citizen_id: number; correspondent: Address }>`
    insert into legal_notices (citizen_id, correspondent, told_at)
    select citizen_id, correspondent, ${now}::timestamptz
    from unnest(${pairs.map((pair) => pair.citizenId)}::bigint[], ${pairs.map((pair) => pair.correspondent)}::text[])
      as told (citizen_id, correspondent)
    order by citizen_id, correspondent
    on conflict do nothing
    returning citizen_id, correspondent`.execute(trx);
  const fresh = new Set(rows.map((row) => `${row.citizen_id} ${row.correspondent}`));
  return pairs.map((pair) => fresh.delete(`${pair.citizenId} ${pair.correspondent}`));
}
