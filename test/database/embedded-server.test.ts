// The embedded PostgreSQL through its life: created, refused to a second gateway, left behind by a crash, started again.
// Real processes: the gateway's part is played by test/support/database-process.ts.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import type { ConnectionOptions } from '../../src/database/connect.ts';
import { type OpenDatabase, openDatabase } from '../../src/database/open-database.ts';
import { postgresProcessesIn } from '../../src/database/processes.ts';
import { until } from '../support/until.ts';

// Most stories make a cluster and start several processes.
vi.setConfig({ testTimeout: 90_000 });

const quiet = pino({ level: 'silent' });
const script = fileURLToPath(new URL('../support/database-process.ts', import.meta.url));
const isRoot = process.getuid?.() === 0;

let parent: string;
let dataDir: string;
let gateways: ChildProcess[];
let opened: OpenDatabase[];

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'passerelle-embedded-'));
  await chmod(parent, 0o755);
  dataDir = join(parent, 'data');
  gateways = [];
  opened = [];
});

afterEach(async () => {
  for (const gateway of gateways) gateway.kill('SIGKILL');
  for (const database of opened) await database.close();
  for (const { pid } of await postgresProcessesIn(join(dataDir, 'postgres'))) process.kill(pid, 'SIGKILL');
  await rm(parent, { recursive: true, force: true, maxRetries: 20 });
});

async function open(folder = dataDir): Promise<OpenDatabase> {
  const config = loadConfig({ environment: { PASSERELLE_DATA_DIR: folder } });
  const database = await openDatabase(config.database, config.dataDir, quiet);
  opened.push(database);
  return database;
}

type Answer = { connection: ConnectionOptions; refused?: undefined } | { refused: string };

