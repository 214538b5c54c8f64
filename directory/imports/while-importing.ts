// One import of a kind at a time, over all processes and commands: a lock of PostgreSQL, held by the connection that does the work, so
// that whoever dies or loses its connection has given it back.
import { sql } from 'kysely';
import type { Db } from '../../src/database/tables.ts';
import type { ImportKind } from './schema.ts';

/** Any number, the same for every gateway: with the kind's own, it names an advisory lock of PostgreSQL. */
const importing = 7_263_002;
const kindNumbers: Readonly<Record<ImportKind, number>> = { extraction: 1, citizens: 2 };

/**
 * Runs `work` while nobody else imports this kind, on one connection that it should do everything on (`transaction()` included); `busy`
 * when somebody does.
 */
export async function whileImporting<T>(db: Db, kind: ImportKind, work: (connection: Db) => Promise<T>): Promise<T | 'busy'> {
  const number = kindNumbers[kind];
  return await db.connection().execute(async (connection) => {
    const { rows } = await sql<{ held: boolean }>`select pg_try_advisory_lock(${importing}::int, ${number}::int) as held`.execute(
      connection,
    );
    if (!rows[0]?.held) return 'busy';
    try {
      return await work(connection);
    } finally {
      // A broken connection has given the lock back already: its failure must not hide the work's.
      await sql`select pg_advisory_unlock(${importing}::int, ${number}::int)`.execute(connection).catch(() => {});
    }
  });
}
