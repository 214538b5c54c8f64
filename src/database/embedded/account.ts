// Under which account PostgreSQL runs: it refuses to be root, so as root it is given to `nobody`, which every system has.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { EmbeddedStartError } from './start-error.ts';

/** The account of the server's processes; `ours` when it is simply the gateway's own. */
export type ServerAccount = { readonly uid: number; readonly gid: number; readonly ours: boolean };

const accountName = 'nobody';

/** The account for this run. Throws EmbeddedStartError when the system has none that fits. */
export async function serverAccount(): Promise<ServerAccount> {
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  if (uid === undefined || gid === undefined) {
    throw new EmbeddedStartError('The embedded PostgreSQL runs on Linux and macOS only: set DATABASE_URL to use another server');
  }
  if (uid !== 0) return { uid, gid, ours: true };
  const ids = (await fromPasswd()) ?? (await fromId());
  if (ids && ids.uid !== 0) return { ...ids, ours: false };
  throw new EmbeddedStartError(
    `PostgreSQL refuses to run as root and this system has no account « ${accountName} »: start Passerelle as an ordinary user, or set DATABASE_URL`,
  );
}

async function fromPasswd(): Promise<{ uid: number; gid: number } | undefined> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const fields = text
    .split('\n')
    .find((line) => line.startsWith(`${accountName}:`))
    ?.split(':');
  return fields ? ids(fields[2], fields[3]) : undefined;
}

async function fromId(): Promise<{ uid: number; gid: number } | undefined> {
  const run = promisify(execFile);
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', accountName]), run('id', ['-g', accountName])]);
    return ids(uid.stdout.trim(), gid.stdout.trim());
  } catch {
    return undefined;
  }
}

// macOS writes -2 for what the kernel knows as 4294967294.
function ids(uid: string | undefined, gid: string | undefined): { uid: number; gid: number } | undefined {
  if (!/^-?\d+$/.test(uid ?? '') || !/^-?\d+$/.test(gid ?? '')) return undefined;
  return { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
}
