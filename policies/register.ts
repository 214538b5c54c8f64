// The register of exchanges: who may answer whom. Storage only; the rules stand in judge.ts. Requirements 25 to 27, 29.
import { sql } from 'kysely';
import type { Address } from '../src/core/address.ts';
import type { Db, Trx } from '../src/database/tables.ts';
import type { ExchangeState } from './facts.ts';
import type { ExchangeEffect } from './letter-effects.ts';
import type { ExchangesTable } from './schema.ts';

/** A citizen and a correspondent. */
export type Pair = { readonly citizenId: number; readonly correspondent: Address };

/** How things stand for many pairs, in one statement and in the order asked. */
export async function readExchanges(db: Db, pairs: readonly Pair[]): Promise<ExchangeState[]> {
  if (pairs.length === 0) return [];
  const { rows } = await sql<{ state: ExchangesTable['state'] | null }>`
    select exchanges.state
    from unnest(${pairs.map((pair) => pair.citizenId)}::bigint[], ${pairs.map((pair) => pair.correspondent)}::text[])
      with ordinality as asked (citizen_id, correspondent, at)
    left join exchanges using (citizen_id, correspondent)
    order by asked.at`.execute(db);
  return rows.map((row) => row.state ?? 'never-opened');
}

/**
 * Writes what letters changed, in the delivery's transaction. Of several effects on one pair the last wins.
 * Rows are taken in one order, so that two transactions never wait for each other; an unchanged row is left alone.
 */
export async function applyEffects(trx: Trx, effects: readonly ExchangeEffect[]): Promise<void> {
  const last = new Map(effects.map((effect) => [`${effect.citizenId} ${effect.correspondent}`, effect]));
  const rows = [...last.values()].sort((a, b) => a.citizenId - b.citizenId || (a.correspondent < b.correspondent ? -1 : 1));
  if (rows.length === 0) return;
  await sql`
    insert into exchanges (citizen_id, correspondent, state)
    select * from unnest(
      ${rows.map((row) => row.citizenId)}::bigint[],
      ${rows.map((row) => row.correspondent)}::text[],
      ${rows.map((row) => row.state)}::text[])
    on conflict (citizen_id, correspondent) do update set state = excluded.state, changed_at = now()
    where exchanges.state <> excluded.state`.execute(trx);
}
