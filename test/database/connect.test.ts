// What a connection promises to whoever asks questions through it.
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, connectPool } from '../../src/database/connect.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase([]);
});
afterAll(() => database.close());

test('bigints arrive as numbers, alone and in arrays', async () => {
  const { rows } = await sql<{ one: number; many: (number | null)[]; none: number[] }>`
    select 9007199254740991::bigint as one, array[1, null, 3]::bigint[] as many, '{}'::bigint[] as none`.execute(database.db);
  expect(rows).toEqual([{ one: Number.MAX_SAFE_INTEGER, many: [1, null, 3], none: [] }]);
});

test('a bigint that a number cannot hold is an error, not another number', async () => {
  await expect(sql`select 9007199254740993::bigint as one`.execute(database.db)).rejects.toThrow(RangeError);
  // The connection is still good.
  expect((await sql`select 1::bigint as one`.execute(database.db)).rows).toEqual([{ one: 1 }]);
});

describe('repeated statements', () => {
  async function namedStatements(pool: pg.Pool): Promise<string[]> {
    return (await pool.query<{ statement: string }>('select statement from pg_prepared_statements')).rows.map((row) => row.statement);
  }

  test('are prepared once per connection, those with parameters only', async () => {
    const pool = connectPool({ ...database.connection, poolSize: 1 });
    for (let time = 0; time < 5; time++) {
      await pool.query('select $1::int + 1 as repeated', [time]);
      await pool.query('select 1 as without_parameters');
    }
    await pool.query('select $1::int + 2 as once', [1]);
    expect(await namedStatements(pool)).toEqual(['select $1::int + 1 as repeated']);
    await pool.end();
  });

  test('that differ only in the length of a list do not use up the names', async () => {
    const pool = connectPool({ ...database.connection, poolSize: 1 });
    const list = (length: number, offset = 0) => Array.from({ length }, (_, index) => `$${index + offset + 1}::int`).join(', ');
    for (let length = 1; length <= 300; length++) {
      for (let time = 0; time < 4; time++) await pool.query(`select 1 where 1 in (${list(length)})`, Array(length).fill(1));
      if (length > 50) continue;
      const rows = Array.from({ length }, (_, index) => `(${list(2, index * 2)})`).join(', ');
      for (let time = 0; time < 4; time++) await pool.query(`select * from (values ${rows}) as rows`, Array(length * 2).fill(1));
    }
    expect((await namedStatements(pool)).length).toBeLessThanOrEqual(8);
    for (let time = 0; time < 4; time++) await pool.query('select $1::text as hot', ['']);
    expect(await namedStatements(pool)).toContain('select $1::text as hot');
    await pool.end();
  });

  test('that a change of the table has made stale fail once and then go on without a name', async () => {
    const pool = connectPool({ ...database.connection, poolSize: 1 });
    await pool.query('create table changing (id int)');
    const ask = () => pool.query('select * from changing where id > $1', [0]);
    for (let time = 0; time < 5; time++) await ask();
    await pool.query('alter table changing add column more text');
    await expect(ask()).rejects.toThrow('cached plan must not change result type');
    expect((await ask()).fields.map((field) => field.name)).toEqual(['id', 'more']);
    await pool.end();
  });

  test('that fail inside a transaction leave the connection usable', async () => {
    const db = connect({ ...database.connection, poolSize: 1 });
    const divide = (by: number) => sql<{ result: number }>`select 10 / ${by}::int as result`.execute(db);
    for (let time = 0; time < 4; time++) await divide(2);
    for (let time = 0; time < 2; time++) {
      const failing = db.transaction().execute((trx) => sql`select 10 / ${0}::int as result`.execute(trx));
      await expect(failing).rejects.toThrow('division by zero');
    }
    expect((await divide(5)).rows).toEqual([{ result: 2 }]);
    await db.destroy();
  });
});

test('a connection that the server ends while nobody uses it is replaced', async () => {
  const broken: string[] = [];
  const pool = connectPool({ ...database.connection, poolSize: 1 }, (error) => broken.push(error.message));
  const { rows } = await pool.query('select pg_backend_pid() as pid');
  const other = new pg.Client({ ...database.connection });
  await other.connect();
  await other.query('select pg_terminate_backend($1)', [rows[0].pid]);
  await until('the pool has noticed', () => broken.length > 0);
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await other.end();
  await pool.end();
});

test('a server that ends a connection in the middle of a transaction fails the transaction, not the process', async () => {
  const db = connect({ ...database.connection, poolSize: 1 });
  const other = connect({ ...database.connection, poolSize: 1 });
  const failing = db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
    await sql`select pg_terminate_backend(${rows[0]?.pid}, 5000)`.execute(other);
    await sql`select 1`.execute(trx);
  });
  await expect(failing).rejects.toThrow();
  expect((await sql<{ one: number }>`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }]);
  await Promise.all([db.destroy(), other.destroy()]);
});
