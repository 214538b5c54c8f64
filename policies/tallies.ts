// How often something happened lately, for what must stay slow: guessing citizens' addresses, asking the test address. Requirements 37, 40.
// Fixed windows: a subject is counted from the start of its period, and from nothing at the next one.
import { sql } from 'kysely';
import type { Db, Trx } from '../src/database/tables.ts';

/** Adds to what is counted in the window of `now`. A subject names what is counted and whose it is, and always has one period. */
export async function addTallies(
  trx: Trx,
  entries: readonly { readonly subject: string; readonly by: number }[],
  periodMs: number,
  now: Date,
): Promise<void> {
  if (entries.length === 0) return;
  await sql`
    insert into tallies (window_start, subject, total)
    select ${windowStart(periodMs, now)}::timestamptz, subject, sum(added)
    from unnest(${entries.map((entry) => entry.subject)}::text[], ${entries.map((entry) => entry.by)}::bigint[]) as counted (subject, added)
    group by subject
    order by subject
    on conflict (window_start, subject) do update set total = tallies.total + excluded.total`.execute(trx);
}

/** What was counted of each subject in the window of `now`; 0 where nothing was. */
export async function readTallies(db: Db, subjects: readonly string[], periodMs: number, now: Date): Promise<Map<string, number>> {
  const totals = new Map(subjects.map((subject) => [subject, 0]));
  if (totals.size === 0) return totals;
  const { rows } = await sql<{ subject: string; total: number }>`
    select subject, total from tallies
    where window_start = ${windowStart(periodMs, now)} and subject = any(${[...totals.keys()]}::text[])`.execute(db);
  for (const { subject, total } of rows) totals.set(subject, total);
  return totals;
}

/** Forgets the windows that began before a moment; returns how many rows that was. */
export async function forgetTallies(db: Db, before: Date): Promise<number> {
  const gone = await db.deleteFrom('tallies').where('window_start', '<', before).executeTakeFirst();
  return Number(gone.numDeletedRows);
}

function windowStart(periodMs: number, now: Date): Date {
  return new Date(Math.floor(now.getTime() / periodMs) * periodMs);
}
