// What a gateway that was killed left behind: a server that nobody owns any more, or children of a server that was
// killed itself. They are ended before a new server starts, which would refuse the folder (« shared memory is still in
// use ») or, worse, find a child still writing. Called only while the data folder's lock is held.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../observe/log.ts';
import { type FoundProcess, postgresProcessesIn, processStart, signal } from '../processes.ts';
import { socketPort } from './settings.ts';
import { EmbeddedStartError } from './start-error.ts';

/** How the processes are asked to end, and how long each way may take, in milliseconds. */
const ways = [
  { signal: 'SIGINT', to: 'postmaster', waitMs: 20_000 }, // fast shutdown: transactions end, a last checkpoint is written
  { signal: 'SIGQUIT', to: 'postmaster', waitMs: 5_000 }, // immediate: the next start replays the log
  { signal: 'SIGKILL', to: 'all', waitMs: 10_000 },
] as const;

/** Ends every PostgreSQL process of `data`, and returns once they are really gone. Returns how many there were. */
export async function endLeftovers(data: string, socketFolder: string | undefined, log: Log): Promise<number> {
  const first = await postgresProcessesIn(data);
  if (first.length > 0) log.warn({ processes: first.length }, 'PostgreSQL processes of an earlier run are ended');
  for (const way of ways) {
    const left = await postgresProcessesIn(data);
    if (left.length === 0) break;
    const postmaster = await findPostmaster(data, left);
    // Without a postmaster nobody will end the children in order; what they had not committed is lost either way.
    if (way.to === 'postmaster' && !postmaster) continue;
    for (const each of way.to === 'all' ? left : [postmaster]) if (each) await signalSame(each, way.signal);
    await waitUntilGone(data, way.waitMs);
  }
  if ((await postgresProcessesIn(data)).length > 0) {
    throw new EmbeddedStartError(`PostgreSQL processes of an earlier run still use ${data} and cannot be ended`);
  }
  // Their pids may belong to other programs by now, which would keep PostgreSQL from starting.
  await rm(join(data, 'postmaster.pid'), { force: true });
  if (socketFolder !== undefined) {
    await rm(join(socketFolder, `.s.PGSQL.${socketPort}`), { force: true });
    await rm(join(socketFolder, `.s.PGSQL.${socketPort}.lock`), { force: true });
  }
  return first.length;
}

async function findPostmaster(data: string, found: readonly FoundProcess[]): Promise<FoundProcess | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const recorded = Number(text.split('\n')[0]);
  return found.find((each) => each.pid === recorded) ?? found.find((each) => found.some((other) => other.parentPid === each.pid));
}

async function signalSame(found: FoundProcess, name: NodeJS.Signals): Promise<void> {
  if ((await processStart(found.pid)) === found.start) signal(found.pid, name);
}

async function waitUntilGone(data: string, waitMs: number): Promise<void> {
  const deadline = Date.now() + waitMs;
  while (Date.now() < deadline && (await postgresProcessesIn(data)).length > 0) await new Promise((next) => setTimeout(next, 20));
}
