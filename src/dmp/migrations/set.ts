// The register's migrations, in order. Append only.
import type { MigrationSet } from '../../database/migrate.ts';
import * as recordDocuments from './001-record-documents.ts';
import * as sameBytes from './002-same-bytes.ts';

/** What the register of documents needs, oldest first. */
export const dmpMigrations: MigrationSet = {
  owner: 'dmp',
  migrations: { '001-record-documents': recordDocuments, '002-same-bytes': sameBytes },
};
