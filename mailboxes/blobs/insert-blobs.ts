// Inserts the rows of blobs, as one statement whatever their number: small columns as arrays, all sealed bytes as one
// parameter that the statement cuts up (node-postgres would send bytes inside an array as hexadecimal text, twice the size).
import { sql } from 'kysely';
import type { Trx } from '../../src/database/tables.ts';
import type { StoredBlob } from './stored-blob.ts';

/** Buffers laid end to end, with the place of each: `from` counts from 1, as SQL's substring does; null for no bytes. */
export type PackedBytes = { readonly bytes: Buffer; readonly from: (number | null)[]; readonly length: (number | null)[] };

/** Lays buffers end to end. */
export function packBytes(buffers: readonly (Buffer | null)[]): PackedBytes {
  let next = 1;
  const from = buffers.map((buffer) => {
    if (!buffer) return null;
    const at = next;
    next += buffer.length;
    return at;
  });
  return {
    bytes: Buffer.concat(buffers.filter((buffer) => buffer !== null)),
    from,
    length: buffers.map((buffer) => buffer?.length ?? null),
  };
}

/**
 * How long after its first byte a blob may be given its row. Later its file may have been collected, so only a row that is
 * still there may be referred to: the foreign keys of letters and holds refuse the rest. collectOrphans' grace is at least this.
 */
export const placementWindowMs = 3_600_000;

/** Adds the blobs that are not there yet: a letter to several people is stored once. */
export async function insertBlobs(trx: Trx, blobs: readonly StoredBlob[]): Promise<void> {
  const oldest = firstIdAt(Date.now() - placementWindowMs);
  const fresh = blobs.filter((blob) => blob.blobId >= oldest);
  // In the order of their ids: two transactions that share blobs wait for each other in one direction only.
  const once = [...new Map(fresh.map((blob) => [blob.blobId, blob])).values()].sort((a, b) => (a.blobId < b.blobId ? -1 : 1));
  if (once.length === 0) return;
  const inline = packBytes(once.map((blob) => blob.inlineBytes));
  await sql`
    insert into blobs (blob_id, size_bytes, format, master_key_version, wrapped_key, inline_bytes)
    select b.blob_id, b.size_bytes, b.format, b.version, b.wrapped_key, substring(${inline.bytes}::bytea from b.starts for b.length)
    from unnest(${once.map((blob) => blob.blobId)}::uuid[], ${once.map((blob) => blob.sizeBytes)}::bigint[],
                ${once.map((blob) => blob.format)}::smallint[], ${once.map((blob) => blob.masterKeyVersion)}::integer[],
                ${once.map((blob) => blob.wrappedKey)}::bytea[], ${inline.from}::integer[], ${inline.length}::integer[])
      as b (blob_id, size_bytes, format, version, wrapped_key, starts, length)
    on conflict (blob_id) do nothing`.execute(trx);
}

// Ids begin with their time. RFC 9562 §5.7.
function firstIdAt(timeMs: number): string {
  const hex = timeMs.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
