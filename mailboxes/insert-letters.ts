// Inserts letters and their placements in one statement. Bytes travel as one parameter that the statement cuts up, see
// blobs/insert-blobs.ts; the text of the statement never changes, so that PostgreSQL plans it once.
import { sql } from 'kysely';
import type { Trx } from '../src/database/tables.ts';
import { shiftPart } from '../src/mail/part-section.ts';
import { packBytes } from './blobs/insert-blobs.ts';
import { SystemFlag } from './flags.ts';
import type { PlacedLetter } from './new-letter.ts';

/** Returns the letters' ids, in the same order. */
export async function insertLetters(trx: Trx, placed: readonly PlacedLetter[]): Promise<number[]> {
  if (placed.length === 0) return [];
  const prefixes = packBytes(placed.map(({ letter }) => letter.prefix));
  const envelopes = packBytes(placed.map(({ letter }) => letter.index.envelope));
  const bodystructures = packBytes(placed.map(({ letter }) => letter.index.bodystructure));
  const places = placed.map(({ placement }) => placement);
  const { rows } = await sql<{ letter_id: number }>`
    with asked as materialized (
      select nextval(pg_get_serial_sequence('letters', 'letter_id')) as letter_id, a.*
      from unnest(
        ${places.map((place) => place.mailboxId)}::bigint[], ${places.map((place) => place.folderId)}::bigint[],
        ${places.map((place) => place.uid)}::bigint[], ${places.map((place) => place.modseq)}::bigint[],
        ${column(placed, ({ letter }) => letter.flags)}::smallint[], ${column(placed, ({ letter }) => letter.keywords.join(' '))}::text[],
        ${column(placed, ({ letter }) => letter.internalDate)}::timestamptz[], ${column(placed, ({ sizeBytes }) => sizeBytes)}::bigint[],
        ${column(placed, ({ letter }) => letter.blob.blobId)}::uuid[],
        ${prefixes.from}::integer[], ${prefixes.length}::integer[], ${envelopes.from}::integer[], ${envelopes.length}::integer[],
        ${bodystructures.from}::integer[], ${bodystructures.length}::integer[],
        ${column(placed, structureOf)}::text[],
        ${column(placed, ({ letter }) => text(letter.index.search.from))}::text[], ${column(placed, ({ letter }) => text(letter.index.search.to))}::text[],
        ${column(placed, ({ letter }) => text(letter.index.search.cc))}::text[], ${column(placed, ({ letter }) => text(letter.index.search.bcc))}::text[],
        ${column(placed, ({ letter }) => text(letter.index.search.subject))}::text[],
        ${column(placed, ({ letter: { index } }) => (index.messageId === null ? null : text(index.messageId)))}::text[],
        ${column(placed, ({ letter }) => letter.index.sentAt)}::timestamptz[],
        ${column(placed, ({ letter }) => letter.sender ?? null)}::text[], ${column(placed, receiptOwed)}::text[])
      with ordinality as a (mailbox_id, folder_id, uid, modseq, flags, keywords, internal_date, size_bytes, blob_id,
        prefix_at, prefix_length, envelope_at, envelope_length, bodystructure_at, bodystructure_length, structure,
        search_from, search_to, search_cc, search_bcc, search_subject, message_id, sent_at, sender, receipt_to, place)),
    kept as (
      insert into letters (mailbox_id, letter_id, blob_id, prefix, size_bytes, envelope, bodystructure, structure,
        search_from, search_to, search_cc, search_bcc, search_subject, message_id, sent_at, sender, receipt_to)
      select mailbox_id, letter_id, blob_id, substring(${prefixes.bytes}::bytea from prefix_at for prefix_length), size_bytes,
        substring(${envelopes.bytes}::bytea from envelope_at for envelope_length),
        substring(${bodystructures.bytes}::bytea from bodystructure_at for bodystructure_length), structure,
        search_from, search_to, search_cc, search_bcc, search_subject, message_id, sent_at, sender, receipt_to
      from asked),
    put as (
      insert into messages (mailbox_id, folder_id, uid, letter_id, flags, keywords, modseq, internal_date, size_bytes)
      select mailbox_id, folder_id, uid, letter_id, flags, string_to_array(keywords, ' '), modseq, internal_date, size_bytes from asked)
    select letter_id from asked order by place`.execute(trx);
  return rows.map((row) => row.letter_id);
}

const column = <T>(placed: readonly PlacedLetter[], read: (one: PlacedLetter) => T): T[] => placed.map(read);

// Offsets are kept as they are served: into prefix and blob together.
function structureOf({ letter }: PlacedLetter): string {
  return JSON.stringify(shiftPart(letter.index.part, letter.prefix.length));
}

// A letter that is placed read will not be read a first time.
function receiptOwed({ letter }: PlacedLetter): string | null {
  return (letter.flags & SystemFlag.Seen) === 0 ? (letter.receiptTo ?? null) : null;
}

// PostgreSQL refuses NUL in text, and one odd letter must not fail the group it travels with.
const text = (value: string): string => value.replaceAll('\0', '');
