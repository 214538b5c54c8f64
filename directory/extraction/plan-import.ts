// What applying an extraction would change: counted, with a few examples of each kind.
import { sql } from 'kysely';
import type { Address } from '../../src/core/address.ts';
import type { Trx } from '../../src/database/tables.ts';
import { compareBoxes, type Fate, type HostedDomains } from './compare-boxes.ts';

/** Rows of people or structures. `ours`: they differ, and stay as they are, for a mailbox kept here goes by them. */
export type PlannedRows = { readonly added: number; readonly changed: number; readonly ours: number };

/** What applying would do, or did. */
export type ImportPlan = {
  /** How many addresses meet each fate. */
  readonly addresses: Readonly<Record<Fate, number>>;
  /** At most 20 addresses of each fate, in their order; none of those that stay as they are. */
  readonly samples: Readonly<Record<Exclude<Fate, 'unchanged' | 'ours-same'>, readonly Address[]>>;
  /** Addresses of elsewhere that are listed before. */
  readonly listed: number;
  readonly professionals: PlannedRows;
  readonly structures: PlannedRows;
};

/** Compares what was read with the registry; changes nothing. `not-read`: the import is not there, not read to its end, or ended. */
export async function planImport(trx: Trx, importId: number, hosted: HostedDomains): Promise<ImportPlan | 'not-read'> {
  if (!(await holdRead(trx, importId))) return 'not-read';
  await compareBoxes(trx, importId, hosted);
  return await countPlan(trx);
}

/** Holds an import that is `read` until the transaction ends; false for any other. */
export async function holdRead(trx: Trx, importId: number): Promise<boolean> {
  const { rows } =
    await sql`select from imports where import_id = ${importId} and kind = 'extraction' and state = 'read' for update`.execute(trx);
  return rows.length > 0;
}

/** The plan, out of the tables of compareBoxes(). */
export async function countPlan(trx: Trx): Promise<ImportPlan> {
  const fates = await sql<{ fate: Fate; count: number }>`select fate, count(*) from import_fates group by fate`.execute(trx);
  const counted = new Map(fates.rows.map(({ fate, count }) => [fate, count]));
  const samples = await sql<{ fate: Fate; sample: Address[] }>`
    select fate, array_agg(address order by address) as sample from (
      select fate, address, row_number() over (partition by fate order by address) as nth
      from import_fates where fate not in ('unchanged', 'ours-same')) numbered
    where nth <= 20 group by fate`.execute(trx);
  const sampled = new Map(samples.rows.map(({ fate, sample }) => [fate, sample]));
  const listed = await sql<{ count: number }>`select count(*) from addresses where not hosted and published`.execute(trx);
  return {
    addresses: recordOf([...shown, 'unchanged', 'ours-same'], (fate) => counted.get(fate) ?? 0),
    samples: recordOf(shown, (fate) => sampled.get(fate) ?? []),
    listed: listed.rows[0]?.count ?? 0,
    professionals: await countRows(trx, 'import_wanted_people'),
    structures: await countRows(trx, 'import_wanted_structures'),
  };
}

const shown = [
  'added',
  'changed',
  'returned',
  'withdrawn',
  'conflict',
  'kept',
  'ours-differs',
  'ours-unknown',
  'ours-not-listed',
] as const satisfies readonly Fate[];

function recordOf<Key extends string, Value>(keys: readonly Key[], of: (key: Key) => Value): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, of(key)])) as Record<Key, Value>;
}

async function countRows(trx: Trx, table: 'import_wanted_people' | 'import_wanted_structures'): Promise<PlannedRows> {
  const { rows } = await sql<PlannedRows>`
    select count(*) filter (where fate = 'added') as added, count(*) filter (where fate = 'changed') as changed,
      count(*) filter (where fate = 'ours') as ours
    from ${sql.table(table)}`.execute(trx);
  return rows[0] ?? { added: 0, changed: 0, ours: 0 };
}
