// Matricules come and go (a provisional NIA becomes a NIR), the citizen stays: whoever had one keeps what belongs to them.
import { sql } from 'kysely';
import { type Ins, insArcOf } from '../src/core/ins.ts';
import type { Db, Trx } from '../src/database/tables.ts';

/** The citizens who have or had these matricules, by their stable number; those of nobody are absent from the answer. */
export async function findCitizens(db: Db, insList: readonly Ins[]): Promise<Map<Ins, number>> {
  const { rows } = await sql<{ ins: Ins; citizen_id: number }>`
    select ins, citizen_id from citizens where ins = any(${insList}::text[])
    union all
    select ins, citizen_id from former_matricules where ins = any(${insList}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.ins, row.citizen_id]));
}

/** A citizen who is to have another matricule than the one they have. What belongs to their address before (a mailbox, a login) is other folders' to move. */
export type MatriculeMove = { readonly citizenId: number; readonly from: Ins; readonly to: Ins };

/** Any number: with a citizen's below it, the advisory lock of PostgreSQL under which their matricule moves. */
const movingLock = 7_263_003;

/**
 * Until the transaction ends, nobody else moves the matricules of these citizens: what is read afterwards of how they are called stays so.
 * Taken before any mailbox is locked. Their rows are not locked by this.
 */
export async function lockMoves(trx: Trx, citizenIds: readonly number[]): Promise<void> {
  await sql`
    select pg_advisory_xact_lock((${movingLock}::bigint << 32) + citizen_id) from (
      select distinct citizen_id from unnest(${citizenIds}::bigint[]) chosen (citizen_id) order by citizen_id) sorted`.execute(trx);
}

/**
 * Gives a citizen another matricule, and the address it makes. Letters sent to the address before still arrive: the former matricule is
 * remembered. An identity of a test stays one. `unknown`: nobody has or had `from`. `taken`: somebody else has or had `to`. Repeating it
 * changes nothing.
 */
export async function replaceMatricule(trx: Trx, from: Ins, to: Ins): Promise<'replaced' | 'unknown' | 'taken'> {
  const known = await findCitizens(trx, [from, to]);
  const citizenId = known.get(from);
  if (citizenId === undefined) return 'unknown';
  if ((known.get(to) ?? citizenId) !== citizenId) return 'taken';
  await sql`
    with former as (
      insert into former_matricules (ins, citizen_id) select ins, citizen_id from citizens where citizen_id = ${citizenId} and ins <> ${to}
      on conflict do nothing)
    update citizens set ins = ${to}, ins_arc = case when ins_arc > 9 then ins_arc else ${insArcOf(to)} end
    where citizen_id = ${citizenId} and ins <> ${to}`.execute(trx);
  await sql`delete from former_matricules where ins = ${to}`.execute(trx);
  return 'replaced';
}
