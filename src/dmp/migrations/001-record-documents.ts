// The register of documents copied into the national record, and the letters that brought them.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table record_documents (
      unique_id text primary key check (length(unique_id) <= 200),
      state text not null check (state in ('waiting', 'fed', 'refused', 'not-fed')),
      code text,
      citizen_id bigint,
      entry_uuid text,
      replaced_by text,
      entry jsonb,
      answers jsonb not null default '[]',
      known_at timestamptz not null,
      fed_at timestamptz,
      told_at timestamptz,
      shown_at timestamptz,
      check ((state in ('refused', 'not-fed')) = (code is not null)),
      check ((state = 'fed') = (fed_at is not null)),
      check (entry is null or (state = 'fed' and shown_at is null))
    )`.execute(db);
  // Few are hidden, and not for long: the daily look at them costs what is hidden, whatever was copied.
  await sql`create index record_documents_hidden on record_documents (fed_at) where entry is not null`.execute(db);
  await sql`create index record_documents_age on record_documents (known_at)`.execute(db);
  await sql`create index record_documents_open on record_documents (state, known_at) where state <> 'fed'`.execute(db);

  await sql`
    create table record_document_letters (
      letter_id uuid not null,
      unique_id text not null references record_documents on delete cascade,
      place smallint not null,
      primary key (letter_id, unique_id)
    )`.execute(db);
  await sql`create index record_document_letters_document on record_document_letters (unique_id)`.execute(db);
}
