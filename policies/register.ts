// The register of exchanges: what stands between a citizen and a correspondent, and how letters change it. Storage only; the rules
// stand in judge.ts and letter-effects.ts. Requirements 25 to 30, 32, 33.
import { sql } from 'kysely';
import type { Address } from '../src/core/address.ts';
import type { Db, Trx } from '../src/database/tables.ts';
import { together } from '../src/database/together.ts';
import type { Blocker } from './blocker.ts';
import type { Standing } from './facts.ts';
import type { ExchangeEffect } from './letter-effects.ts';
import { parisDay } from './paris-day.ts';

/** A citizen and a correspondent. */
export type Pair = {
  readonly citizenId: number;
  readonly correspondent: Address;
  /** Whose blocks count for this correspondent; absent for those of other operators, whose blocks are not kept here. */
  readonly blocker?: Blocker;
};

/**
 * How things stand for many pairs on the day of `now`, in one statement and in the order asked. Lookups by key rather than joins:
 * a join of six tables takes PostgreSQL longer to plan than to carry out.
 */
export async function readStandings(db: Db, pairs: readonly Pair[], now: Date): Promise<Standing[]> {
  if (pairs.length === 0) return [];
  const { rows } = await sql<Standing>`
    select
      coalesce((
        select state from exchanges
        where citizen_id = asked.citizen_id and correspondent = asked.correspondent), 'never-opened') as "exchange",
      exists (
        select from blocks
        where blocker = asked.blocker and citizen_id = asked.citizen_id) as "isBlocked",
      coalesce((
        select case when daily_limit > coalesce((
            select letters from first_letters
            where day = ${parisDay(now)}::date and citizen_id = asked.citizen_id and correspondent = asked.correspondent), 0)
          then 'yes' else 'not-today' end
        from first_contacts
        where correspondent = asked.correspondent and (audience = 'everyone' or audience = 'listed' and exists (
          select from first_contact_guests
          where correspondent = asked.correspondent and citizen_id = asked.citizen_id))), 'no') as "mayWriteFirst"
    from unnest(
        ${pairs.map((pair) => pair.citizenId)}::bigint[],
        ${pairs.map((pair) => pair.correspondent)}::text[],
        ${pairs.map((pair) => pair.blocker ?? null)}::text[])
      with ordinality as asked (citizen_id, correspondent, blocker, at)
    order by asked.at`.execute(db);
  return rows;
}

/** One exchange as it was written, for whoever asks why: who opened and ended it, and when. */
export type Exchange = {
  readonly state: 'open' | 'ended';
  readonly opened?: { readonly by: Address; readonly at: Date };
  /** Present while it is ended. */
  readonly ended?: { readonly by: Address; readonly at: Date };
};

/** The exchange of one pair; undefined when none was ever opened or ended. */
export async function readExchange(db: Db, pair: Pick<Pair, 'citizenId' | 'correspondent'>): Promise<Exchange | undefined> {
  const row = await db
    .selectFrom('exchanges')
    .select(['state', 'opened_by', 'opened_at', 'ended_by', 'ended_at'])
    .where('citizen_id', '=', pair.citizenId)
    .where('correspondent', '=', pair.correspondent)
    .executeTakeFirst();
  return (
    row && {
      state: row.state,
      ...(row.opened_by && row.opened_at && { opened: { by: row.opened_by, at: row.opened_at } }),
      ...(row.ended_by && row.ended_at && { ended: { by: row.ended_by, at: row.ended_at } }),
    }
  );
}

type RowEffect = Exclude<ExchangeEffect, { readonly do: 'end-all' }>;
type Sweep = Extract<ExchangeEffect, { readonly do: 'end-all' }>;

/** What one statement can write: every row named once, after a sweep when there is one. */
type Round = { readonly sweep?: Sweep; readonly rows: Map<string, RowEffect> };

/**
 * Writes what letters and commands changed, in the given order; an unchanged row is left alone. A letter that names a Reply-To opens
 * the exchange in somebody else's name: it never takes over one that the correspondent opened itself, which `[FIN]` of the other
 * would then end. One statement as long as no row is named twice, whatever the number of effects.
 */
export async function applyEffects(trx: Trx, effects: readonly ExchangeEffect[], now: Date): Promise<void> {
  await together(
    inRounds(effects).flatMap(({ sweep, rows }) => [
      ...(sweep ? [writeSweep(trx, sweep, now)] : []),
      writeRows(trx, [...rows.values()], now),
    ]),
  );
}

function inRounds(effects: readonly ExchangeEffect[]): Round[] {
  const rounds: Round[] = [];
  for (const effect of effects) {
    if (effect.do === 'end-all') {
      const own: RowEffect = { do: 'end', citizenId: effect.citizenId, correspondent: effect.openedBy, endedBy: effect.openedBy };
      rounds.push({ sweep: effect, rows: new Map([[rowOf(own), own]]) });
      continue;
    }
    const earlier = rounds.at(-1)?.rows.get(rowOf(effect));
    if (earlier && earlier.do === effect.do && byWhom(earlier) === byWhom(effect)) continue;
    if (earlier || rounds.length === 0) rounds.push({ rows: new Map() });
    rounds.at(-1)?.rows.set(rowOf(effect), effect);
  }
  return rounds;
}

