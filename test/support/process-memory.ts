// What a gateway weighs and what it has spent: its processes and those of its PostgreSQL, seen through /proc. Linux only.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Pids at one moment. */
export type Processes = { readonly gateway: readonly number[]; readonly postgres: readonly number[] };

/** The processes of the gateway whose first one is `gatewayPid`, and those of the embedded server of its data folder. */
export function processesOf(gatewayPid: number, dataDir: string): Processes {
  const postmaster = Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
  return {
    gateway: [gatewayPid, ...childrenOf(gatewayPid).filter((pid) => pid !== postmaster)],
    postgres: [postmaster, ...childrenOf(postmaster)],
  };
}

/**
 * What these processes hold in memory, in bytes: their own pages and their shares of what they share, counted once over all of them. The pages
 * of programs and libraries are left out: they are files, and a process's share of them moves when a stranger runs the same program.
 * One that has ended weighs nothing.
 */
export function heldBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const counted = readProc(pid, 'smaps_rollup').matchAll(/^Pss_(?:Anon|Shmem):\s+(\d+) kB/gm);
    return sum + [...counted].reduce((inKb, [, kb]) => inKb + Number(kb), 0) * 1024;
  }, 0);
}

/** User and system time spent so far, in seconds, by these processes and by children of theirs that have ended. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const stat = readProc(pid, 'stat');
    // proc(5): the name may hold spaces and parentheses, so fields are counted from its last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return sum + fields.slice(11, 15).reduce((ticks, field) => ticks + Number(field), 0) / clockTicks;
  }, 0);
}

/** Ticks a second in /proc/<pid>/stat, whatever the kernel's own frequency. */
const clockTicks = 100;

function childrenOf(parent: number): number[] {
  const threads = listed(`/proc/${parent}/task`);
  return threads.flatMap((thread) =>
    readProc(parent, join('task', thread, 'children'))
      .split(' ')
      .filter(Boolean)
      .map(Number),
  );
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
