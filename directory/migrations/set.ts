// The registry's migrations, in order.
import type { MigrationSet } from '../../src/database/migrate.ts';
import * as registry from './001-registry.ts';
import * as citizens from './002-citizens.ts';
import * as people from './003-people.ts';

/** Append-only: a migration that has shipped is never edited. */
export const directoryMigrations: MigrationSet = {
  owner: 'directory',
  migrations: { '001-registry': registry, '002-citizens': citizens, '003-people': people },
};
