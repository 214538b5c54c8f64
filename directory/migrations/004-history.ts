// What the registry said before, and word of every change to the processes that remember answers: written by the database itself, whatever
// the door a change came in by (ADR 0012). Triggers run once a statement, over all of its rows. Besides: who wrote a row first, mailboxes
// that nobody opens, identities made for tests.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...history, ...notifications, ...oneHolder, ...silences]) await sql.raw(statement).execute(db);
}

const author = "nullif(current_setting('passerelle.author', true), '')";
// The rows of a statement, as its triggers see them.
const before = 'old table as old_rows';
const after = 'new table as new_rows';

/** `told` is which new rows make a line; without it none does: the row's own `created_at` and `created_by` say enough. */
function recordOf(table: string, kind: string, subject: string, key: string, told?: string): string[] {
  const names = `'${kind}', '${subject}', '${key}', '${told ?? ''}'`;
  const trigger = (event: string, rows: string) =>
    `create trigger record_${event} after ${event} on ${table} referencing ${rows} for each statement execute function record_history(${names})`;
  return [trigger('update', `${before} ${after}`), trigger('delete', before), ...(told === undefined ? [] : [trigger('insert', after)])];
}

const history = [
  `create table directory_history (
    history_id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    by text default ${author},
    subject_kind text not null check (subject_kind in ('citizen', 'address', 'professional', 'structure', 'profile')),
    subject_id text not null,
    change jsonb not null
  )`,
  'create index directory_history_subject on directory_history (subject_kind, subject_id, history_id)',
  'alter table professionals add column created_at timestamptz not null default now()',
  'alter table structures add column created_at timestamptz not null default now()',
  // In two steps: the rows that stand already were written by nobody we know.
  ...['citizens', 'addresses', 'professionals', 'structures'].flatMap((table) => [
    `alter table ${table} add column created_by text`,
    `alter table ${table} alter column created_by set default ${author}`,
  ]),
  // Arguments: the kind of subject, the column that names it, the columns of the primary key (they never change; a second one is told in
  // each line), which new rows are told. The statement names each column of the table as it is today: comparing them one by one is thirty
  // times faster than comparing rows made into JSON. It is planned each time: a plan kept from a statement of one row would join those
  // of a hundred thousand in nested loops.
  `create function record_history() returns trigger language plpgsql as $$
    declare
      old_row text := case tg_op when 'INSERT' then 'null' else 'o.%1$I' end;
      new_row text := case tg_op when 'DELETE' then 'null' else 'n.%1$I' end;
      key text[] := string_to_array(tg_argv[2], ', ');
      change text;
      differs text;
    begin
      if tg_op <> 'INSERT' then
        if not exists (select from old_rows) then return null; end if;
      end if;
      select
        string_agg(format('%1$L, case when ' || case when attname = key[2] then 'true' else old_row || ' is distinct from ' || new_row end
          || ' then jsonb_build_array(' || old_row || ', ' || new_row || ') end', attname), ', '),
        string_agg(format(old_row || ' is distinct from ' || new_row, attname), ' or ') filter (where attname <> all (key))
      into change, differs
      from pg_attribute
      where attrelid = tg_relid and attnum > 0 and not attisdropped
        and attname not in (tg_argv[1], 'state_since', 'created_at', 'created_by');
      execute format(
        'insert into directory_history (subject_kind, subject_id, change)
          select %L, %I::text, jsonb_strip_nulls(jsonb_build_object(%s)) from %s',
        tg_argv[0], tg_argv[1], change,
        case tg_op
          when 'UPDATE' then format('old_rows o join new_rows n using (%s) where %s', tg_argv[2], differs)
          when 'DELETE' then 'old_rows o'
          else format('new_rows n where %s', tg_argv[3]) end);
      return null;
    end $$`,
  ...recordOf('citizens', 'citizen', 'citizen_id', 'citizen_id'),
  ...recordOf('addresses', 'address', 'address', 'address'),
  ...recordOf('professionals', 'professional', 'rpps', 'rpps'),
  ...recordOf('structures', 'structure', 'structure_id', 'structure_id'),
  // Who reads for whom is told from the first day.
  ...recordOf('attached_profiles', 'profile', 'ward_id', 'ward_id, guardian_id', 'true'),
  // What came with the address is no change of it.
  ...recordOf(
    'practices',
    'address',
    'address',
    'address, position',
    'not exists (select from addresses a where a.address = n.address and a.created_at = now())',
  ),
];

