// A database of its own for each test file, copied from a template that holds the tables already.
import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { type ConnectionOptions, connect } from '../../src/database/connect.ts';
import { type MigrationSet, migrateAll } from '../../src/database/migrate.ts';
import type { Db } from '../../src/database/tables.ts';

/** A database that nobody else uses. */
export type TestDatabase = {
  readonly db: Db;
  /** For pools of one's own, BullMQ, or a gateway under test. */
  readonly connection: ConnectionOptions;
  /** Closes `db` and drops the database, whoever is still connected. */
  close(): Promise<void>;
};

/** Makes one with the tables of `sets`. The first caller of a list of sets pays for its migrations, later ones for a copy. */
export async function createTestDatabase(sets: readonly MigrationSet[], poolSize = 5): Promise<TestDatabase> {
  const server = inject('databaseServer');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await withClient(server, async (client) => {
    const template = await templateFor(client, server, sets);
    await client.query(`create database ${name} template ${template}`);
  });
  const connection = on(server, name);
  const db = connect({ ...connection, poolSize });
  return {
    db,
    connection,
    async close() {
      await db.destroy();
      await withClient(server, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}

async function templateFor(client: pg.Client, server: ConnectionOptions, sets: readonly MigrationSet[]): Promise<string> {
  const list = JSON.stringify(sets.map((set) => [set.owner, Object.keys(set.migrations).sort()]));
  const digest = createHash('sha256').update(list).digest();
  const template = `template_${digest.toString('hex').slice(0, 16)}`;
  const lock = digest.readInt32BE();
  // Test files run in several processes: one makes the template while the others wait.
  await client.query('select pg_advisory_lock(1, $1)', [lock]);
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [template]);
    if (rowCount === 0) await makeTemplate(client, server, template, sets);
  } finally {
    await client.query('select pg_advisory_unlock(1, $1)', [lock]);
  }
  return template;
}

// Made under another name, so that a template that exists is a whole one.
async function makeTemplate(client: pg.Client, server: ConnectionOptions, template: string, sets: readonly MigrationSet[]): Promise<void> {
  const unfinished = `${template}_unfinished`;
  await client.query(`drop database if exists ${unfinished} with (force)`);
  await client.query(`create database ${unfinished}`);
  const db = connect({ ...on(server, unfinished), poolSize: 2 });
  try {
    await migrateAll(db, sets);
  } finally {
    await db.destroy();
  }
  await client.query(`alter database ${unfinished} rename to ${template}`);
}

async function withClient<T>(server: ConnectionOptions, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...server });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function on(server: ConnectionOptions, database: string): ConnectionOptions {
  if ('connectionString' in server) throw new Error('The tests run on the embedded server');
  return { ...server, database };
}
