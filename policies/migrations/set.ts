// The register's migrations, in order.
import type { MigrationSet } from '../../src/database/migrate.ts';
import * as exchanges from './001-exchanges.ts';
import * as choices from './002-choices.ts';
import * as noticePreferences from './003-notice-preferences.ts';
import * as recordObjections from './004-record-objections.ts';

/** Append-only: a migration that has shipped is never edited. */
export const policiesMigrations: MigrationSet = {
  owner: 'policies',
  migrations: {
    '001-exchanges': exchanges,
    '002-choices': choices,
    '003-notice-preferences': noticePreferences,
    '004-record-objections': recordObjections,
  },
};
