// Who opened and ended an exchange; blocks, first contacts, absences; what was seen, counted or told once.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  'alter table exchanges add column opened_by text, add column ended_by text, add column ended_at timestamptz',
  'alter table exchanges alter column opened_at drop not null, alter column opened_at drop default',
  // Until now, only a correspondent's own letters opened or ended anything.
  `update exchanges set opened_by = correspondent,
    ended_by = case when state = 'ended' then correspondent end, ended_at = case when state = 'ended' then changed_at end`,
  'alter table exchanges drop column changed_at',
  `alter table exchanges
    add constraint exchanges_opened check ((opened_by is null) = (opened_at is null) and (state = 'ended' or opened_by is not null)),
    add constraint exchanges_ended check ((state = 'ended') = (ended_by is not null) and (state = 'ended') = (ended_at is not null))`,

  `create table register_letters (
    citizen_id bigint not null,
    fingerprint bytea not null check (length(fingerprint) = 32),
    seen_at timestamptz not null,
    primary key (citizen_id, fingerprint)
  )`,
  'create index register_letters_seen on register_letters (seen_at)',

  `create table blocks (
    blocker text not null,
    citizen_id bigint not null,
    blocked_by text not null,
    since timestamptz not null,
    primary key (blocker, citizen_id)
  )`,

  `create table first_contacts (
    correspondent text primary key,
    audience text not null check (audience in ('everyone', 'listed', 'nobody')),
    daily_limit integer not null check (daily_limit >= 1)
  )`,
  `create table first_contact_guests (
    correspondent text not null,
    citizen_id bigint not null,
    primary key (correspondent, citizen_id)
  )`,
  `create table first_letters (
    day date not null,
    citizen_id bigint not null,
    correspondent text not null,
    letters integer not null check (letters >= 1),
    primary key (day, citizen_id, correspondent)
  ) with (fillfactor = 70)`,

  `create table tallies (
    window_start timestamptz not null,
    subject text not null,
    total bigint not null,
    primary key (window_start, subject)
  ) with (fillfactor = 50)`,

  `create table absences (
    address text primary key,
    from_at timestamptz not null,
    until_at timestamptz not null check (until_at > from_at),
    text text not null,
    stand_in text
  )`,
  `create table absence_answers (
    address text not null,
    correspondent text not null,
    answered_at timestamptz not null,
    primary key (address, correspondent)
  )`,

  `create table legal_notices (
    citizen_id bigint not null,
    correspondent text not null,
    told_at timestamptz not null,
    primary key (citizen_id, correspondent)
  )`,
];
