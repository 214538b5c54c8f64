// The tables are brought up to date owner by owner, whoever starts and however many start at once.
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../src/database/connect.ts';
import { MigrationError, type MigrationSet, migrateAll } from '../../src/database/migrate.ts';
import type { Db } from '../../src/database/tables.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase([]);
});
afterAll(() => database.close());

function creating(owner: string, ...names: string[]): MigrationSet {
  return {
    owner,
    migrations: Object.fromEntries(
      names.map((name) => [
        name,
        {
          up: async (db) => {
            await sql`create table ${sql.table(`${owner}_${name.replace('-', '_')}`)} (id bigint primary key)`.execute(db);
          },
        },
      ]),
    ),
  };
}

async function tables(db: Db, prefix: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_name like ${`${prefix}%`} order by 1`.execute(db);
  return rows.map((row) => row.name);
}

test('each owner has its own list of migrations, so that one may add after another has numbered higher', async () => {
  await migrateAll(database.db, [creating('cellar', '003-wine'), creating('attic', '001-trunk')]);
  await migrateAll(database.db, [creating('cellar', '003-wine'), creating('attic', '001-trunk', '002-dust')]);
  expect(await tables(database.db, 'attic')).toEqual(['attic_001_trunk', 'attic_002_dust']);
  expect(await tables(database.db, 'migrations_attic')).toEqual(['migrations_attic', 'migrations_attic_lock']);
});

test('owners are migrated in the given order', async () => {
  const second: MigrationSet = {
    owner: 'roof',
    migrations: {
      '001-tiles': {
        up: async (db) => {
          await sql`create table roof_tiles (id bigint references walls_001_stone(id))`.execute(db);
        },
      },
    },
  };
  await migrateAll(database.db, [creating('walls', '001-stone'), second]);
  expect(await tables(database.db, 'roof_')).toEqual(['roof_tiles']);
});

test('a migration that fails is named, and leaves nothing of itself', async () => {
  const broken: MigrationSet = {
    owner: 'broken',
    migrations: {
      '001-half': {
        up: async (db) => {
          await sql`create table broken_half (id bigint)`.execute(db);
          await sql`create table broken_half (id bigint)`.execute(db);
        },
      },
    },
  };
  const failure = await migrateAll(database.db, [broken]).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(MigrationError);
  expect((failure as Error).message).toContain('migration broken/001-half');
  expect(await tables(database.db, 'broken_')).toEqual([]);
  // The lock is free again.
  await migrateAll(database.db, [creating('after', '001-all')]);
});

test('a migration that an older release has run and this one lacks stops the start', async () => {
  await migrateAll(database.db, [creating('newer', '001-one', '002-two')]);
  await expect(migrateAll(database.db, [creating('newer', '001-one')])).rejects.toThrow(/migrations of newer.*002-two is missing/);
});

test('gateways that start at once take turns', async () => {
  const gateways = Array.from({ length: 4 }, () => connect({ ...database.connection, poolSize: 1 }));
  const sets = [creating('together', '001-one', '002-two'), creating('together_too', '001-one')];
  await Promise.all(gateways.map((db) => migrateAll(db, sets)));
  expect(await tables(database.db, 'together_0')).toEqual(['together_001_one', 'together_002_two']);
  await Promise.all(gateways.map((db) => db.destroy()));
});
