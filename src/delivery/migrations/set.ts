// Delivery's migrations, in order. Append only.
import type { MigrationSet } from '../../database/migrate.ts';
import * as outbox from './001-outbox.ts';
import * as ledgerAndQuarantine from './002-ledger-and-quarantine.ts';

/** What delivery's tables need, oldest first. */
export const deliveryMigrations: MigrationSet = {
  owner: 'delivery',
  migrations: { '001-outbox': outbox, '002-ledger-and-quarantine': ledgerAndQuarantine },
};
