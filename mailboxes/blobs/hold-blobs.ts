// Keeps a blob for someone who has no letter in a mailbox, such as the outbox row of a letter for another operator.
// The hold is a row of its own, written and removed in the holder's transaction: the collector asks for no one else's tables.
import { sql } from 'kysely';
import type { Db, Trx } from '../../src/database/tables.ts';
import { insertBlobs } from './insert-blobs.ts';
import type { BlobRef, StoredBlob } from './stored-blob.ts';

/** Holds blobs until released. `holder` names who needs it, such as `outbox:<id>`; holding twice is harmless. */
export async function holdBlobs(trx: Trx, holds: readonly { readonly holder: string; readonly blob: StoredBlob }[]): Promise<void> {
  if (holds.length === 0) return;
  await insertBlobs(
    trx,
    holds.map((hold) => hold.blob),
  );
  await sql`
    insert into blob_holds (blob_id, holder)
    select * from unnest(${holds.map((hold) => hold.blob.blobId)}::uuid[], ${holds.map((hold) => hold.holder)}::text[])
    on conflict do nothing`.execute(trx);
}

/** What `from` holds is held by `to` as well: work that goes on under another name keeps its bytes. Nothing when `from` holds nothing. */
export async function shareHolds(trx: Trx, from: string, to: string): Promise<void> {
  await sql`
    insert into blob_holds (blob_id, holder) select blob_id, ${to}::text from blob_holds where holder = ${from}
    on conflict do nothing`.execute(trx);
}

/** Lets go of all that these holders held; the bytes are collected later when nobody else needs them. Twice is harmless. */
export async function releaseBlobs(trx: Trx, holders: readonly string[]): Promise<void> {
  if (holders.length === 0) return;
  await sql`
    with released as (delete from blob_holds where holder = any(${holders}::text[]) returning blob_id)
    insert into blobs_let_go (blob_id) select blob_id from released`.execute(trx);
}

/** The row that BlobStore.read() needs, by id, for whoever holds it; undefined when it is gone. */
export async function findBlob(db: Db, blobId: string): Promise<BlobRef | undefined> {
  return await db
    .selectFrom('blobs')
    .select(['blob_id', 'size_bytes', 'format', 'master_key_version', 'wrapped_key', 'inline_bytes'])
    .where('blob_id', '=', blobId)
    .executeTakeFirst();
}
