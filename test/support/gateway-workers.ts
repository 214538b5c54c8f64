// The processes that serve a gateway's doors, found through /proc. Linux.
import { readFile } from 'node:fs/promises';

/** The worker processes that this process has started and that are alive. */
export async function workersOf(pid: number): Promise<number[]> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').filter(Boolean).map(Number);
  const commands = await Promise.all(children.map((child) => readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '')));
  return children.filter((_, index) => commands[index]?.includes('worker.ts'));
}
