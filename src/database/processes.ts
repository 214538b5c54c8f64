// Other processes of this machine: is one alive, is it still the one we knew, which ones work in a folder.
// A pid alone proves nothing, since the system gives it out again; with the time of the start it does.
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A text that is the same for as long as `pid` is the same process, and never again; undefined when there is none. */
export async function processStart(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return processStartByPs(pid);
  try {
    const [boot, line] = await Promise.all([readFile('/proc/sys/kernel/random/boot_id', 'utf8'), readFile(`/proc/${pid}/stat`, 'utf8')]);
    // proc(5): the command name may hold spaces and parentheses, so fields are counted from its last parenthesis.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    const state = fields[0];
    // A zombie holds nothing any more; it only waits for a parent to read its exit code.
    if (state === 'Z' || state === 'X') return undefined;
    return `${boot.trim()}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

async function processStartByPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { env: { LC_ALL: 'C' } });
    const [state = '', ...start] = stdout.trim().split(/\s+/);
    return state === '' || state.startsWith('Z') ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
}

/** A process that works in a folder, as found at one moment. */
export type FoundProcess = { readonly pid: number; readonly parentPid: number; readonly start: string };

/**
 * The PostgreSQL processes whose working folder is `folder`, zombies left out. The postmaster enters its data folder and
 * every child inherits it, so this finds children that lost their postmaster, whatever session they belong to.
 */
export async function postgresProcessesIn(folder: string): Promise<FoundProcess[]> {
  const target = await stat(folder).catch(() => undefined);
  if (!target) return [];
  const pids = process.platform === 'linux' ? await pidsByProc(target.dev, target.ino) : await pidsByLsof(folder);
  const found: FoundProcess[] = [];
  for (const pid of pids) {
    const start = await processStart(pid);
    if (start !== undefined) found.push({ pid, parentPid: await parentOf(pid), start });
  }
  return found;
}

async function pidsByProc(dev: number, ino: number): Promise<number[]> {
  const pids: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const folder = await stat(`/proc/${entry}/cwd`).catch(() => undefined);
    if (folder?.dev !== dev || folder.ino !== ino) continue;
    // A shell that an operator left in the folder is none of ours.
    const program = await readlink(`/proc/${entry}/exe`).catch(() => '');
    if (/\/postgres( \(deleted\))?$/.test(program)) pids.push(Number(entry));
  }
  return pids;
}

async function pidsByLsof(folder: string): Promise<number[]> {
  // lsof ends with 1 when nothing matches.
  const { stdout } = await run('lsof', ['-a', '-c', 'postgres', '-d', 'cwd', '-F', 'pn']).catch((error: { stdout?: string }) => ({
    stdout: error.stdout ?? '',
  }));
  const pids: number[] = [];
  let pid = 0;
  for (const line of stdout.split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    else if (line === `n${folder}`) pids.push(pid);
  }
  return pids;
}

async function parentOf(pid: number): Promise<number> {
  try {
    if (process.platform !== 'linux') return Number((await run('ps', ['-o', 'ppid=', '-p', String(pid)])).stdout);
    const line = await readFile(`/proc/${pid}/stat`, 'utf8');
    return Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

/** Sends a signal; false when the process is already gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
