// The accounts' migrations, in order.
import type { MigrationSet } from '../../database/migrate.ts';
import * as applicationPasswords from './001-application-passwords.ts';
import * as renamedLogins from './002-renamed-logins.ts';

/** Append-only: a migration that has shipped is never edited. */
export const accountsMigrations: MigrationSet = {
  owner: 'accounts',
  migrations: { '001-application-passwords': applicationPasswords, '002-renamed-logins': renamedLogins },
};
