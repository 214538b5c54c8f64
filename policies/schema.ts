// The register of exchanges: one row per citizen and correspondent.
import type { Generated } from 'kysely';
import type { Address } from '../src/core/address.ts';

declare module '../src/database/tables.ts' {
  interface Tables {
    exchanges: ExchangesTable;
  }
}

/** `correspondent` is the canonical address the citizen may write to while the row is open. */
export interface ExchangesTable {
  citizen_id: number;
  correspondent: Address;
  state: 'open' | 'ended';
  opened_at: Generated<Date>;
  changed_at: Generated<Date>;
}
