// The address book: a row for each professional mailbox that may be found, kept up to date by the tables it is made from, in their own
// transactions. It repeats what stands elsewhere because a search over five joined tables would be a scan. Requirements 19 and 23.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const told = [
  'type',
  'display_name',
  'family_name',
  'given_name',
  'civility',
  'rpps',
  'structure_ids',
  'structure_names',
  'professions',
  'skills',
  'service',
  'description',
  'cities',
  'postal_codes',
  'departments',
  'paperless',
  'preferred',
];

const columnsOf = (row: string) => told.map((column) => `${row}.${column}`).join(', ');

const statements = [
  'create extension if not exists pg_trgm',
  // What is searched: each value folded, between spaces, on a line of its own, so that one pattern finds a whole value, a beginning, a
  // word or a part. The case is there for speed: a function that makes no query is written into the statement that calls it.
  `create function search_line(value text) returns text language sql immutable parallel safe
    return coalesce(E'\\n ' || fold_name(value) || E' \\n', '')`,
  `create function search_lines(list text[]) returns text language sql immutable strict parallel safe
    return (select E'\\n' || string_agg(' ' || fold_name(value) || E' \\n', '') from unnest(list) value)`,
  `create function search_words(list text[]) returns text language sql immutable parallel safe
    return case coalesce(cardinality(list), 0)
      when 0 then ''
      when 1 then search_line(list[1])
      when 2 then search_line(list[1]) || ltrim(search_line(list[2]), E'\\n')
      else search_lines(list) end`,
  `create table address_book (
    address text primary key,
    type text not null,
    display_name text not null,
    family_name text,
    given_name text,
    civility text,
    rpps text,
    structure_ids text[] not null,
    structure_names text[] not null,
    professions text[] not null,
    skills text[] not null,
    service text,
    description text,
    cities text[] not null,
    postal_codes text[] not null,
    departments text[] not null,
    paperless boolean not null,
    preferred boolean not null,
    type_words text not null generated always as (search_line(type)) stored,
    display_name_words text not null generated always as (search_line(display_name)) stored,
    family_name_words text not null generated always as (search_line(family_name)) stored,
    given_name_words text not null generated always as (search_line(given_name)) stored,
    rpps_words text not null generated always as (search_line(rpps)) stored,
    structure_id_words text not null generated always as (search_words(structure_ids)) stored,
    structure_name_words text not null generated always as (search_words(structure_names)) stored,
    profession_words text not null generated always as (search_words(professions)) stored,
    skill_words text not null generated always as (search_words(skills)) stored,
    service_words text not null generated always as (search_line(service)) stored,
    description_words text not null generated always as (search_line(description)) stored,
    city_words text not null generated always as (search_words(cities)) stored,
    postal_code_words text not null generated always as (search_words(postal_codes)) stored,
    department_words text not null generated always as (search_words(departments)) stored
  )`,
  // One index for all that people search by: an index of each column would hold most words twice. compile-filter.ts says it the same way.
  `create index address_book_words on address_book using gin ((address || display_name_words || family_name_words || given_name_words
    || structure_name_words || profession_words || skill_words || city_words || postal_code_words) gin_trgm_ops)`,
  'create index address_book_structures on address_book using gin (structure_ids)',
  'create index address_book_rpps on address_book (rpps) where rpps is not null',
  // A mailbox is found while it is open, published and not on the red list.
  `create view addresses_in_book as
    select address, type, label, rpps, structure_id, service, description, paperless, preferred from addresses
    where published and not red_list and state in ('active', 'reopened')`,
  // A structure's mailbox is nobody's own, even when someone answers for it. The routing line is « 51092 REIMS CEDEX 3 »: the commune is
  // what stands between.
  `create view address_book_source as
    select a.address, a.type,
      coalesce(nullif(btrim(a.label), ''), nullif(concat_ws(' ', p.civility, p.given_name, p.family_name), ''), place.names[1], a.address)
        as display_name,
      nullif(p.family_name, '') as family_name, nullif(p.given_name, '') as given_name, nullif(p.civility, '') as civility, p.rpps,
      coalesce(place.ids, '{}') as structure_ids, coalesce(place.names, '{}') as structure_names,
      coalesce(work.professions, case when p.profession <> '' then array[p.profession] end, '{}') as professions,
      coalesce(work.skills, '{}') as skills,
      coalesce(nullif(a.service, ''), work.service) as service, nullif(a.description, '') as description,
      coalesce(place.cities, '{}') as cities, coalesce(place.postal_codes, '{}') as postal_codes,
      coalesce(place.departments, '{}') as departments, a.paperless, a.preferred
    from addresses_in_book a
    left join professionals p on p.rpps = a.rpps and a.type in ('PER', 'CAB')
    cross join lateral (
      select array_agg(distinct profession) filter (where profession <> '') as professions,
        array_agg(distinct skill) filter (where skill <> '') as skills,
        min(service) filter (where service <> '') as service
      from practices where practices.address = a.address) work
    cross join lateral (
      select array_agg(distinct s.structure_id) as ids, array_agg(distinct n.name) filter (where n.name <> '') as names,
        array_agg(distinct c.city) filter (where c.city <> '') as cities,
        array_agg(distinct s.postal_code) filter (where s.postal_code <> '') as postal_codes,
        array_agg(distinct s.department) filter (where s.department <> '') as departments
      from (select a.structure_id union select structure_id from practices where practices.address = a.address) used
      join structures s using (structure_id)
      cross join lateral unnest(array[s.name, s.sign]) n(name)
      cross join lateral (select btrim(regexp_replace(s.routing_line, '^ *[0-9]{5} +| +CEDEX( +[0-9]+)? *$', '', 'gi'))) c(city)) place`,
  // Their rows in \`addresses\` are locked first, in order: of two changes to one mailbox, the second sees what the first has made of it.
  `create function refresh_address_book(chosen text[]) returns void language plpgsql as $$
    declare
      part text[];
    begin
      if chosen is null then
        for part in
          select array_agg(address) from (
            select address, (row_number() over (order by address) - 1) / 10000 as part from (
              select address from addresses_in_book a where not exists (select from address_book b where b.address = a.address)
              union all
              select address from address_book b where not exists (select from addresses_in_book a where a.address = b.address)
              union all
              select address from address_book b join address_book_source s using (address)
              where (${columnsOf('s')}) is distinct from (${columnsOf('b')})) due) differing
          group by differing.part order by differing.part
        loop
          perform refresh_address_book(part);
        end loop;
        perform gin_clean_pending_list('address_book_words');
        analyze address_book;
        return;
      end if;
      perform from addresses where address = any(chosen) order by address for no key update;
      delete from address_book b where b.address = any(chosen)
        and not exists (select from addresses_in_book a where a.address = b.address);
      insert into address_book (address, ${told.join(', ')})
        select s.address, ${columnsOf('s')} from address_book_source s where s.address = any(chosen)
        on conflict (address) do update set (${told.join(', ')}) = row(${columnsOf('excluded')})
          where (${columnsOf('address_book')}) is distinct from (${columnsOf('excluded')});
    end $$`,
  // Whoever writes very much sets passerelle.bulk for the transaction, and calls refresh_address_book(null) at its end.
  `create function follow_in_address_book() returns trigger language plpgsql as $$
    declare
      chosen text[];
    begin
      if current_setting('passerelle.bulk', true) = 'on' then return null; end if;
      case tg_table_name || ' ' || tg_op
        when 'addresses UPDATE', 'practices UPDATE' then
          select array_agg(distinct address) into chosen from (select address from fresh union all select address from stale) both_sides;
        when 'addresses INSERT', 'practices INSERT' then
          select array_agg(distinct address) into chosen from fresh;
          -- Who is being renamed cannot see this mailbox yet: it waits for them, or they for it.
          if tg_table_name = 'addresses' then
            perform from professionals where rpps in (select rpps from fresh) order by rpps for no key update;
            perform from structures where structure_id in (select structure_id from fresh) order by structure_id for no key update;
          end if;
        when 'addresses DELETE', 'practices DELETE' then
          select array_agg(distinct address) into chosen from stale;
        when 'professionals UPDATE' then
          select array_agg(address) into chosen from addresses
            where rpps in (select rpps from (select * from fresh except select * from stale) changed);
        when 'structures UPDATE' then
          select array_agg(address) into chosen from (
            select a.address from (select * from fresh except select * from stale) changed join addresses a using (structure_id)
            union
            select p.address from (select * from fresh except select * from stale) changed join practices p using (structure_id)) used;
      end case;
      if chosen is not null then perform refresh_address_book(chosen); end if;
      return null;
    end $$`,
  ...['addresses', 'practices'].flatMap((table) => [
    `create trigger follow_in_address_book_insert after insert on ${table} referencing new table as fresh
      for each statement execute function follow_in_address_book()`,
    `create trigger follow_in_address_book_delete after delete on ${table} referencing old table as stale
      for each statement execute function follow_in_address_book()`,
  ]),
  ...['addresses', 'practices', 'professionals', 'structures'].map(
    (table) => `create trigger follow_in_address_book_update after update on ${table} referencing old table as stale new table as fresh
      for each statement execute function follow_in_address_book()`,
  ),
  'select refresh_address_book(null)',
];
