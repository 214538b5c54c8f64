// What was fed is known by its hash, so that another document under the same id is noticed when a later letter brings it; and the letter
// that brought it says so. A replacement may name what it replaces by its entry alone.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table record_documents add column sha1 bytea`.execute(db);
  await sql`alter table record_document_letters add column code text`.execute(db);
  await sql`create index record_documents_entry on record_documents (entry_uuid) where entry_uuid is not null`.execute(db);
  await sql`create index record_document_letters_other on record_document_letters (unique_id) where code is not null`.execute(db);
}
