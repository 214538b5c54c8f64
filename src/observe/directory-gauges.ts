// What of the registry is watched on /metrics, counted by the gateway's first process alone. docs/operations/alerts.md says what to do.
import { Gauge, type Registry } from 'prom-client';
import { CountWhenAsked } from './count-when-asked.ts';

/** Where the figure comes from; `failed` is told of a count that failed. */
export type DirectorySource = { readonly countTestIdentities: () => Promise<number>; readonly failed: (error: unknown) => void };

/** Adds the gauge to a registry. */
export function addDirectoryGauges(registry: Registry, { countTestIdentities, failed }: DirectorySource): void {
  const testIdentities = new Gauge({
    name: 'passerelle_directory_test_identities',
    help: 'Citizens registered under an identity made for tests (OID .10 and .11)',
    registers: [registry],
    collect: () => counts.refresh(),
  });
  const counts = new CountWhenAsked<number>({
    read: countTestIdentities,
    show: (count) => (count === undefined ? testIdentities.remove() : testIdentities.set(count)),
    failed,
  });
}
