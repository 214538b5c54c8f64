// The data of the embedded server: created once with a generated password, kept under the server's account.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { replacePrivateFile, syncFolder } from '../../core/durable-files.ts';
import type { ServerAccount } from './account.ts';
import { inside, makeReachable } from './folders.ts';
import type { Programs } from './programs.ts';
import { socketPort } from './settings.ts';
import { EmbeddedStartError, inOneLine } from './start-error.ts';

/** The only role of the embedded server. */
export const serverUser = 'passerelle';

/** A cluster that is ready to be started. */
export type Cluster = {
  /** PostgreSQL's data folder. */
  readonly data: string;
  readonly socketFolder: string;
  /** What the server says, appended over all starts. */
  readonly logFile: string;
  readonly password: string;
};

/** Where the data of `dataDir` lies, whether or not it has been created. */
export function clusterFolder(dataDir: string): string {
  return inside(dataDir, 'postgres');
}

/** The file with the server's password, of mode 0600. */
export function passwordFileOf(dataDir: string): string {
  return inside(dataDir, 'postgres-password');
}

/** Creates what is missing. A creation that was interrupted is begun again. Throws EmbeddedStartError. */
export async function prepareCluster(dataDir: string, programs: Programs, account: ServerAccount): Promise<Cluster> {
  const data = clusterFolder(dataDir);
  const existing = await stat(data).catch(() => undefined);
  if (existing && existing.uid !== account.uid) {
    throw new EmbeddedStartError(
      `${data} belongs to the account number ${existing.uid}, not ${account.uid}: start Passerelle as whoever created this data folder`,
    );
  }
  const password = await knownPassword(dataDir, existing !== undefined);
  if (!existing) await create(data, password, programs, account);
  const socketFolder = await privateSocketFolder(dataDir, account);
  return { data, socketFolder, logFile: inside(dataDir, 'postgres.log'), password };
}

async function knownPassword(dataDir: string, clusterExists: boolean): Promise<string> {
  const file = passwordFileOf(dataDir);
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known.trim() !== '') return known.trim();
  if (clusterExists)
    throw new EmbeddedStartError(`The database's password is missing: bring ${file} back from a backup of this data folder`);
  const password = randomBytes(24).toString('base64url');
  await replacePrivateFile(file, `${password}\n`);
  return password;
}

// Made beside and renamed, so that a folder named `postgres` is always a whole cluster.
async function create(data: string, password: string, programs: Programs, account: ServerAccount): Promise<void> {
  const unfinished = `${data}.unfinished`;
  const passwordFile = `${data}.password`;
  await rm(unfinished, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await replacePrivateFile(passwordFile, `${password}\n`);
  try {
    if (!account.ours) {
      await chown(unfinished, account.uid, account.gid);
      await chown(passwordFile, account.uid, account.gid);
    }
    const options = ['--locale=C', '--encoding=UTF8', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '-U', serverUser];
    await runInitdb(programs.initdb, ['-D', unfinished, ...options], account);
    await rename(unfinished, data);
    await syncFolder(resolve(data, '..'));
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function runInitdb(program: string, options: string[], account: ServerAccount): Promise<void> {
  const identity = account.ours ? {} : { uid: account.uid, gid: account.gid };
  const child = spawn(program, options, { ...identity, cwd: '/', env: { LC_ALL: 'C' }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  }).catch((error: unknown) => {
    throw new EmbeddedStartError(`Cannot run ${program}: ${inOneLine(error)}`, { cause: error });
  });
  if (code !== 0)
    throw new EmbeddedStartError(`PostgreSQL could not create its data folder: ${inOneLine(said) || `initdb ended with ${code}`}`);
}

/** sun_path holds 108 bytes with its final zero on Linux, 104 on macOS. */
const longestSocketPath = process.platform === 'darwin' ? 103 : 107;

async function privateSocketFolder(dataDir: string, account: ServerAccount): Promise<string> {
  const usual = inside(dataDir, 'postgres-socket');
  const fits = Buffer.byteLength(join(usual, `.s.PGSQL.${socketPort}`)) <= longestSocketPath;
  const digest = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16);
  const folder = fits ? usual : join(tmpdir(), `passerelle-${digest}`);
  if (!fits) await makeReachable(tmpdir(), { ...account, ours: true });
  const created = await mkdir(folder, { mode: 0o700 }).then(
    () => true,
    () => false,
  );
  if (created && !account.ours) await chown(folder, account.uid, account.gid);
  // The system's temporary folder is open to all: somebody else's folder of that name must not become our socket's.
  const found = await lstat(folder).catch(() => undefined);
  if (!found?.isDirectory() || found.uid !== account.uid) {
    throw new EmbeddedStartError(`Cannot use ${folder} for the database's socket: it is not a folder of the server's account`);
  }
  await chmod(folder, 0o700);
  return folder;
}
