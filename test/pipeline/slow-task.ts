// Work that has begun and does not end until the test says so.
import { z } from 'zod';
import { type AnyTask, type Lane, task } from '../../src/pipeline/task.ts';

/** A task named `slow`, how often it was begun, and its end. */
export type SlowTask = { readonly task: AnyTask; runs(): number; release(): void };

/** Makes one. */
export function slowTask(lane: Lane): SlowTask {
  let runs = 0;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = task({
    name: 'slow',
    payload: z.strictObject({}),
    lane,
    retry: { firstDelayMs: 10, longestDelayMs: 10, giveUpAfterMs: 60_000 },
    run: async () => {
      runs += 1;
      await released;
      return { do: 'done' };
    },
  });
  return { task: slow, runs: () => runs, release: () => release() };
}
