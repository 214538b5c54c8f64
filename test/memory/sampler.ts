// The test's end of the sampler process.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '../support/until.ts';

/** Proportional set sizes at one moment. */
export type Peak = { readonly gatewayBytes: number; readonly postgresBytes: number; readonly totalBytes: number };

/** What may be asked: the present, or the highest since the last time it was asked. */
export type SamplerOrder = 'now' | 'peak-and-reset';

/** Memory counts as settled when it has moved by less than this for `settledMs`. */
const settledBytes = 1024 * 1024;
const settledMs = 1500;
const patienceMs = 60_000;

/** Samples one gateway every 20 ms until stopped. */
export class Sampler {
  readonly #child: ChildProcess;

  constructor(gatewayPid: number, dataDir: string) {
    const script = fileURLToPath(new URL('./sampler-process.ts', import.meta.url));
    this.#child = fork(script, [String(gatewayPid), dataDir], { execArgv: ['--import', 'tsx'] });
  }

  /** The highest since the last call, and forgets it. */
  peak(): Promise<Peak> {
    return this.#ask('peak-and-reset');
  }

  /** Waits until nothing moves any more, and says how much that is. */
  async settled(): Promise<Peak> {
    let reference = await this.#ask('now');
    let since = performance.now();
    return until(
      'the memory has settled',
      async () => {
        const now = await this.#ask('now');
        if (Math.abs(now.totalBytes - reference.totalBytes) > settledBytes) {
          reference = now;
          since = performance.now();
        }
        return performance.now() - since > settledMs && now;
      },
      patienceMs,
    );
  }

  stop(): void {
    this.#child.disconnect();
  }

  async #ask(order: SamplerOrder): Promise<Peak> {
    const answer = once(this.#child, 'message');
    this.#child.send(order);
    const [peak] = await answer;
    return peak as Peak;
  }
}
