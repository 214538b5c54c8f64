// Brings the tables up to date: one kysely Migrator per owning folder, because a Migrator refuses a migration that sorts
// before one already executed, and folders number theirs independently.
import { type Migration, Migrator, sql } from 'kysely';
import type { Db } from './tables.ts';

/** The migrations of one owner, by name; names sort in the order they are run: `001-folders`. */
export type MigrationSet = {
  /** Lower-case letters and underscores: it names the tables `migrations_<owner>` and `migrations_<owner>_lock`. */
  readonly owner: string;
  readonly migrations: Record<string, Migration>;
};

/** A migration that did not run. Nothing of its owner's pending migrations is kept: they share a transaction. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/** Any number, the same for every gateway: whoever holds this advisory lock of PostgreSQL is migrating. */
const migratingLock = 7_263_001;

/** Runs what is pending, owner after owner in the given order. Two gateways that start together take turns. */
export async function migrateAll(db: Db, sets: readonly MigrationSet[]): Promise<void> {
  for (const { owner } of sets) {
    if (!/^[a-z_]{1,40}$/.test(owner)) throw new MigrationError(`Cannot migrate ${owner}: an owner is lower-case letters and underscores`);
  }
  await db.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(${sql.lit(migratingLock)})`.execute(connection);
    try {
      for (const set of sets) await migrateOne(connection, set);
    } finally {
      // A broken connection has given the lock back already: its failure must not hide the migration's.
      await sql`select pg_advisory_unlock(${sql.lit(migratingLock)})`.execute(connection).catch(() => {});
    }
  });
}

/** The names of migrations that have not run yet, such as `policies/002-blocks`. Changes nothing. */
export async function pendingMigrations(db: Db, sets: readonly MigrationSet[]): Promise<string[]> {
  const pending: string[] = [];
  for (const set of sets) {
    for (const { name, executedAt } of await migratorOf(db, set).getMigrations()) if (!executedAt) pending.push(`${set.owner}/${name}`);
  }
  return pending;
}

async function migrateOne(db: Db, set: MigrationSet): Promise<void> {
  const { error, results } = await migratorOf(db, set).migrateToLatest();
  if (error === undefined) return;
  const failed = results?.find((result) => result.status === 'Error');
  const which = failed ? `migration ${set.owner}/${failed.migrationName}` : `the migrations of ${set.owner}`;
  throw new MigrationError(`Cannot run ${which}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}

function migratorOf(db: Db, { owner, migrations }: MigrationSet): Migrator {
  return new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableName: `migrations_${owner}`,
    migrationLockTableName: `migrations_${owner}_lock`,
  });
}
