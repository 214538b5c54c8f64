// Searches the address book: professionals' mailboxes, in the order of their addresses, a page at a time. Requirements 19 and 23.
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Address } from '../../src/core/address.ts';
import { unnamed } from '../../src/database/statement-names.ts';
import type { Db, Trx } from '../../src/database/tables.ts';
import type { BookEntry } from './book-entry.ts';
import type { BookFilter } from './book-filter.ts';
import { type CompiledFilter, compileFilter } from './compile-filter.ts';
import type { AddressBookTable } from './schema.ts';

/** A search of the address book. */
export type BookSearch = {
  readonly filter: BookFilter;
  /** Entries at most. */
  readonly limit: number;
  /** Where the page before ended: only later addresses are answered. */
  readonly after?: Address;
  /** The search is given up after this time. */
  readonly timeLimitMs: number;
  /** Gives the search up, in the database too; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
};

type Row = Selectable<AddressBookTable>;

/** Entries in the order of their addresses, and whether others follow. */
export type BookPage = { readonly entries: readonly BookEntry[]; readonly isMore: boolean };

/**
 * What the filter finds; `too-long` when the time limit came first. A filter that no index serves reads the whole book: callers bound how
 * many searches run at once.
 */
export async function searchBook(db: Db, search: BookSearch): Promise<BookPage | 'too-long'> {
  const { signal, limit } = search;
  signal?.throwIfAborted();
  const filter = await compileFilter(db, search.filter);
  try {
    const rows = await db
      .transaction()
      .setAccessMode('read only')
      .execute((trx) => ask(db, trx, search, filter));
    return { entries: rows.slice(0, limit).map(entryOf), isMore: rows.length > limit };
  } catch (error) {
    signal?.throwIfAborted();
    if (wasCancelled(error)) return 'too-long';
    throw error;
  }
}

async function ask(db: Db, trx: Trx, search: BookSearch, filter: CompiledFilter): Promise<Row[]> {
  const limitMs = Math.max(1, Math.ceil(search.timeLimitMs));
  const session = await sql<{ pid: number }>`
    select pg_backend_pid() as pid, set_config('statement_timeout', ${String(limitMs)}, true)`.execute(trx);
  search.signal?.throwIfAborted();
  let cancelling: Promise<unknown> | undefined;
  const cancel = () => {
    cancelling = sql`select pg_cancel_backend(${session.rows[0]?.pid}::int)`.execute(db).catch(() => {});
  };
  search.signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await find(trx, search, filter);
  } finally {
    search.signal?.removeEventListener('abort', cancel);
    // The connection is somebody else's after this: no cancellation may still be on its way to it.
    await cancelling;
  }
}

/** So few are gathered by an index at once, as the planner counts them. */
const few = 3000;
/** Entries looked at in the order of addresses before an index is asked: at first, and when a good part of the page was among those. */
const nearby = [10_000, 40_000];
const goodPart = 1 / 8;

// What many share is found at once among the next addresses. What few share, or what stands together far down the alphabet, is gathered by
// an index, then sorted: left to itself, the planner expects it everywhere, and walks the book to meet it.
async function find(trx: Trx, { after = '' as Address, limit }: BookSearch, { exact, needed }: CompiledFilter): Promise<Row[]> {
  const next = sql`address_book where address > ${after}`;
  const most = limit + 1;
  if (!needed) return await rowsOf(trx, sql`${next} and ${exact} order by address limit ${most}`);
  for (const count of (await expected(trx, needed)) > few ? nearby : []) {
    const near = sql`(select * from ${next} order by address limit ${count}) near`;
    const rows = await rowsOf(trx, sql`${near} where ${exact} order by address limit ${most}`);
    if (rows.length === most) return rows;
    if (rows.length < most * goodPart) break;
  }
  // An expression is no index's order.
  return await rowsOf(trx, sql`${next} and ${needed} and ${exact} order by (address || '') limit ${most}`);
}

async function expected(trx: Trx, condition: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{ 'QUERY PLAN': readonly { readonly Plan: { readonly 'Plan Rows': number } }[] }>`${sql.raw(unnamed)}
    explain (format json) select from address_book where ${condition}`.execute(trx);
  return rows[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0;
}

async function rowsOf(trx: Trx, source: RawBuilder<unknown>): Promise<Row[]> {
  const { rows } = await sql<Row>`${sql.raw(unnamed)}
    select address, type, display_name, family_name, given_name, civility, rpps, structure_ids, structure_names, professions, skills,
      service, description, cities, postal_codes, departments, paperless, preferred
    from ${source}`.execute(trx);
  return rows;
}

const queryCanceled = '57014';

function wasCancelled(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === queryCanceled;
}

function entryOf(row: Row): BookEntry {
  return {
    address: row.address,
    type: row.type,
    displayName: row.display_name,
    ...(row.family_name !== null && { familyName: row.family_name }),
    ...(row.given_name !== null && { givenName: row.given_name }),
    ...(row.civility !== null && { civility: row.civility }),
    ...(row.rpps !== null && { rpps: row.rpps }),
    structureIds: row.structure_ids,
    structureNames: row.structure_names,
    professions: row.professions,
    skills: row.skills,
    ...(row.service !== null && { service: row.service }),
    ...(row.description !== null && { description: row.description }),
    cities: row.cities,
    postalCodes: row.postal_codes,
    departments: row.departments,
    isPaperless: row.paperless,
    isPreferred: row.preferred,
  };
}
