// A real Postfix (Debian's) for tests: its own configuration, queue and ports on loopback, run by root as Postfix must be. It takes what
// this machine gives it and sends each domain where the test says.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { signal } from '../../src/database/processes.ts';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

const run = promisify(execFile);

/** Where letters for each domain go, and how Postfix shows itself there. */
export type PostfixOptions = {
  readonly hostname: string;
  /** Domain → port on this machine. */
  readonly ports: Readonly<Record<string, number>>;
  /** PEM: shown to servers that ask for a certificate. */
  readonly client: { readonly key: string; readonly cert: string };
  /** PEM of the authority that servers' certificates come from. */
  readonly authority: string;
};

/** A Postfix that runs. */
export type TestPostfix = {
  /** Where it takes letters, in clear text. */
  readonly port: number;
  /** Letters in its queue: on their way, or put off. */
  queued(): Promise<number>;
  /** Everything it has logged. */
  log(): Promise<string>;
  /** Ends it and its children, and removes its folder. */
  stop(): Promise<void>;
};

/** Postfix's own processes, the least that takes, queues and sends. Columns: service type private unpriv chroot wakeup maxproc command. */
const services = (port: number) => `127.0.0.1:${port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;

/** Starts it; rejects with its log when it does not open its port. */
export async function startPostfix(options: PostfixOptions): Promise<TestPostfix> {
  if (process.getuid?.() !== 0) throw new Error('Postfix runs as root only: run this test as root');
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-postfix-'));
  // Its processes run under an account of their own, which must reach the folder.
  await chmod(folder, 0o755);
  const config = join(folder, 'etc');
  for (const name of ['etc', 'queue', 'data', 'tls']) await mkdir(join(folder, name), { mode: 0o755 });
  await run('chown', ['postfix', join(folder, 'data')]);
  const port = await freePort();
  await writeFile(join(folder, 'tls', 'client.key'), options.client.key, { mode: 0o600 });
  await writeFile(join(folder, 'tls', 'client.crt'), options.client.cert);
  await writeFile(join(folder, 'tls', 'authority.crt'), options.authority);
  const routes = Object.entries(options.ports).map(([domain, to]) => `${domain} smtp:[127.0.0.1]:${to}\n`);
  await writeFile(join(config, 'transport'), routes.join(''));
  await writeFile(join(config, 'master.cf'), services(port));
  const logFile = join(folder, 'maillog');
  const settings = {
    compatibility_level: '3.6',
    queue_directory: join(folder, 'queue'),
    data_directory: join(folder, 'data'),
    mail_owner: 'postfix',
    setgid_group: 'postdrop',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    myhostname: options.hostname,
    mydestination: '',
    mynetworks: '127.0.0.0/8',
    local_recipient_maps: '',
    alias_maps: '',
    alias_database: '',
    smtpd_relay_restrictions: 'permit_mynetworks, reject',
    transport_maps: `texthash:${join(config, 'transport')}`,
    // A domain it was told nothing of goes nowhere: no test speaks to the world.
    default_transport: 'error:5.1.2 no such domain here',
    relay_transport: 'error:5.1.2 no such domain here',
    smtp_tls_security_level: 'may',
    smtp_tls_key_file: join(folder, 'tls', 'client.key'),
    smtp_tls_cert_file: join(folder, 'tls', 'client.crt'),
    smtp_tls_CAfile: join(folder, 'tls', 'authority.crt'),
    smtpd_tls_security_level: 'none',
    smtpd_peername_lookup: 'no',
    smtpd_client_connection_count_limit: '0',
    in_flow_delay: '0',
    queue_run_delay: '2s',
    minimal_backoff_time: '2s',
    maximal_backoff_time: '10s',
    maillog_file: logFile,
    maillog_file_prefixes: folder,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  await writeFile(join(config, 'main.cf'), lines.join(''));
  const master = spawn('/usr/sbin/postfix', ['-c', config, 'start-fg'], { stdio: 'ignore' });
  const failed = new Promise<string>((resolve) => master.once('error', (error) => resolve(error.message)));
  const log = () => readFile(logFile, 'utf8').catch(() => '');
  const stop = async () => {
    await end(master, join(folder, 'queue'));
    await rm(folder, { recursive: true, force: true, maxRetries: 20 });
  };
  try {
    await Promise.race([
      until(
        'Postfix takes connections',
        () => (hasEnded(master) ? Promise.reject(new Error('Postfix ended at once')) : isOpen(port)),
        60_000,
      ),
      failed.then((because) => Promise.reject(new Error(because))),
    ]);
  } catch (error) {
    const said = await log();
    await stop();
    throw new Error(`Postfix (Debian's package) did not start: ${said}`, { cause: error });
  }
  return { port, queued: () => countQueued(join(folder, 'queue')), log, stop };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

/** The process that was started waits for the master, which makes a session of its own: it is named in its pid file, and ends its children. */
async function end(started: ChildProcess, queue: string): Promise<void> {
  const master = Number(await readFile(join(queue, 'pid', 'master.pid'), 'utf8').catch(() => '0'));
  const exited = hasEnded(started) ? Promise.resolve() : once(started, 'exit');
  if (master > 0) {
    signal(master, 'SIGTERM');
    const timer = setTimeout(() => signal(-master, 'SIGKILL'), 10_000);
    await until('Postfix has ended', () => !isAlive(master), 30_000);
    clearTimeout(timer);
  } else if (!hasEnded(started)) {
    started.kill('SIGKILL');
  }
  await exited;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function countQueued(queue: string): Promise<number> {
  let count = 0;
  for (const name of ['incoming', 'active', 'deferred', 'maildrop']) {
    const entries = await readdir(join(queue, name), { recursive: true, withFileTypes: true }).catch(() => []);
    count += entries.filter((entry) => entry.isFile()).length;
  }
  return count;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('data', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
  });
}
