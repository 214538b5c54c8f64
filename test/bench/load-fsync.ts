// The machine's own speed limit: how often it can make four kilobytes durable. Every durable figure is to be read beside it.
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FsyncResult, FsyncTask } from './tasks.ts';

const blockBytes = 4096;

/** Appends and syncs until the time is over, then removes its files. */
export async function loadFsync(task: FsyncTask): Promise<FsyncResult> {
  const folder = await mkdtemp(join(task.folder, 'fsync-'));
  try {
    const files = await Promise.all(Array.from({ length: task.writers }, (_, at) => open(join(folder, String(at)), 'w')));
    const start = performance.now();
    const counts = await Promise.all(files.map((file) => appendUntil(file, start + task.durationMs)));
    const seconds = (performance.now() - start) / 1000;
    await Promise.all(files.map((file) => file.close()));
    return { count: counts.reduce((sum, count) => sum + count, 0), seconds };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function appendUntil(file: FileHandle, end: number): Promise<number> {
  const block = Buffer.alloc(blockBytes, 1);
  let count = 0;
  while (performance.now() < end) {
    await file.write(block);
    await file.datasync();
    count += 1;
  }
  return count;
}
