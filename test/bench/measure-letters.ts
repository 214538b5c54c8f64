// Durable and visible letters a second through the submission door.
import { checkVisible } from './check-visible.ts';
import type { Row } from './rows.ts';
import { runLoad } from './run-load.ts';
import type { BenchWorld } from './world.ts';

/** One load. Times in milliseconds. */
export type LettersPlan = {
  readonly sizes: readonly { readonly name: string; readonly bytes: number }[];
  readonly connections: readonly number[];
  readonly warmUpMs: number;
  readonly durationMs: number;
};

/** Figures, and what was found wrong. */
export type Measured = { readonly rows: readonly Row[]; readonly problems: readonly string[] };

/** Every size with every number of connections. After each, the letters acknowledged are looked for. */
export async function measureLetters(world: BenchWorld, plan: LettersPlan, label: string, fsyncsPerSecond: number): Promise<Measured> {
  const rows: Row[] = [];
  const problems: string[] = [];
  const owed = new Map<string, number>();
  for (const size of plan.sizes) {
    for (const connections of plan.connections) {
      const what = `letters of ${size.name}, ${connections} connections, ${label}`;
      const before = world.cpu();
      const result = await runLoad({
        do: 'letters',
        port: world.report.ports.submission,
        ca: world.authority,
        senders: world.crowd.doctors,
        recipients: world.crowd.citizens.map(({ address }) => address),
        sizeBytes: size.bytes,
        connections,
        warmUpMs: plan.warmUpMs,
        durationMs: plan.durationMs,
      });
      const after = world.cpu();
      let taken = 0;
      for (const [address, count] of Object.entries(result.owed)) {
        owed.set(address, (owed.get(address) ?? 0) + count);
        taken += count;
      }
      const rate = result.acknowledged / result.seconds;
      const cpu = (part: 'gateway' | 'postgres') => (((after[part] - before[part]) / taken) * 1000).toFixed(2);
      const detail = `median ${result.medianMs.toFixed(0)} ms, 99% ${result.p99Ms.toFixed(0)} ms; CPU a letter: gateway ${cpu('gateway')} ms, PostgreSQL ${cpu('postgres')} ms`;
      rows.push({ what, value: rate, unit: '/s', perFsync: rate / fsyncsPerSecond, detail });
      const refusals = Object.entries(result.refused).map(([code, count]) => `${count} letters were answered ${code}`);
      problems.push(...[...refusals, ...(await checkVisible(world, owed))].map((problem) => `${what}: ${problem}`));
    }
  }
  return { rows, problems };
}
