// Rotation of the master key: every blob's key is opened and sealed again under the newest version; the bytes are not touched.
// Twice, late or half way is harmless: a batch is one transaction, and what is already on the newest version is passed over.
import { sql } from 'kysely';
import type { Db } from '../../src/database/tables.ts';
import { inTransaction } from '../in-transaction.ts';
import type { MasterKeys } from './master-keys.ts';

const batchSize = 500;

/** Brings every blob to the newest master key; the older versions may leave the file afterwards. Returns how many were moved. */
export async function rewrapBlobs(db: Db, keys: MasterKeys): Promise<number> {
  let moved = 0;
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const batch = await rewrapBatch(db, keys, after);
    const last = batch.at(-1);
    if (last === undefined) return moved;
    moved += batch.length;
    after = last;
  }
}

/** Which versions the database needs and the key file lacks: not empty means that letters cannot be read. For the start and the health page. */
export async function missingMasterKeys(db: Db, keys: MasterKeys): Promise<number[]> {
  const rows = await db.selectFrom('blobs').select('master_key_version').distinct().execute();
  return rows.map((row) => row.master_key_version).filter((version) => !keys.has(version));
}

async function rewrapBatch(db: Db, keys: MasterKeys, after: string): Promise<string[]> {
  return await inTransaction(db, async (trx) => {
    const rows = await trx
      .selectFrom('blobs')
      .select(['blob_id', 'master_key_version', 'wrapped_key'])
      .where('blob_id', '>', after)
      .where('master_key_version', '<', keys.currentVersion)
      .orderBy('blob_id')
      .limit(batchSize)
      .forUpdate()
      .execute();
    const wrapped = rows.map((row) =>
      keys.wrap(row.blob_id, keys.unwrap(row.blob_id, { masterKeyVersion: row.master_key_version, wrappedKey: row.wrapped_key })),
    );
    await sql`
      update blobs b set master_key_version = ${keys.currentVersion}, wrapped_key = n.wrapped_key
      from unnest(${rows.map((row) => row.blob_id)}::uuid[], ${wrapped.map((key) => key.wrappedKey)}::bytea[]) as n (blob_id, wrapped_key)
      where b.blob_id = n.blob_id`.execute(trx);
    return rows.map((row) => row.blob_id);
  });
}
