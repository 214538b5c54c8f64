// How the outbox stands, kind by kind, for whoever watches over it: one statement whose cost does not grow with a backlog.
import { sql } from 'kysely';
import type { Db } from '../database/tables.ts';

/** What is owed and what was given up, of one kind. */
export type Backlog = {
  readonly kind: string;
  /** Rows not finished, those that wait for their next attempt included. */
  readonly waiting: number;
  /** How long the row that is the latest has been due, in seconds; 0 when none is. Being handed over or worked on does not end it. */
  readonly oldestSeconds: number;
  readonly dead: number;
};

/** Rows looked at, of those that wait and of those that are dead: past it the figures say « at least ». */
const mostCounted = 100_000;

/** The kinds that have such rows. Of those that wait, the first to be handed over are counted first. */
export async function readBacklog(db: Db, now: Date, most = mostCounted): Promise<Backlog[]> {
  const { rows } = await sql<Backlog>`
    with seen as (
      (select kind, true as is_waiting, due_at from outbox where state = 'waiting' order by next_attempt_at limit ${most})
      union all
      (select kind, false, null from outbox where state = 'dead' order by finished_at limit ${most}))
    select kind,
      (count(*) filter (where is_waiting))::integer as waiting,
      (count(*) filter (where not is_waiting))::integer as dead,
      coalesce(greatest(0, extract(epoch from ${now}::timestamptz - min(due_at))), 0)::double precision as "oldestSeconds"
    from seen group by kind order by kind`.execute(db);
  return rows;
}