const rowOf = ({ citizenId, correspondent }: Pick<Pair, 'citizenId' | 'correspondent'>): string => `${citizenId} ${correspondent}`;
const byWhom = (effect: RowEffect): Address => (effect.do === 'open' ? effect.openedBy : effect.endedBy);

// The rows are taken in the order of their key, so that two transactions never wait for each other in a ring.
async function writeRows(trx: Trx, effects: readonly RowEffect[], now: Date): Promise<void> {
  await sql`
    insert into exchanges (citizen_id, correspondent, state, opened_by, opened_at, ended_by, ended_at)
    select citizen_id, correspondent, state,
      case state when 'open' then by_whom end, case state when 'open' then ${now}::timestamptz end,
      case state when 'ended' then by_whom end, case state when 'ended' then ${now}::timestamptz end
    from unnest(
        ${effects.map((effect) => effect.citizenId)}::bigint[],
        ${effects.map((effect) => effect.correspondent)}::text[],
        ${effects.map((effect) => (effect.do === 'open' ? 'open' : 'ended'))}::text[],
        ${effects.map(byWhom)}::text[])
      as written (citizen_id, correspondent, state, by_whom)
    order by citizen_id, correspondent
    on conflict (citizen_id, correspondent) do update set
      state = excluded.state,
      opened_by = coalesce(excluded.opened_by, exchanges.opened_by),
      opened_at = coalesce(excluded.opened_at, exchanges.opened_at),
      ended_by = excluded.ended_by,
      ended_at = excluded.ended_at
    where exchanges.state <> excluded.state
      or excluded.state = 'open' and exchanges.opened_by not in (excluded.opened_by, exchanges.correspondent)`.execute(trx);
}

async function writeSweep(trx: Trx, { citizenId, openedBy }: Sweep, now: Date): Promise<void> {
  await sql`
    with opened as (
      select citizen_id, correspondent from exchanges
      where citizen_id = ${citizenId} and opened_by = ${openedBy} and state = 'open'
      order by citizen_id, correspondent for no key update)
    update exchanges set state = 'ended', ended_by = ${openedBy}, ended_at = ${now}
    from opened where exchanges.citizen_id = opened.citizen_id and exchanges.correspondent = opened.correspondent`.execute(trx);
}

/** A letter and a citizen who received it. */
export type SeenLetter = {
  readonly citizenId: number;
  /** 32 bytes recognising the letter, however often it comes. */
  readonly fingerprint: Buffer;
};

/**
 * Remembers letters, and says of each, in order, whether it is seen for the first time: a letter that comes again must change
 * nothing. Of two equal ones in one call, the first is. To be called in the transaction that applies their effects.
 */
export async function rememberLetters(trx: Trx, letters: readonly SeenLetter[], now: Date): Promise<boolean[]> {
  if (letters.length === 0) return [];
  const { rows } = await sql<{ citizen_id: number; fingerprint: Buffer }>`
    insert into register_letters (citizen_id, fingerprint, seen_at)
    select citizen_id, fingerprint, ${now}::timestamptz
    from unnest(
        ${letters.map((letter) => letter.citizenId)}::bigint[],
        ${letters.map((letter) => letter.fingerprint)}::bytea[])
      as seen (citizen_id, fingerprint)
    order by citizen_id, fingerprint
    on conflict do nothing
    returning citizen_id, fingerprint`.execute(trx);
  const fresh = new Set(rows.map((row) => `${row.citizen_id} ${row.fingerprint.toString('hex')}`));
  return letters.map((letter) => fresh.delete(`${letter.citizenId} ${letter.fingerprint.toString('hex')}`));
}

/**
 * Counts letters that citizens wrote first, on the day of `now`. To be called in the transaction whose standings allowed them, one
 * letter of a pair at a time: letters judged by one standing would pass the day's number together.
 */
export async function countFirstLetters(trx: Trx, pairs: readonly Pair[], now: Date): Promise<void> {
  if (pairs.length === 0) return;
  await sql`
    insert into first_letters (day, citizen_id, correspondent, letters)
    select ${parisDay(now)}::date, citizen_id, correspondent, count(*)
    from unnest(
        ${pairs.map((pair) => pair.citizenId)}::bigint[],
        ${pairs.map((pair) => pair.correspondent)}::text[])
      as written (citizen_id, correspondent)
    group by citizen_id, correspondent
    order by citizen_id, correspondent
    on conflict (day, citizen_id, correspondent) do update set letters = first_letters.letters + excluded.letters`.execute(trx);
}

/**
 * Forgets at most `limit` letters seen before a moment, and returns how many there were: fewer than `limit` when it is done.
 * The counts of first letters of the days before go too.
 */
export async function forgetRegisterLetters(db: Db, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    with days as (delete from first_letters where day < ${parisDay(before)}::date)
    delete from register_letters where (citizen_id, fingerprint) in (
      select citizen_id, fingerprint from register_letters where seen_at < ${before} order by seen_at limit ${limit})`.execute(db);
  return Number(numAffectedRows);
}
