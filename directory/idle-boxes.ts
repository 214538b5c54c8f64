// Professional mailboxes that nobody opens: their holder is written to, then they are suspended, then they leave the address book. Whoever
// signs in again finds everything as it was. Requirement 21, domain.md §1.5: the delays are the operator's.
// An APP mailbox has no holder who signs in: it belongs to a program, and is left alone.
import { sql } from 'kysely';
import type { Address } from '../src/core/address.ts';
import type { Db, Trx } from '../src/database/tables.ts';

/** Silence before each step, in milliseconds; 0: the step never comes. */
export type IdleDelays = { readonly noticeMs: number; readonly suspendMs: number; readonly unpublishMs: number };

/** What is due to a mailbox in the silence that began at `since`. */
export type IdleStep = { readonly address: Address; readonly since: Date; readonly steps: readonly ('notice' | 'suspend' | 'unpublish')[] };

type Row = { address: Address; is_open: boolean; published: boolean; since: Date; noticed_at: Date | null };

/**
 * Looks at up to `limit` mailboxes after an address, in their order, and says what is due at `now`; `last` is the last one looked at,
 * undefined when there are no more. A silence counts from the last sign-in, or from the opening when there was none since. A step after
 * the notice comes no sooner after it than the two delays are apart, even where the delays are new and the silence old: nobody is
 * shut out who was not warned.
 */
export async function listIdle(
  db: Db,
  delays: IdleDelays,
  now: Date,
  after: Address | '',
  limit: number,
): Promise<{ due: IdleStep[]; last: Address | undefined }> {
  // To the millisecond, as a Date: a silence is known again by its beginning.
  const { rows } = await sql<Row>`
    with looked_at as (
      select address, state, published, created_at, state_since from addresses
      where address > ${after} and hosted and type <> 'APP' and (state in ('active', 'reopened') or suspended_for = 'idle')
      order by address limit ${limit}),
    silent as (
      select a.address, a.state <> 'suspended' as is_open, a.published, s.since as known_since, s.noticed_at,
        date_trunc('milliseconds', greatest(
          a.created_at, i.last_at, case when a.state = 'suspended' then s.since else a.state_since end)) as since
      from looked_at a left join sign_ins i on i.address = a.address left join silences s on s.address = a.address)
    select address, is_open, published, since, case when known_since = since then noticed_at end as noticed_at
    from silent order by address`.execute(db);
  const due = rows.map((row) => stepsOf(row, delays, now)).filter((one) => one.steps.length > 0);
  return { due, last: rows.length < limit ? undefined : rows.at(-1)?.address };
}

function stepsOf(row: Row, { noticeMs, suspendMs, unpublishMs }: IdleDelays, now: Date): IdleStep {
  const past = (from: Date, delayMs: number) => delayMs > 0 && now.getTime() - from.getTime() >= delayMs;
  const wasWarned = (delayMs: number) =>
    noticeMs === 0 || (row.noticed_at !== null && now.getTime() - row.noticed_at.getTime() >= delayMs - noticeMs);
  const steps = [
    ...(row.is_open && row.noticed_at === null && past(row.since, noticeMs) ? (['notice'] as const) : []),
    ...(row.is_open && past(row.since, suspendMs) && wasWarned(suspendMs) ? (['suspend'] as const) : []),
    ...(row.published && past(row.since, unpublishMs) && wasWarned(unpublishMs) ? (['unpublish'] as const) : []),
  ];
  return { address: row.address, since: row.since, steps };
}

/**
 * Takes the steps that are due; writing to the holder is the caller's. A mailbox whose holder came back meanwhile, or about which
 * somebody decided, is left as it is. Twice is harmless.
 */
export async function takeIdleSteps(trx: Trx, due: readonly IdleStep[], now: Date): Promise<{ suspended: number; unpublished: number }> {
  const having = (step: IdleStep['steps'][number]) => due.filter(({ steps }) => steps.includes(step)).map(({ address }) => address);
  const addresses = due.map(({ address }) => address);
  const since = due.map((one) => one.since);
  await sql`select from addresses where address = any(${addresses}::text[]) order by address for update`.execute(trx);
  const noticed = having('notice');
  await sql`
    insert into silences as s (address, since, noticed_at)
    select address, since, case when address = any(${noticed}::text[]) then ${now}::timestamptz end
    from unnest(${addresses}::text[], ${since}::timestamptz[]) as due (address, since)
    on conflict (address) do update set since = excluded.since,
      noticed_at = case when s.since = excluded.since then coalesce(s.noticed_at, excluded.noticed_at) else excluded.noticed_at end`.execute(
    trx,
  );
  const suspended = await sql`
    update addresses a set state = 'suspended', suspended_for = 'idle', state_since = now()
    from silences s left join sign_ins i on i.address = s.address
    where a.address = any(${having('suspend')}::text[]) and a.state in ('active', 'reopened') and s.address = a.address
      and (i.last_at is null or i.last_at <= s.since + interval '1 millisecond')`.execute(trx);
  const unpublished = await sql`
    update addresses a set published = false, unpublished_for = 'idle'
    from silences s left join sign_ins i on i.address = s.address
    where a.address = any(${having('unpublish')}::text[]) and a.published and s.address = a.address
      and (i.last_at is null or i.last_at <= s.since + interval '1 millisecond')`.execute(trx);
  return { suspended: Number(suspended.numAffectedRows), unpublished: Number(unpublished.numAffectedRows) };
}

/** True while the silence that began at `since` lasts, in a mailbox that is open: its holder may still be written to about it. */
export async function isStillSilent(db: Db, address: Address, since: Date): Promise<boolean> {
  const { rows } = await sql`
    select from addresses a left join sign_ins i on i.address = a.address
    where a.address = ${address} and a.hosted and a.state in ('active', 'reopened')
      and (i.last_at is null or i.last_at <= ${since}::timestamptz + interval '1 millisecond')`.execute(db);
  return rows.length > 0;
}

/**
 * The holder has come back, and signs in: a suspension or a withdrawal that silence alone had brought ends, and nothing else does. True when there
 * was one.
 */
export async function endIdleness(trx: Trx, address: Address): Promise<boolean> {
  const ended = await sql`
    update addresses set
      state = case when suspended_for = 'idle' then 'reopened' else state end,
      state_since = case when suspended_for = 'idle' then now() else state_since end,
      suspended_for = case when suspended_for = 'idle' then null else suspended_for end,
      published = published or unpublished_for is not null,
      unpublished_for = null
    where address = ${address} and hosted and (suspended_for = 'idle' or (unpublished_for = 'idle' and state in ('active', 'reopened')))`.execute(
    trx,
  );
  return Number(ended.numAffectedRows) > 0;
}
