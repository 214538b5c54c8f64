// A real gateway in a process of its own, with its own PostgreSQL, that a test can kill at any instant and start again on the same
// data folder. Linux: PostgreSQL's processes are found through /proc, for each of its children calls setsid.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, open, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDevAuthority } from '../../certs/dev-authority.ts';
import type { ConnectionOptions } from '../../src/database/connect.ts';
import { postgresProcessesIn, signal } from '../../src/database/processes.ts';
import type { Ports } from '../../src/doors.ts';
import { type Crowd, type CrowdSize, doctorsDomain } from './crowd.ts';

/** What a gateway tells once its doors are open. `crowd` is there when one was asked for. */
export type GatewayReport = {
  readonly ports: Ports;
  readonly connection: ConnectionOptions;
  /** Where /health and /metrics answer. */
  readonly observeUrl: string;
  readonly crowd?: Crowd;
};

/** A folder for one gateway's life, with an authority clients can trust. */
export type GatewayHome = {
  /** The data folder: everything the gateway keeps. */
  readonly data: string;
  /** For whatever else belongs to the test; removed with the rest. */
  readonly folder: string;
  /** PEM of the authority that signed the gateway's certificate. */
  readonly authority: string;
  remove(): Promise<void>;
};

/** How a run differs from the usual. */
export type GatewayStart = {
  /** Settings, added to what the home says. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Registered before the gateway reports; none without it. */
  readonly crowd?: CrowdSize;
  /** Takes the log; the test's own output otherwise. */
  readonly logFile?: string;
  /** For Node itself, such as a profiler's. */
  readonly nodeOptions?: readonly string[];
};

const hostname = 'passerelle.test';
/** Long enough for a crowd of hundreds on a busy machine. */
const startMs = 120_000;
const script = fileURLToPath(new URL('./gateway-child.ts', import.meta.url));

/** Makes the folder, under the system's own temporary one: as root, PostgreSQL runs as `nobody` and must reach it. */
export async function makeGatewayHome(): Promise<GatewayHome> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'passerelle-crash-')));
  await chmod(folder, 0o755);
  const authority = await openDevAuthority(join(folder, 'authority'));
  await authority.serverCredential(hostname);
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 20 });
  return { data: join(folder, 'data'), folder, authority: authority.certificate, remove };
}

/** One run of a gateway. */
export class GatewayProcess {
  readonly report: GatewayReport;
  readonly #child: ChildProcess;
  readonly #home: GatewayHome;
  readonly #exited: Promise<unknown>;

  private constructor(child: ChildProcess, home: GatewayHome, report: GatewayReport) {
    this.report = report;
    this.#child = child;
    this.#home = home;
    this.#exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve();
  }

  /** Starts one and waits for its doors; one that does not open them in time is killed, with its PostgreSQL. */
  static async start(home: GatewayHome, options: GatewayStart = {}): Promise<GatewayProcess> {
    const logFile = options.logFile === undefined ? undefined : await open(options.logFile, 'a');
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', ...(options.nodeOptions ?? []), script, ...(options.crowd ? [JSON.stringify(options.crowd)] : [])],
      {
        env: { ...process.env, ...environmentOf(home), ...options.environment },
        stdio: ['ignore', logFile?.fd ?? 'inherit', 'inherit', 'ipc'],
        // A group of its own: its workers die with it.
        detached: true,
      },
    );
    await logFile?.close();
    const report = await reportOf(child);
    if (typeof report !== 'string') return new GatewayProcess(child, home, report);
    killGroup(child);
    await killPostgres(home);
    throw new Error(`The gateway did not open its doors: ${report}`);
  }

  /** The gateway's first process. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** SIGKILL to the gateway and its workers, at once. PostgreSQL lives on. */
  kill(): void {
    killGroup(this.#child);
  }

  /** The pids of PostgreSQL now: looked up before the instant of a kill, which must not wait for /proc. */
  async databasePids(): Promise<number[]> {
    return postgresPids(this.#home);
  }

  /** Resolves once the gateway has ended. */
  async ended(): Promise<void> {
    await this.#exited;
  }

  /** SIGKILL to every process of PostgreSQL that is left; resolves when there is none. */
  async killDatabase(): Promise<void> {
    await killPostgres(this.#home);
  }

  /** An orderly end. */
  async stop(): Promise<void> {
    signal(this.pid, 'SIGTERM');
    await this.#exited;
  }

  /** Whatever happened, nothing is left of it. */
  async destroy(): Promise<void> {
    this.kill();
    await this.#exited;
    await this.killDatabase();
  }
}

/** The report, or why there is none. */
function reportOf(child: ChildProcess): Promise<GatewayReport | string> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(`nothing heard for ${startMs} ms`), startMs);
    const settle = (answer: GatewayReport | string) => {
      clearTimeout(timer);
      resolve(answer);
    };
    child.once('message', (message) => settle(message as GatewayReport));
    child.once('error', (error) => settle(error.message));
    child.once('exit', (code, signalName) => settle(`it ended first (${signalName ?? code})`));
  });
}

// Not once it has ended: its number may be somebody else's by then.
function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) signal(-pid, 'SIGKILL');
}

async function postgresPids({ data }: GatewayHome): Promise<number[]> {
  return (await postgresProcessesIn(join(data, 'postgres'))).map(({ pid }) => pid);
}

async function killPostgres(home: GatewayHome): Promise<void> {
  for (let pids = await postgresPids(home); pids.length > 0; pids = await postgresPids(home)) {
    for (const pid of pids) signal(pid, 'SIGKILL');
  }
}

function environmentOf({ data, folder }: GatewayHome): Record<string, string> {
  return {
    PASSERELLE_DATA_DIR: data,
    PASSERELLE_HOSTNAME: hostname,
    PASSERELLE_HOSTED_DOMAINS_PROFESSIONALS: doctorsDomain,
    PASSERELLE_SMTP_SUBMISSION_HOST: '127.0.0.1',
    PASSERELLE_SMTP_SUBMISSION_PORT: '0',
    PASSERELLE_IMAP_HOST: '127.0.0.1',
    PASSERELLE_IMAP_PORT: '0',
    PASSERELLE_IMAP_TLS_PORT: '0',
    PASSERELLE_LDAP_HOST: '127.0.0.1',
    PASSERELLE_LDAP_PORT: '0',
    PASSERELLE_LDAP_TLS_PORT: '0',
    PASSERELLE_OBSERVE_PORT: '0',
    PASSERELLE_OBSERVE_LOG_LEVEL: 'fatal',
    PASSERELLE_TLS_CERTIFICATE_FILE: join(folder, 'authority', `server-${hostname}.crt`),
    PASSERELLE_TLS_KEY_FILE: join(folder, 'authority', `server-${hostname}.key`),
  };
}
