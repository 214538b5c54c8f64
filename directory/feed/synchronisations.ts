// When each source of the registry was last found up to date: what the alert on a source that stays away is counted from.
import { sql } from 'kysely';
import type { Db } from '../../src/database/tables.ts';
import type { SynchronisationsTable } from './schema.ts';

/** A source, by the kind of its imports. */
type Source = SynchronisationsTable['kind'];

/** Notes that a source is tried; the first time, it is what its age counts from until it succeeds. */
export async function noteTried(db: Db, kind: Source, now: Date): Promise<void> {
  await sql`insert into synchronisations (kind, first_tried_at) values (${kind}, ${now}) on conflict do nothing`.execute(db);
}

/** Notes that the registry has what the source has. */
export async function noteSucceeded(db: Db, kind: Source, now: Date): Promise<void> {
  await sql`
    insert into synchronisations as s (kind, first_tried_at, succeeded_at) values (${kind}, ${now}, ${now})
    on conflict (kind) do update set succeeded_at = greatest(s.succeeded_at, excluded.succeeded_at)`.execute(db);
}

/** Milliseconds since each source was last up to date, or first tried when it never was. Sources that nobody tried are absent. */
export async function readAges(db: Db, now: Date): Promise<ReadonlyMap<Source, number>> {
  const rows = await db.selectFrom('synchronisations').selectAll().execute();
  return new Map(rows.map((row) => [row.kind, Math.max(0, now.getTime() - (row.succeeded_at ?? row.first_tried_at).getTime())]));
}