/** `keys` selects the matricules and addresses whose answers have changed. */
function wordOf(table: string, event: string, rows: string, keys: string): string {
  const query = keys.replaceAll("'", "''");
  return `create trigger tell_${event} after ${event} on ${table} referencing ${rows}
    for each statement execute function tell_directory_change('${query}')`;
}

const notifications = [
  // Digests, for a payload may be seen where a matricule must not. Past 300 of them, everything: a payload has 8000 bytes at most.
  `create function tell_directory_change() returns trigger language plpgsql as $$
    declare
      payload text;
    begin
      execute format(
        'select case when count(*) > 300 then ''*'' else string_agg(distinct left(md5(key), 16), '' '') end
          from (select key from (%s) changed limit 301) keys', tg_argv[0]) into payload;
      if payload is not null then perform pg_notify('passerelle_directory', payload); end if;
      return null;
    end $$`,
  wordOf('citizens', 'insert', after, 'select ins as key from new_rows'),
  wordOf(
    'citizens',
    'update',
    `${before} ${after}`,
    `with changed as materialized (
      select citizen_id, o.ins as was, n.ins as is_now from old_rows o join new_rows n using (citizen_id)
      where (o.ins, o.state, o.birth_name, o.first_given_name) is distinct from (n.ins, n.state, n.birth_name, n.first_given_name))
    select was as key from changed union all select is_now from changed
    union all select f.ins from former_matricules f join changed using (citizen_id)`,
  ),
  wordOf('citizens', 'delete', before, 'select ins as key from old_rows'),
  wordOf('former_matricules', 'insert', after, 'select ins as key from new_rows'),
  wordOf('former_matricules', 'update', `${before} ${after}`, 'select ins as key from old_rows union all select ins from new_rows'),
  wordOf('former_matricules', 'delete', before, 'select ins as key from old_rows'),
  wordOf('addresses', 'insert', after, 'select address as key from new_rows where hosted'),
  wordOf(
    'addresses',
    'update',
    `${before} ${after}`,
    `select address as key from old_rows o join new_rows n using (address)
    where (o.hosted or n.hosted)
      and (o.hosted, o.state, o.suspended_for, o.label, o.rpps, o.structure_id, o.red_list, o.published)
        is distinct from (n.hosted, n.state, n.suspended_for, n.label, n.rpps, n.structure_id, n.red_list, n.published)`,
  ),
  wordOf('addresses', 'delete', before, 'select address as key from old_rows where hosted'),
];

// A matricule is one person's, who has it or had it. An index holds that for those who have one; here, for one that its holder gave up while
// somebody was being registered under it: 40001, to be done again, now that it can be seen.
const oneHolder = [
  `create function keep_one_holder() returns trigger language plpgsql as $$
    declare
      is_taken boolean;
    begin
      execute format('select exists (select from new_rows n join %I other on other.ins = n.ins)', tg_argv[0]) into is_taken;
      if is_taken then raise exception 'A matricule has changed hands meanwhile' using errcode = '40001'; end if;
      return null;
    end $$`,
  ...[
    ['citizens', 'former_matricules'],
    ['former_matricules', 'citizens'],
  ].map(
    ([table, other]) =>
      `create trigger keep_one_holder after insert on ${table} referencing ${after}
        for each statement execute function keep_one_holder('${other}')`,
  ),
];

const silences = [
  // Why it left the address book when nobody decided it: whoever comes back finds it there again.
  `alter table addresses
    add column unpublished_for text,
    add constraint addresses_unpublished_check check (unpublished_for is null or (unpublished_for = 'idle' and not published))`,
  `create table silences (
    address text primary key references addresses on delete cascade,
    since timestamptz not null,
    noticed_at timestamptz
  )`,
  'create index citizens_test_identities on citizens (citizen_id) where ins_arc > 9',
];
