// Hands a task to a load process and waits for its answer.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FsyncResult, FsyncTask, LettersResult, LettersTask } from './tasks.ts';

/** Node gives files four threads; as many as there are writers, so that the disk is measured and not Node. */
const fileThreads = '16';

export function runLoad(task: FsyncTask): Promise<FsyncResult>;
export function runLoad(task: LettersTask): Promise<LettersResult>;
/** Rejects when the load process could not carry out its task. */
export function runLoad(task: FsyncTask | LettersTask): Promise<FsyncResult | LettersResult> {
  const child = fork(fileURLToPath(new URL('./load-process.ts', import.meta.url)), [], {
    env: { ...process.env, UV_THREADPOOL_SIZE: fileThreads },
  });
  return new Promise((resolve, reject) => {
    child.once('message', (answer: { value?: FsyncResult | LettersResult; failure?: string }) => {
      if (answer.value) resolve(answer.value);
      else reject(new Error(`The load failed: ${answer.failure}`));
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`The load process ended (${signal ?? code}) without an answer`)));
    child.send(task);
  });
}
