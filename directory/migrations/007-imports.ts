// Files that feed the registry: how far each was read, what was refused, and the lines of the national extraction while they wait to be
// applied. Requirement 24.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table imports (
    import_id bigint generated always as identity primary key,
    kind text not null check (kind in ('extraction', 'citizens')),
    source text not null,
    fingerprint text not null check (fingerprint ~ '^[0-9a-f]{64}$'),
    state text not null default 'reading' check (state in ('reading', 'read', 'applied', 'abandoned')),
    bytes_total bigint not null,
    bytes_done bigint not null default 0,
    lines_done bigint not null default 0,
    lines_taken bigint not null default 0,
    refused bigint not null default 0,
    noted bigint not null default 0,
    reasons jsonb not null default '{}',
    counts jsonb not null default '{}',
    by text not null,
    started_at timestamptz not null default now(),
    progress_at timestamptz not null default now(),
    ended_at timestamptz,
    check ((ended_at is null) = (state in ('reading', 'read')))
  )`,
  // One file of a kind at a time: what holds it when a process dies is this index, not the process.
  `create unique index imports_open on imports (kind) where state in ('reading', 'read')`,
  'create index imports_kind on imports (kind, import_id)',
  `create table import_rejects (
    reject_id bigint generated always as identity primary key,
    import_id bigint not null references imports on delete cascade,
    line_no bigint not null,
    column_name text,
    reason text not null,
    sentence text not null,
    taken boolean not null
  )`,
  'create index import_rejects_import on import_rejects (import_id, line_no, reject_id)',
  // Logged, unlike many staging tables: the progress beside it survives a crash, so must the lines.
  `create table import_lines (
    import_id bigint not null references imports on delete cascade,
    line_no bigint not null,
    refused boolean not null default false,
    address text not null,
    type text,
    rpps text,
    civility text,
    family_name text,
    given_name text,
    structure_id text,
    service text,
    category_code text,
    category text,
    profession_code text,
    profession text,
    skill_code text,
    skill text,
    paperless boolean,
    structure_name text,
    sign text,
    location_extra text,
    distribution_extra text,
    street_number text,
    street_number_extra text,
    street_type text,
    street_name text,
    place_name text,
    routing_line text,
    postal_code text,
    department text,
    country text,
    primary key (import_id, line_no)
  )`,
];
