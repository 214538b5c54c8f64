// Reads letters given as files, one after another, in a process that has never made one: what it grows by is what reading costs.
// Times are processor time, the best of three: a busy machine hardly changes them. Speaks to its parent, one message a letter.
import { closeSync, openSync, readSync } from 'node:fs';
import { readDocuments } from '../../../../src/mail/documents/read-documents.ts';
import { letterBytes, rootOf } from '../documents.ts';

/** What one letter cost: processor time, bytes over what the process had before the first but after a rehearsal, and the longest slice between two turns of the event loop. */
export type Cost = {
  readonly path: string;
  readonly verdict: string;
  readonly ms: number;
  readonly grownBytes: number;
  readonly stallMs: number;
};

/** Every letter is read from here: held before anything is measured, so that only the reading itself is. */
const memory = Buffer.alloc(32 * 1024 * 1024, 1);

async function measure(path: string, sizeBytes: number, baseBytes: number): Promise<Cost> {
  const file = openSync(path, 'r');
  readSync(file, memory, 0, sizeBytes, 0);
  closeSync(file);
  const bytes = letterBytes(memory.subarray(0, sizeBytes));
  const part = rootOf(memory.subarray(0, sizeBytes));
  const { problem, because } = await readDocuments(part, bytes);
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const before = cpuMs();
    await readDocuments(part, bytes);
    times.push(cpuMs() - before);
  }
  const watch = { isOver: false, last: 0, stallMs: 0, peakBytes: 0 };
  const look = () => {
    watch.stallMs = Math.max(watch.stallMs, cpuMs() - watch.last);
    watch.peakBytes = Math.max(watch.peakBytes, process.memoryUsage.rss());
    watch.last = cpuMs();
    if (!watch.isOver) setImmediate(look);
  };
  globalThis.gc?.();
  watch.last = cpuMs();
  setImmediate(look);
  await readDocuments(part, bytes);
  watch.isOver = true;
  look();
  const grownBytes = Math.max(watch.peakBytes, process.memoryUsage.rss()) - baseBytes;
  return { path, verdict: problem ? `${problem}: ${because}` : 'fine', ms: Math.min(...times), grownBytes, stallMs: watch.stallMs };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

process.on('message', (letters: readonly { path: string; sizeBytes: number }[]) => {
  const run = async () => {
    // The code itself, loaded and compiled, is no cost of a letter: the first is read once beforehand.
    for (const { path, sizeBytes } of letters.slice(0, 1)) await measure(path, sizeBytes, 0);
    globalThis.gc?.();
    const baseBytes = process.memoryUsage.rss();
    for (const { path, sizeBytes } of letters) process.send?.(await measure(path, sizeBytes, baseBytes));
    process.disconnect();
  };
  void run();
});
