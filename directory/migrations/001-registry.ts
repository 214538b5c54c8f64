// Citizens, professionals, structures and their addresses.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table citizens (
      citizen_id bigint generated always as identity primary key,
      ins text not null unique check (length(ins) = 15),
      birth_name text not null,
      first_given_name text not null,
      birth_date text not null,
      sex text not null check (sex in ('F', 'M'))
    )`.execute(db);
  await sql`
    create table professionals (
      rpps text primary key check (rpps ~ '^[0-9]{11}$'),
      civility text not null,
      family_name text not null,
      given_name text not null,
      profession text not null
    )`.execute(db);
  await sql`
    create table structures (
      structure_id text primary key check (structure_id ~ '^(1[0-9AB]{9}|3[0-9]{14})$'),
      name text not null
    )`.execute(db);
  // The holder follows from the type: a person for PER and CAB, a structure for ORG and APP, a citizen for CITIZEN.
  await sql`
    create table addresses (
      address text primary key check (address = lower(address)),
      type text not null,
      state text not null default 'active' check (state in ('active', 'suspended', 'closed')),
      label text not null,
      citizen_id bigint references citizens,
      rpps text references professionals,
      structure_id text references structures,
      red_list boolean not null default false,
      open_to_citizens boolean not null default false,
      created_at timestamptz not null default now(),
      check (case type
        when 'PER' then rpps is not null and citizen_id is null
        when 'CAB' then rpps is not null and citizen_id is null
        when 'ORG' then structure_id is not null and citizen_id is null
        when 'APP' then structure_id is not null and citizen_id is null
        when 'CITIZEN' then citizen_id is not null and rpps is null and structure_id is null
        else false end)
    )`.execute(db);
  await sql`create index addresses_citizen on addresses (citizen_id) where citizen_id is not null`.execute(db);
  await sql`create index addresses_rpps on addresses (rpps) where rpps is not null`.execute(db);
  await sql`
    create function keep_address_and_type() returns trigger language plpgsql as $$
    begin
      if new.address <> old.address or new.type <> old.type then
        raise exception 'An address and its type never change';
      end if;
      return new;
    end $$`.execute(db);
  await sql`create trigger keep_address_and_type before update on addresses for each row execute function keep_address_and_type()`.execute(
    db,
  );
}
