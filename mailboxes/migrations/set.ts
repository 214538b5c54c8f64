// The migrations of stored mail, in order. Append only.
import type { MigrationSet } from '../../src/database/migrate.ts';
import * as mailboxes from './001-mailboxes.ts';
import * as choicesAndEvents from './002-choices-and-events.ts';

/** What the tables of stored mail need, oldest first. */
export const mailboxesMigrations: MigrationSet = {
  owner: 'mailboxes',
  migrations: { '001-mailboxes': mailboxes, '002-choices-and-events': choicesAndEvents },
};
