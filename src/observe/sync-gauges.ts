// How long ago each source of the registry was last found up to date, counted by the gateway's first process alone. docs/operations/alerts.md
// says what to do about one that stays away.
import { Gauge, type Registry } from 'prom-client';
import { CountWhenAsked } from './count-when-asked.ts';

/** Where the figures come from. */
export type SyncSource = {
  /** The sources that are configured, and how often each is looked at, in milliseconds. */
  readonly periods: ReadonlyMap<string, number>;
  /** Milliseconds since each was last up to date. */
  readonly readAges: () => Promise<ReadonlyMap<string, number>>;
  /** Told of a count that failed. */
  readonly failed: (error: unknown) => void;
};

/** Adds the gauges to a registry. */
export function addSyncGauges(registry: Registry, { periods, readAges, failed }: SyncSource): void {
  const registers = [registry];
  const period = new Gauge({
    name: 'passerelle_directory_sync_period_seconds',
    help: 'How often a source of the registry is looked at',
    labelNames: ['source'],
    registers,
  });
  for (const [source, ms] of periods) period.set({ source }, ms / 1000);
  const age = new Gauge({
    name: 'passerelle_directory_sync_age_seconds',
    help: 'Since the registry was last found to have what this source has',
    labelNames: ['source'],
    registers,
    collect: () => counts.refresh(),
  });
  const counts = new CountWhenAsked<ReadonlyMap<string, number>>({
    read: readAges,
    show: (ages) => {
      age.reset();
      for (const [source, ms] of ages ?? []) if (periods.has(source)) age.set({ source }, ms / 1000);
    },
    failed,
  });
}
