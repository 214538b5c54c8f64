// Delivery's migrations, in order. Append only.
import type { MigrationSet } from '../../database/migrate.ts';
import * as outbox from './001-outbox.ts';
import * as ledgerAndQuarantine from './002-ledger-and-quarantine.ts';
import * as remoteRates from './003-remote-rates.ts';
import * as deadLetters from './004-dead-letters.ts';
import * as deadlines from './005-deadlines.ts';
import * as notices from './006-notices.ts';

/** What delivery's tables need, oldest first. */
export const deliveryMigrations: MigrationSet = {
  owner: 'delivery',
  migrations: {
    '001-outbox': outbox,
    '002-ledger-and-quarantine': ledgerAndQuarantine,
    '003-remote-rates': remoteRates,
    '004-dead-letters': deadLetters,
    '005-deadlines': deadlines,
    '006-notices': notices,
  },
};
