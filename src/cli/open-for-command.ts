// The database of a command: the one DATABASE_URL names; else the embedded one, through the gateway that runs, or started for the time of
// the command. Under the data folder's lock, so that two gateways' data are never opened by two servers.
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { allMigrations } from '../all-migrations.ts';
import type { Config } from '../config/schema.ts';
import { RefusedError } from '../core/errors.ts';
import { DataFolderLockedError } from '../database/data-folder-lock.ts';
import { clusterFolder } from '../database/embedded/cluster.ts';
import { reachRunningServer } from '../database/embedded/reach-running.ts';
import { pendingMigrations } from '../database/migrate.ts';
import { joinDatabase, type OpenDatabase, openDatabase } from '../database/open-database.ts';
import { createLog } from '../observe/log.ts';

/** A command asks a few questions, one after the other, and some at once. */
const poolSize = 2;
/** A gateway that has its folder answers within this time, unless it has much to recover. */
const longestWaitMs = 60_000;

/** Opens it. Throws RefusedError when there is none, or when its tables are not those of this version; a command never changes tables. */
export async function openForCommand(config: Config): Promise<OpenDatabase> {
  const database = config.database.url === undefined ? await openEmbedded(config) : await openGiven(config);
  try {
    if ((await pendingMigrations(database.db, allMigrations)).length === 0) return database;
  } catch (error) {
    await database.close();
    throw error;
  }
  await database.close();
  throw new RefusedError('tables-out-of-date', 'Les tables ne sont pas à jour : démarrez cette version de la passerelle, puis recommencez');
}

function openGiven(config: Config): Promise<OpenDatabase> {
  return openDatabase({ ...config.database, poolSize }, config.dataDir, log());
}

async function openEmbedded({ database, dataDir }: Config): Promise<OpenDatabase> {
  if (!(await stat(clusterFolder(dataDir)).catch(ifMissing))) {
    throw new RefusedError(
      'no-database',
      `Aucune base de données dans ${dataDir} : démarrez d’abord la passerelle, ou nommez son dossier par --config, PASSERELLE_DATA_DIR ou DATABASE_URL`,
    );
  }
  for (const deadline = Date.now() + longestWaitMs; ; await delay(100)) {
    try {
      return await openDatabase({ ...database, poolSize }, dataDir, log(), 'moment');
    } catch (error) {
      // A gateway has the folder: its server is joined, once it answers; or it has just stopped, and the folder is free.
      if (!(error instanceof DataFolderLockedError)) throw error;
      const running = await join(dataDir);
      if (running) return running;
      if (Date.now() > deadline) throw error;
    }
  }
}

async function join(dataDir: string): Promise<OpenDatabase | undefined> {
  const connection = await reachRunningServer(dataDir);
  if (!connection) return undefined;
  const joined = joinDatabase(connection, poolSize, log());
  try {
    await sql`select`.execute(joined.db);
    return joined;
  } catch {
    await joined.close();
    return undefined;
  }
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}

// The standard output belongs to the answer, and a failure is told in one line of its own.
function log() {
  return createLog({ level: 'silent' });
}
