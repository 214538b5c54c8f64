// The test's end of the sampler process.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What processes hold at one moment. */
export type Peak = { readonly gatewayBytes: number; readonly postgresBytes: number; readonly totalBytes: number };

/** Samples one gateway every 20 ms until stopped. */
export class Sampler {
  readonly #child: ChildProcess;

  constructor(gatewayPid: number, dataDir: string) {
    const script = fileURLToPath(new URL('./sampler-process.ts', import.meta.url));
    this.#child = fork(script, [String(gatewayPid), dataDir], { execArgv: ['--import', 'tsx'] });
  }

  /** The highest since the last call, and forgets it. */
  async peak(): Promise<Peak> {
    const answer = once(this.#child, 'message');
    this.#child.send('peak');
    const [peak] = await answer;
    return peak as Peak;
  }

  /** Resolves when it looks no more. */
  async stop(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.disconnect();
    await exit;
  }
}
