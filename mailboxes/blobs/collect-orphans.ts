// Takes back what nobody refers to: rows of blobs that were let go and have neither letter nor hold, then files without a row, then unfinished files.
// Deletion runs against the order of storing (row first, file after its commit), so that a crash leaves an orphan at worst.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Db, Trx } from '../../src/database/tables.ts';
import { inTransaction } from '../in-transaction.ts';
import { blobFile, unfinishedSuffix } from './blob-files.ts';

const batchSize = 200;

/**
 * Collects orphans older than `olderThanMs`. Returns how many blobs and unfinished files were removed.
 * In service the grace is at least placementWindowMs: a younger blob may be on its way to its commit. An older one that is
 * placed again at this very instant is safe: the foreign key of its letter holds the row, or finds it gone and that
 * transaction fails as a whole, because no row is made for an old blob.
 */
export async function collectOrphans(db: Db, folder: string, olderThanMs: number): Promise<number> {
  return (await collectRows(db, folder, olderThanMs)) + (await collectFiles(db, folder, olderThanMs));
}

async function collectRows(db: Db, folder: string, olderThanMs: number): Promise<number> {
  let collected = 0;
  for (;;) {
    const batch = await inTransaction(db, (trx) => deleteRows(trx, olderThanMs));
    for (const row of batch.deleted.filter((one) => one.is_file)) await rm(blobFile(folder, row.blob_id), { force: true });
    collected += batch.deleted.length;
    if (batch.looked === 0) return collected;
  }
}

// Locked first and looked at afterwards, by a statement of its own: only then does "nobody refers to it" hold until the commit.
// A blob that someone is placing at this instant is passed over, and stays to be looked at by the next run.
async function deleteRows(trx: Trx, olderThanMs: number): Promise<{ looked: number; deleted: { blob_id: string; is_file: boolean }[] }> {
  const { rows: letGo } = await sql<{ blob_id: string; locked: boolean }>`
    with due as materialized (
      select distinct blob_id from (
        select blob_id from blobs_let_go where let_go_at < now() - ${olderThanMs} * interval '1 millisecond'
        order by let_go_at limit ${batchSize} for update skip locked) d),
    locked as materialized (select blob_id from blobs where blob_id in (select blob_id from due) for update skip locked)
    select blob_id, exists (select from locked l where l.blob_id = due.blob_id) as locked from due
    where exists (select from locked l where l.blob_id = due.blob_id) or not exists (select from blobs b where b.blob_id = due.blob_id)`.execute(
    trx,
  );
  if (letGo.length === 0) return { looked: 0, deleted: [] };
  const blobIds = letGo.map((row) => row.blob_id);
  const { rows: deleted } = await sql<{ blob_id: string; is_file: boolean }>`
    delete from blobs b where blob_id = any(${letGo.filter((row) => row.locked).map((row) => row.blob_id)}::uuid[])
      and not exists (select from letters l where l.blob_id = b.blob_id)
      and not exists (select from blob_holds h where h.blob_id = b.blob_id)
    returning blob_id, inline_bytes is null as is_file`.execute(trx);
  await sql`delete from blobs_let_go where blob_id = any(${blobIds}::uuid[])
    and let_go_at < now() - ${olderThanMs} * interval '1 millisecond'`.execute(trx);
  return { looked: letGo.length, deleted };
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
