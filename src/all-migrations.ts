// Which folders own tables, and the order their migrations run in: what the gateway brings up to date and a command only checks.
import { directoryMigrations } from '../directory/migrations/set.ts';
import { mailboxesMigrations } from '../mailboxes/migrations/set.ts';
import { policiesMigrations } from '../policies/migrations/set.ts';
import { accountsMigrations } from './accounts/migrations/set.ts';
import type { MigrationSet } from './database/migrate.ts';
import { deliveryMigrations } from './delivery/migrations/set.ts';
import { dmpMigrations } from './dmp/migrations/set.ts';

/** Every owner's migrations, in the order they are run. */
export const allMigrations: readonly MigrationSet[] = [
  directoryMigrations,
  mailboxesMigrations,
  policiesMigrations,
  deliveryMigrations,
  dmpMigrations,
  accountsMigrations,
];
