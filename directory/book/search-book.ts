// Searches the address book: professionals' mailboxes, in the order of their addresses, a page at a time. Requirements 19 and 23.
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Address } from '../../src/core/address.ts';
import { unnamed } from '../../src/database/statement-names.ts';
import type { Db, Trx } from '../../src/database/tables.ts';
import type { BookEntry } from './book-entry.ts';
import type { BookFilter } from './book-filter.ts';
import { compileFilter } from './compile-filter.ts';
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

/** Entries in the order of their addresses, and whether others follow. */
export type BookPage = { readonly entries: readonly BookEntry[]; readonly isMore: boolean };

/**
 * What the filter finds; `too-long` when the time limit came first. A filter that no index serves reads the whole book: callers bound how
 * many searches run at once.
 */
export async function searchBook(db: Db, search: BookSearch): Promise<BookPage | 'too-long'> {
  const { signal, limit } = search;
  signal?.throwIfAborted();
  const condition = await compileFilter(db, search.filter);
  try {
    const rows = await db
      .transaction()
      .setAccessMode('read only')
      .execute((trx) => ask(db, trx, search, condition));
    return { entries: rows.slice(0, limit).map(entryOf), isMore: rows.length > limit };
  } catch (error) {
    signal?.throwIfAborted();
    if (wasCancelled(error)) return 'too-long';
    throw error;
  }
}

async function ask(db: Db, trx: Trx, search: BookSearch, condition: RawBuilder<boolean | null>): Promise<Selectable<AddressBookTable>[]> {
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
    const { rows } = await sql<Selectable<AddressBookTable>>`${sql.raw(unnamed)}
      select address, type, display_name, family_name, given_name, civility, rpps, structure_ids, structure_names, professions, skills,
        service, description, cities, postal_codes, departments, paperless, preferred
      from address_book where address > ${search.after ?? ''} and ${condition}
      order by address limit ${search.limit + 1}`.execute(trx);
    return rows;
  } finally {
    search.signal?.removeEventListener('abort', cancel);
    // The connection is somebody else's after this: no cancellation may still be on its way to it.
    await cancelling;
  }
}

const queryCanceled = '57014';

function wasCancelled(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === queryCanceled;
}

function entryOf(row: Selectable<AddressBookTable>): BookEntry {
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
