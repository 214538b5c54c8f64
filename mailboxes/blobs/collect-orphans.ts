// Takes back what nobody refers to: rows of blobs without letter or hold, then files without a row, then unfinished files.
// Deletion runs against the order of storing (row first, file after its commit), so that a crash leaves an orphan at worst.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Db } from '../../src/database/tables.ts';
import { inTransaction } from '../in-transaction.ts';
import { blobFile, unfinishedSuffix } from './blob-files.ts';

const batchSize = 200;

/**
 * Collects what has been an orphan's age for `olderThanMs`. Returns how many blobs and unfinished files were removed.
 * The grace must exceed the longest time between storing a blob and committing its letter (an hour is plenty): younger
 * blobs are never touched, because their commit may be under way. An older blob that is placed again at this instant is
 * safe too: its letter's foreign key holds the row, or the row is gone and that transaction fails as a whole.
 */
export async function collectOrphans(db: Db, folder: string, olderThanMs: number): Promise<number> {
  return (await collectRows(db, folder, olderThanMs)) + (await collectFiles(db, folder, olderThanMs));
}

async function collectRows(db: Db, folder: string, olderThanMs: number): Promise<number> {
  let collected = 0;
  for (;;) {
    const rows = await inTransaction(db, async (trx) => {
      const { rows } = await sql<{ blob_id: string; is_file: boolean }>`
        delete from blobs where blob_id in (
          select b.blob_id from blobs b
          where b.created_at < now() - ${olderThanMs} * interval '1 millisecond'
            and not exists (select from letters l where l.blob_id = b.blob_id)
            and not exists (select from blob_holds h where h.blob_id = b.blob_id)
          order by b.blob_id limit ${batchSize} for update skip locked)
        returning blob_id, inline_bytes is null as is_file`.execute(trx);
      return rows;
    });
    for (const row of rows.filter((one) => one.is_file)) await rm(blobFile(folder, row.blob_id), { force: true });
    collected += rows.length;
    if (rows.length < batchSize) return collected;
  }
}

async function collectFiles(db: Db, folder: string, olderThanMs: number): Promise<number> {
  const before = Date.now() - olderThanMs;
  let collected = 0;
  for (const shard of await namesIn(folder)) {
    const names = await namesIn(join(folder, shard));
    for (let at = 0; at < names.length; at += batchSize) {
      const old = await olderThan(join(folder, shard), names.slice(at, at + batchSize), before);
      for (const name of await unreferenced(db, old)) {
        await rm(join(folder, shard, name), { force: true });
        collected += 1;
      }
    }
  }
  return collected;
}

async function unreferenced(db: Db, names: readonly string[]): Promise<string[]> {
  const blobIds = names.filter((name) => blobIdShape.test(name));
  if (names.length === 0) return [];
  const kept = await db.selectFrom('blobs').select('blob_id').where('blob_id', '=', sql<string>`any(${blobIds}::uuid[])`).execute();
  const keptIds = new Set(kept.map((row) => row.blob_id));
  // Anything else in the folder is not ours to remove.
  return names.filter((name) => (blobIdShape.test(name) ? !keptIds.has(name) : unfinishedShape.test(name)));
}

const blobIdShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const unfinishedShape = new RegExp(`${blobIdShape.source.slice(0, -1)}\\${unfinishedSuffix}$`);

async function olderThan(folder: string, names: readonly string[], before: number): Promise<string[]> {
  const old: string[] = [];
  for (const name of names) {
    const modified = await ifPresent(stat(join(folder, name)));
    if (modified && modified.mtimeMs < before) old.push(name);
  }
  return old;
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = (await ifPresent(readdir(folder))) ?? [];
  return entries.sort();
}

// Files come and go under a collector: one that has just been renamed or removed is simply not there.
async function ifPresent<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
