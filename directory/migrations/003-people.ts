// Citizens' mailboxes stand with the citizens: one row each, found by the matricule alone (ADR 0012). Professionals' mailboxes get the life
// cycle, the publication and what the national extraction says of them.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table citizens
    alter column ins type text collate "C",
    add column ins_arc smallint not null default 8 check (ins_arc between 8 and 11),
    add column qualified boolean not null default false,
    add column given_names text,
    add column used_name text,
    add column used_given_name text,
    add column birth_place text,
    add column state text not null default 'created'
      check (state in ('created', 'activated', 'opposed', 'closed', 'reopened')),
    add column state_since timestamptz not null default now(),
    add column created_at timestamptz not null default now()`,
  // A matricule that begins with 7 or 8 is provisional (NIA). What was open was in use.
  `update citizens c set
    ins_arc = case when ins ~ '^[78]' then 9 else 8 end,
    state = case a.state when 'active' then 'activated' when 'suspended' then 'closed' else a.state end,
    created_at = a.created_at
    from addresses a where a.citizen_id = c.citizen_id and split_part(a.address, '@', 1) = lower(c.ins)`,
  'alter table citizens alter column ins_arc drop default',
  `insert into former_matricules (ins, citizen_id)
    select upper(split_part(a.address, '@', 1)), a.citizen_id from addresses a join citizens c using (citizen_id)
    where upper(split_part(a.address, '@', 1)) <> c.ins on conflict do nothing`,
  'alter table former_matricules alter column ins type text collate "C"',
  'create index former_matricules_citizen on former_matricules (citizen_id)',
  "delete from addresses where type = 'CITIZEN'",
  `create table attached_profiles (
    ward_id bigint not null references citizens,
    guardian_id bigint not null references citizens,
    kind text not null check (kind in ('minor', 'ward')),
    since timestamptz not null default now(),
    until timestamptz,
    primary key (ward_id, guardian_id),
    check (ward_id <> guardian_id)
  )`,
  'create index attached_profiles_guardian on attached_profiles (guardian_id)',
  `alter table structures
    add column sign text,
    add column siret text check (siret ~ '^[0-9]{14}$'),
    add column location_extra text,
    add column distribution_extra text,
    add column street_number text,
    add column street_number_extra text,
    add column street_type text,
    add column street_name text,
    add column place_name text,
    add column routing_line text,
    add column postal_code text,
    add column department text,
    add column country text`,
  // Constraints that name the citizen's column go with it.
  `alter table addresses
    drop column citizen_id,
    drop constraint addresses_state_check,
    add constraint addresses_state_check check (state in ('pending', 'active', 'suspended', 'closed', 'reopened')),
    add constraint addresses_holder_check check (case type
      when 'PER' then rpps is not null
      when 'CAB' then rpps is not null
      when 'ORG' then structure_id is not null
      when 'APP' then structure_id is not null
      else false end),
    add column hosted boolean not null default true,
    add column state_since timestamptz not null default now(),
    add column suspended_for text,
    add column description text,
    add column service text,
    add column published boolean not null default true,
    add column paperless boolean not null default false,
    add column preferred boolean not null default false`,
  "update addresses set suspended_for = 'decision' where state = 'suspended'",
  `alter table addresses
    add constraint addresses_suspended_check
      check (case state when 'suspended' then suspended_for in ('idle', 'decision') else suspended_for is null end)`,
  'create index addresses_structure on addresses (structure_id) where structure_id is not null',
  `create unique index addresses_preferred_person on addresses (rpps) where preferred and type in ('PER', 'CAB')`,
  `create unique index addresses_preferred_structure on addresses (structure_id) where preferred and type in ('ORG', 'APP')`,
  `create table practices (
    address text not null references addresses on delete cascade,
    position smallint not null,
    category_code text,
    category text,
    profession_code text,
    profession text,
    skill_code text,
    skill text,
    structure_id text references structures,
    service text,
    primary key (address, position)
  )`,
  'create index practices_structure on practices (structure_id) where structure_id is not null',
  `create table sign_ins (
    address text primary key,
    first_at timestamptz not null,
    last_at timestamptz not null
  )`,
  // People type names without accents, hyphens or capitals: what is compared is what is left without them. NFKD parts letters from their
  // accents and opens ligatures of type; what it leaves alone is spelled out. In SQL's own form, it does not depend on the search path.
  // The first two cases say what the third would, several times faster: most names are plain words. Not « strict »: with a case in it, it
  // could no more be written into the statements that call it.
  `create function fold_name(name text) returns text language sql immutable parallel safe
    return case
      when name !~ '[^A-Za-z0-9 ]|  |^ | $' then lower(name)
      when octet_length(name) = length(name) then trim(regexp_replace(lower(name), '[^a-z0-9]+', ' ', 'g'))
      else trim(regexp_replace(
        lower(translate(
          replace(replace(replace(replace(replace(
            regexp_replace(normalize(name, NFKD), '[\\u0300-\\u036f]', '', 'g'),
            'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'), 'ß', 'ss'),
          'ØøŁłĐđ', 'oolldd')),
        '[^a-z0-9]+', ' ', 'g')) end`,
];
