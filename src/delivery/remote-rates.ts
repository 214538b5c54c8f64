// How often the server of somebody else is asked, over all processes: a bucket of tokens for each. It fills evenly and holds a tenth of
// a minute's tokens, so that a burst after a silence is short.
import { sql } from 'kysely';
import type { Db } from '../database/tables.ts';

const minuteMs = 60_000;

/** Nobody is told to come back later than that: the rate may have been raised, those who waited may have gone. In minutes. */
const longestWait = 10;

/** Processes agree on the time to within this; a clock that is behind by more was set back. In minutes. */
const longestDisagreement = 1;

/**
 * Takes a token of `remote`. Undefined when there was one; else an instant at which there may be one. Those who are refused are told
 * instants one after another, at the pace of the tokens: a thousand that wait do not all come back for the same one.
 */
export async function takeTurn(db: Db, remote: string, perMinute: number, now: Date): Promise<Date | undefined> {
  const size = Math.max(1, perMinute / 10);
  const tokenMs = minuteMs / perMinute;
  // A clock that goes backwards fills nothing, and fills again from there when it was set back; what a bucket held before the setting
  // was lowered is lost.
  const available = sql`least(${size}::double precision,
    rate.tokens + greatest(0, extract(epoch from ${now}::timestamptz - rate.at)) * 1000 / ${tokenMs}::double precision)`;
  const isFree = sql`${available} >= 1`;
  const oneToken = sql`${tokenMs}::double precision * interval '1 millisecond'`;
  // When the next token is whole, or behind those who were told an instant already; past the longest wait, among them from the start.
  const next = sql`${now}::timestamptz + (1 - ${available}) * ${oneToken}`;
  const behind = sql`rate.promised_at + ${oneToken}`;
  const turn = sql`case when ${behind} between ${next} and ${now}::timestamptz + ${longestWait} * interval '1 minute' then ${behind} else ${next} end`;
  const { rows } = await sql<{ told_at: Date | null }>`
    insert into remote_rates as rate (remote, tokens, at, promised_at, told_at)
    values (${remote}, ${size}::double precision - 1, ${now}, ${now}, null)
    on conflict (remote) do update set
      tokens = case when ${isFree} then ${available} - 1 else ${available} end,
      at = case when rate.at > excluded.at + ${longestDisagreement} * interval '1 minute' then excluded.at
        else greatest(rate.at, excluded.at) end,
      promised_at = case when ${isFree} then rate.promised_at else ${turn} end,
      told_at = case when ${isFree} then null else ${turn} end
    returning told_at`.execute(db);
  return rows[0]?.told_at ?? undefined;
}