async function startGateway(): Promise<{ process: ChildProcess; answer: Answer }> {
  const gateway = spawn(process.execPath, ['--import', 'tsx', script], {
    env: { ...process.env, PASSERELLE_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  gateways.push(gateway);
  const [line] = (await once(createInterface({ input: gateway.stdout }), 'line')) as [string];
  return { process: gateway, answer: JSON.parse(line) as Answer };
}

async function kill(gateway: ChildProcess): Promise<void> {
  gateway.kill('SIGKILL');
  await once(gateway, 'exit');
}

async function connectTo(answer: Answer): Promise<pg.Client> {
  if (answer.refused !== undefined) throw new Error(answer.refused);
  const client = new pg.Client({ ...answer.connection });
  // Its server is killed under it.
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function keepRow(answer: Answer): Promise<void> {
  const client = await connectTo(answer);
  await client.query('create table kept (id int)');
  await client.query('insert into kept values (42)');
  await client.end();
}

async function keptRows(database: OpenDatabase): Promise<unknown[]> {
  return (await database.pool.query('select id from kept')).rows;
}

async function postmasterPid(): Promise<number> {
  return Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

describe('on an empty folder', () => {
  test('a database is there within seconds, durable, silent, and reachable by its private socket alone', async () => {
    const { pool, connection } = await open();
    const setting = async (name: string) => (await pool.query(`show ${name}`)).rows[0][name];
    expect(await setting('server_version_num')).toMatch(/^18/);
    expect(await setting('listen_addresses')).toBe('');
    expect([await setting('fsync'), await setting('synchronous_commit'), await setting('full_page_writes')]).toEqual(['on', 'on', 'on']);
    expect(await setting('server_encoding')).toBe('UTF8');
    const socketFolder = await stat((connection as { host: string }).host);
    expect(socketFolder.mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'postgres-password'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'postgres'))).uid).not.toBe(0);
  });

  test('no wrong password is let in', async () => {
    const { connection } = await open();
    const stranger = new pg.Client({ ...connection, password: 'guess' } as pg.ClientConfig);
    await expect(stranger.connect()).rejects.toThrow(/password authentication failed/);
  });

  test('a creation that was interrupted is begun again', async () => {
    await mkdir(join(dataDir, 'postgres.unfinished', 'base'), { recursive: true });
    await writeFile(join(dataDir, 'postgres.unfinished', 'PG_VERSION'), '18');
    expect((await (await open()).pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  test('a data folder whose path is longer than a socket address works too', async () => {
    const database = await open(join(parent, 'd'.repeat(100)));
    expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await database.close();
    await rm((database.connection as { host: string }).host, { recursive: true });
  });
});

describe('a second gateway on the same data folder', () => {
  test('is refused in one line that names the first one', async () => {
    await open();
    const { answer } = await startGateway();
    expect(answer.refused).toContain(`pid ${process.pid}`);
    expect(answer.refused).not.toContain('\n');
  });

  test('is refused in the same process too, and let in once the first has closed', async () => {
    const first = await open();
    await expect(open()).rejects.toThrow(`pid ${process.pid}`);
    await first.close();
    expect((await (await open()).pool.query('select 1 as one')).rows).toHaveLength(1);
  });

  test('that starts at the same moment: exactly one of three gets the folder', async () => {
    const answers = await Promise.all([startGateway(), startGateway(), startGateway()]);
    expect(answers.filter(({ answer }) => answer.refused === undefined)).toHaveLength(1);
  });
});

describe('after a crash', () => {
  test('of the gateway alone, the server it left is ended and what was committed is there', async () => {
    const { process: gateway, answer } = await startGateway();
    await keepRow(answer);
    const orphan = await postmasterPid();
    await kill(gateway);
    expect(await keptRows(await open())).toEqual([{ id: 42 }]);
    expect(await postmasterPid()).not.toBe(orphan);
  });

  test('of the gateway and the postmaster, a child that is still busy is ended first', async () => {
    const { process: gateway, answer } = await startGateway();
    await keepRow(answer);
    const client = await connectTo(answer);
    const { rows } = await client.query('select pg_backend_pid() as pid');
    // A loop that never looks at its postmaster: it would go on for minutes.
    const busy = client.query('select count(*) from generate_series(1, 10000000000)').catch((error: Error) => error.message);
    await until('the child works', async () => (await readFile(`/proc/${rows[0].pid}/stat`, 'utf8')).split(' ')[2] === 'R');
    process.kill(await postmasterPid(), 'SIGKILL');
    await kill(gateway);
    expect(await keptRows(await open())).toEqual([{ id: 42 }]);
    expect(await busy).toMatch(/terminated/);
    const left = await postgresProcessesIn(join(dataDir, 'postgres'));
    expect(left.map((each) => each.pid)).not.toContain(rows[0].pid);
  });

  test('a pid that now belongs to another program keeps nobody out', async () => {
    const { process: gateway, answer } = await startGateway();
    await keepRow(answer);
    await kill(gateway);
    await writeFile(join(dataDir, 'gateway-claims', `${process.ppid}-0123456789abcdef`), 'holding');
    const orphan = await postmasterPid();
    process.kill(orphan, 'SIGKILL');
    await until('every child is gone', async () => (await postgresProcessesIn(join(dataDir, 'postgres'))).length === 0);
    const file = join(dataDir, 'postgres', 'postmaster.pid');
    await writeFile(file, (await readFile(file, 'utf8')).replace(String(orphan), String(process.ppid)));
    expect(await keptRows(await open())).toEqual([{ id: 42 }]);
  });

  test('of the server alone, the gateway hears of it and can start it again', async () => {
    const database = await open();
    process.kill(await postmasterPid(), 'SIGKILL');
    expect(await database.lost).toMatch(/SIGKILL/);
    await database.close();
    expect((await (await open()).pool.query('select 1 as one')).rows).toHaveLength(1);
  });
});

describe('a start that cannot work says why in one line', () => {
  async function refusal(): Promise<string> {
    const error = await open().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).not.toContain('\n');
    return (error as Error).message;
  }

  test('data of another major version', async () => {
    await (await open()).close();
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '17\n');
    expect(await refusal()).toMatch(/PostgreSQL did not start .*incompatible/);
  });

  test('a lost password', async () => {
    await (await open()).close();
    await rm(join(dataDir, 'postgres-password'));
    expect(await refusal()).toContain('postgres-password');
  });

  test('a folder the server may not reach', async () => {
    // As root it is the account nobody that may not pass; as anybody else it is the gateway itself that may not write.
    await chmod(parent, isRoot ? 0o700 : 0o500);
    expect(await refusal()).toContain(parent);
    await chmod(parent, 0o755);
  });
});

test('R1 §1.8 the log of the server holds no statement, no parameter and no value', async () => {
  const { pool } = await open();
  const ins = '279035121518989';
  await pool.query('create table citizens (ins text primary key, born date)');
  await pool.query('insert into citizens values ($1, null)', [ins]);
  for (const [text, value] of [
    ['insert into citizens values ($1, null)', ins],
    ['select $1::date', ins],
    [`select * from "${ins}"`, undefined],
    ['select 1 / ($1::bigint - 279035121518989)', ins],
  ] as const) {
    await expect(pool.query(text, value === undefined ? [] : [value])).rejects.toThrow();
  }
  const log = await readFile(join(dataDir, 'postgres.log'), 'utf8');
  expect(log).toContain('ready to accept connections');
  expect(log).not.toContain(ins);
  expect(log).not.toContain('citizens');
});
