// The embedded PostgreSQL as a running process: started, watched, stopped.
import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile, rename, stat } from 'node:fs/promises';
import type { Log } from '../../observe/log.ts';
import type { ConnectionOptions } from '../connect.ts';
import { type ServerAccount, serverAccount } from './account.ts';
import { type Cluster, clusterFolder, prepareCluster, serverUser } from './cluster.ts';
import { makeReachable } from './folders.ts';
import { endLeftovers } from './leftovers.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { installPrograms } from './programs.ts';
import { type EmbeddedSettings, serverArguments, socketPort } from './settings.ts';
import { EmbeddedStartError, inOneLine } from './start-error.ts';

/** A server that answers. */
export type EmbeddedServer = {
  readonly connection: ConnectionOptions;
  /** The postmaster, for tests that kill it. */
  readonly pid: number;
  /** Resolves when the server has ended without being asked to, with the reason in one line. */
  readonly lost: Promise<string>;
  /** Fast shutdown, and harder when it takes too long. Resolves once every process is gone. */
  stop(): Promise<void>;
};

/** Starts the server of a data folder whose lock the caller holds. Throws EmbeddedStartError with one line. */
export async function startEmbeddedServer(settings: EmbeddedSettings, log: Log): Promise<EmbeddedServer> {
  const account = await serverAccount();
  await makeReachable(settings.dataDir, account);
  const programs = await installPrograms(settings.programsDir, account);
  await endLeftovers(clusterFolder(settings.dataDir), undefined, log);
  const cluster = await prepareCluster(settings.dataDir, programs, account);
  await endLeftovers(cluster.data, cluster.socketFolder, log);
  const launched = await launch(programs.postgres, settings, cluster, account);
  await becomesReady(launched, cluster, log);
  const { child, ended } = launched;
  // The gateway decides when it ends: the server alone must not keep it alive.
  child.unref();

  let stopping: Promise<void> | undefined;
  let reportLost: (reason: string) => void = () => {};
  const lost = new Promise<string>((done) => {
    reportLost = done;
  });
  ended.then((reason) => {
    if (!stopping) reportLost(`PostgreSQL ended by itself (${reason})`);
  });
  return {
    connection: { host: cluster.socketFolder, port: socketPort, user: serverUser, password: cluster.password, database: 'postgres' },
    pid: child.pid ?? 0,
    lost,
    stop() {
      stopping ??= endLeftovers(cluster.data, cluster.socketFolder, quiet(log)).then(() => {});
      return stopping;
    },
  };
}

// Ending our own server is no event to warn about.
function quiet(log: Log): Log {
  return log.child({}, { level: 'error' });
}

/** A log is set aside at the next start once it has grown beyond this, in bytes. */
const longestLog = 10 * 1024 * 1024;

/** The server's process, the reason of its end in one line, and where in the log its own words begin, in bytes. */
type Launched = { readonly child: ChildProcess; readonly ended: Promise<string>; readonly logStart: number };

async function launch(program: string, settings: EmbeddedSettings, cluster: Cluster, account: ServerAccount): Promise<Launched> {
  if (((await stat(cluster.logFile).catch(() => undefined))?.size ?? 0) > longestLog) await rename(cluster.logFile, `${cluster.logFile}.1`);
  const logFile = await open(cluster.logFile, 'a', 0o600);
  try {
    const logStart = (await logFile.stat()).size;
    const child = spawn(program, ['-D', cluster.data, ...serverArguments(settings, cluster.socketFolder)], {
      ...(account.ours ? {} : { uid: account.uid, gid: account.gid }),
      cwd: '/',
      env: { LC_ALL: 'C' },
      // A session of its own: Ctrl-C in the terminal is for the gateway, which ends its work before the database.
      detached: true,
      stdio: ['ignore', logFile.fd, logFile.fd],
    });
    // Listened for before anything is awaited: a server that refuses its data is gone within milliseconds. A spawn that
    // failed has no exit, only an error.
    const ended = new Promise<string>((done) => {
      child.once('error', (error) => done(inOneLine(error)));
      child.once('exit', (code, signalName) => done(signalName ?? `exit code ${code}`));
    });
    return { child, ended, logStart };
  } finally {
    await logFile.close();
  }
}

async function becomesReady({ child, ended, logStart }: Launched, cluster: Cluster, log: Log): Promise<void> {
  let failure: string | undefined;
  ended.then((reason) => {
    failure = reason;
  });
  const started = Date.now();
  let told = 0;
  while (!(await isReady(child, cluster.data))) {
    if (failure !== undefined) {
      throw new EmbeddedStartError(`PostgreSQL did not start (${failure}): ${await lastWords(cluster.logFile, logStart)}`);
    }
    // Replaying the log after a crash takes as long as it takes; silence would look like a hang.
    if (Date.now() - started > (told + 1) * 10_000) log.info({ seconds: 10 * ++told }, 'PostgreSQL is still starting');
    await new Promise((next) => setTimeout(next, 10));
  }
}

async function isReady(child: ChildProcess, data: string): Promise<boolean> {
  const said = await readPostmasterFile(data).catch(() => undefined);
  return said?.pid === child.pid && said?.isReady === true;
}

async function lastWords(logFile: string, logStart: number): Promise<string> {
  const text = (await readFile(logFile).catch(() => Buffer.alloc(0))).subarray(logStart).toString();
  const lines = text.trimEnd().split('\n');
  const fatal = lines.findLast((line) => /(FATAL|PANIC|error while loading)/.test(line));
  return inOneLine((fatal ?? lines.at(-1) ?? '').replace(/^\S+ \S+ \S+ \[\d+\] /, '')) || `see ${logFile}`;
}
