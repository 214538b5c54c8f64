// A process that is stopped, and has really stopped: the signal returns before the threads on other cores have seen it.
import { readdir, readFile } from 'node:fs/promises';
import { until } from './until.ts';

/** Sends SIGSTOP; resolves once no thread of the process runs any more. SIGCONT wakes it. Where there is no /proc, it is taken at its word. */
export async function freezeProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await until('every thread has stopped', async () => (await statesOf(pid)).every((state) => state === 'T' || state === 'Z'));
}

/** One letter a thread. proc(5): the name before it may hold parentheses. */
async function statesOf(pid: number): Promise<string[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lines = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => ') Z')));
  return lines.map((line) => line.charAt(line.lastIndexOf(')') + 2));
}
