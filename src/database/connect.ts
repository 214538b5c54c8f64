// How a connection to PostgreSQL is made: pg's pool, kysely on top, and numbers that arrive as numbers.
import { DefaultConnectionProvider, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { EndingDriver } from './ending-driver.ts';
import { NamingClient } from './naming-client.ts';
import { PipeliningExecutor } from './pipelining-executor.ts';
import type { Db } from './tables.ts';

/** Where the database is. Plain data, so that it can be handed to worker processes and to BullMQ. */
export type ConnectionOptions =
  | { readonly connectionString: string }
  | {
      /** A host name, or the folder of a Unix socket. */
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly database: string;
    };

/** A connection with the number of connections it may open. */
export type PoolOptions = ConnectionOptions & { readonly poolSize: number };

const int8 = 20;
const int8Array = 1016;

/** A pool. `onBroken` hears of connections that broke, perhaps twice of one; the pool replaces them by itself. */
export function connectPool(options: PoolOptions, onBroken: (error: Error) => void = () => {}): pg.Pool {
  const { poolSize, ...connection } = options;
  const pool = new pg.Pool({
    ...connection,
    max: poolSize,
    Client: NamingClient,
    // Statements that do not wait for each other travel together; see together().
    pipeline: true,
    types: { getTypeParser: typeParser as typeof pg.types.getTypeParser },
    application_name: 'passerelle',
    keepAlive: true,
    connectionTimeoutMillis: 30_000,
  });
  // A client that breaks says so by an event besides failing its statement, also while a transaction holds it or while it
  // is being closed: without a listener of its own, a server that restarts would end the gateway. The pool repeats it.
  pool.on('connect', (client) => client.on('error', onBroken));
  pool.on('error', () => {});
  return pool;
}

/** Typed SQL over a pool of its own. `db.destroy()` ends both. */
export function connect(options: PoolOptions): Db {
  return queryThrough(connectPool(options));
}

/** Typed SQL over a given pool. */
export function queryThrough(pool: pg.Pool): Db {
  const dialect = new PostgresDialect({ pool });
  const driver = new EndingDriver(pool);
  const executor = new PipeliningExecutor(dialect.createQueryCompiler(), dialect.createAdapter(), new DefaultConnectionProvider(driver));
  return new Kysely({ config: { dialect }, dialect, driver, executor });
}

// Counters, sizes and ids are bigint in the tables and stay far below 2^53.
function typeParser(oid: number, format?: 'text' | 'binary'): unknown {
  if (format !== 'binary' && oid === int8) return safeNumber;
  if (format !== 'binary' && oid === int8Array) return safeNumbers;
  return pg.types.getTypeParser(oid, format as 'text');
}

function safeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('A bigint is too large to be read as a number');
  return value;
}

function safeNumbers(text: string): (number | null)[] {
  if (text === '{}') return [];
  return text
    .slice(1, -1)
    .split(',')
    .map((item) => (item === 'NULL' ? null : safeNumber(item)));
}
