// The gateway's database, whichever it is: an embedded server under the data folder, or the one DATABASE_URL names.
import type pg from 'pg';
import type { Config } from '../config/schema.ts';
import type { Log } from '../observe/log.ts';
import { type ConnectionOptions, connectPool, queryThrough } from './connect.ts';
import { type Hold, lockDataFolder } from './data-folder-lock.ts';
import { serverAccount } from './embedded/account.ts';
import { makeReachable } from './embedded/folders.ts';
import { type EmbeddedServer, startEmbeddedServer } from './embedded/server.ts';
import { inOneLine } from './embedded/start-error.ts';
import type { Db } from './tables.ts';

/** An open database and the way to it. */
export type OpenDatabase = {
  readonly db: Db;
  /** The pool under `db`. */
  readonly pool: pg.Pool;
  /** Handed to worker processes and to BullMQ, which make connections of their own. */
  readonly connection: ConnectionOptions;
  /** Resolves, with the reason in one line, if the embedded server ends by itself: nothing can be stored any more. */
  readonly lost: Promise<string>;
  /** Ends the connections, then the embedded server, then gives the data folder back. */
  close(): Promise<void>;
};

/**
 * Opens the database of a data folder; with the embedded server one process only may do so, and hands `connection` to
 * its workers. Throws DataFolderLockedError or EmbeddedStartError, each with a message of one line.
 */
export async function openDatabase(config: Config['database'], dataDir: string, log: Log, hold: Hold = 'life'): Promise<OpenDatabase> {
  if (config.url !== undefined) {
    const connection = { connectionString: config.url };
    return open(connection, config.poolSize, log, new Promise(() => {}), async () => {});
  }
  await makeReachable(dataDir, await serverAccount());
  const lock = await lockDataFolder(dataDir, hold);
  let server: EmbeddedServer;
  try {
    server = await startEmbeddedServer(
      {
        dataDir,
        programsDir: config.programsDir,
        sharedBuffersBytes: config.sharedBuffers,
        maxConnections: config.maxConnections,
        durable: true,
      },
      log,
    );
  } catch (error) {
    await lock.release();
    throw error;
  }
  return open(server.connection, config.poolSize, log, server.lost, async () => {
    await server.stop();
    await lock.release();
  });
}

/** Connects a worker process, or a command, to the database another process has opened. */
export function joinDatabase(connection: ConnectionOptions, poolSize: number, log: Log): OpenDatabase {
  return open(connection, poolSize, log, new Promise(() => {}), async () => {});
}

function open(
  connection: ConnectionOptions,
  poolSize: number,
  log: Log,
  lost: Promise<string>,
  closeServer: () => Promise<void>,
): OpenDatabase {
  const pool = connectPool({ ...connection, poolSize }, (error) => log.warn({ because: inOneLine(error) }, 'a database connection broke'));
  const db = queryThrough(pool);
  let closing: Promise<void> | undefined;
  return {
    db,
    pool,
    connection,
    lost,
    close() {
      closing ??= db.destroy().then(closeServer);
      return closing;
    },
  };
}
