// A real slapd (Debian's OpenLDAP) of a test's own: free ports of loopback, a folder of its own with its data and its certificate, that
// the test kills, freezes and starts again as it likes.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openDevAuthority } from '../../certs/dev-authority.ts';
import { freePort } from './free-port.ts';
import { freezeProcess } from './freeze-process.ts';
import { until } from './until.ts';

const run = promisify(execFile);

/** What it holds and how it behaves. */
export type SlapdOptions = {
  /** Every entry, that of the suffix first. RFC 2849. */
  readonly ldif: string;
  /** `o=region,c=fr` */
  readonly suffix: string;
  /** Schema files beside OpenLDAP's own core, cosine and inetorgperson. */
  readonly schemas?: readonly string[];
  /** Lines of its configuration, at the end: those of the database. */
  readonly settings?: readonly string[];
};

/** A server that runs, or did. */
export type TestSlapd = {
  /** `ldap://127.0.0.1:…`, which offers StartTLS. */
  readonly url: string;
  readonly ldapsUrl: string;
  /** File of the authority of its certificate, PEM; the certificate names localhost and 127.0.0.1. */
  readonly authorityFile: string;
  /** Who may do anything. Everybody else may read, unless `settings` say otherwise. */
  readonly account: { readonly dn: string; readonly password: string };
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts again on the same ports. Kills it first when it still runs. */
  restart(): Promise<void>;
  /** Stops answering, connections open; goes on with `wake()`. */
  freeze(): Promise<void>;
  wake(): void;
  /** Kills it and removes its folder. */
  stop(): Promise<void>;
};

const debianSchemas = ['core', 'cosine', 'inetorgperson'].map((name) => `/etc/ldap/schema/${name}.schema`);
const password = 'fictif';

/** Starts one; resolves when it answers, rejects with its own words. */
export async function startSlapd(options: SlapdOptions): Promise<TestSlapd> {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-slapd-'));
  await chmod(folder, 0o755);
  const authority = await openDevAuthority(join(folder, 'authority'));
  const account = { dn: `cn=admin,${options.suffix}`, password };
  const config = join(folder, 'slapd.conf');
  const [port, tlsPort] = [await freePort(), await freePort()];
  const urls = { url: `ldap://127.0.0.1:${port}`, ldapsUrl: `ldaps://127.0.0.1:${tlsPort}` };
  await writeServer(folder, config, options, account, authority);
  await load(folder, config, options.ldif);
  const begin = () => start(folder, config, urls, [port, tlsPort]);
  let server = await begin();
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
  };
  return {
    ...urls,
    authorityFile: authority.certificateFile,
    account,
    kill,
    async restart() {
      await kill();
      server = await begin();
    },
    freeze: () => freezeProcess(server.pid ?? 0),
    wake: () => void server.kill('SIGCONT'),
    async stop() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function writeServer(
  folder: string,
  config: string,
  { suffix, schemas = [], settings = [] }: SlapdOptions,
  account: TestSlapd['account'],
  authority: Awaited<ReturnType<typeof openDevAuthority>>,
): Promise<void> {
  const { key, cert } = await authority.serverCredential('localhost');
  const files = { key: join(folder, 'slapd.key'), cert: join(folder, 'slapd.crt') };
  await writeFile(files.key, key, { mode: 0o600 });
  await writeFile(files.cert, cert);
  await mkdir(join(folder, 'data'));
  // A copy is not confined as the system's own may be, to the system's own folders.
  await copyFile('/usr/sbin/slapd', join(folder, 'slapd'));
  await chmod(join(folder, 'slapd'), 0o755);
  // The program does what the name it is called by says.
  await symlink('slapd', join(folder, 'slapadd'));
  const lines = [
    ...[...debianSchemas, ...schemas].map((file) => `include ${file}`),
    'modulepath /usr/lib/ldap',
    'moduleload back_mdb',
    `pidfile ${join(folder, 'slapd.pid')}`,
    `TLSCACertificateFile ${authority.certificateFile}`,
    `TLSCertificateFile ${files.cert}`,
    `TLSCertificateKeyFile ${files.key}`,
    'sizelimit unlimited',
    'database mdb',
    'maxsize 268435456',
    `directory ${join(folder, 'data')}`,
    `suffix "${suffix}"`,
    `rootdn "${account.dn}"`,
    `rootpw ${account.password}`,
    // Written once, and gone with the test.
    'dbnosync',
    ...settings,
  ];
  await writeFile(config, `${lines.join('\n')}\n`, { mode: 0o600 });
}

async function load(folder: string, config: string, ldif: string): Promise<void> {
  const file = join(folder, 'entries.ldif');
  await writeFile(file, ldif);
  await run(join(folder, 'slapadd'), ['-q', '-f', config, '-l', file]);
}

async function start(
  folder: string,
  config: string,
  { url, ldapsUrl }: Pick<TestSlapd, 'url' | 'ldapsUrl'>,
  ports: readonly number[],
): Promise<ChildProcess> {
  const server = spawn(join(folder, 'slapd'), ['-f', config, '-h', `${url}/ ${ldapsUrl}/`, '-d', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  server.stderr?.on('data', (bytes: Buffer) => {
    said = `${said}${bytes}`.slice(-4000);
  });
  const failed = new Promise<never>((_, reject) => {
    server.once('error', reject);
    server.once('exit', (code, signal) => reject(new Error(`slapd (Debian's package) ended: ${signal ?? code}\n${said}`)));
  });
  // It may end later, when nobody waits for it any more.
  failed.catch(() => undefined);
  const answering = until('slapd takes connections', async () => (await Promise.all(ports.map(isOpen))).every(Boolean), 60_000);
  answering.catch(() => undefined);
  await Promise.race([answering, failed]);
  return server;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
