// The registry's migrations, in order.
import type { MigrationSet } from '../../src/database/migrate.ts';
import * as registry from './001-registry.ts';
import * as citizens from './002-citizens.ts';
import * as people from './003-people.ts';
import * as history from './004-history.ts';
import * as addressBook from './005-address-book.ts';
import * as citizenQuestions from './006-citizen-questions.ts';
import * as imports from './007-imports.ts';
import * as feeds from './008-feeds.ts';

/** Append-only: a migration that has shipped is never edited. */
export const directoryMigrations: MigrationSet = {
  owner: 'directory',
  migrations: {
    '001-registry': registry,
    '002-citizens': citizens,
    '003-people': people,
    '004-history': history,
    '005-address-book': addressBook,
    '006-citizen-questions': citizenQuestions,
    '007-imports': imports,
    '008-feeds': feeds,
  },
};
