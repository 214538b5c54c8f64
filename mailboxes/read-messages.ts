// What open sessions read: a folder as it stands (SELECT), messages (FETCH), and what changed since (IDLE, NOOP).
// And what a receipt quotes. Each question is one statement, so that what it answers was true at one instant.
import { type Selectable, sql } from 'kysely';
import type { Db } from '../src/database/tables.ts';
import type { MimePart } from '../src/mail/mime-index.ts';
import { amongUids } from './among-uids.ts';
import type { BlobRef } from './blobs/stored-blob.ts';
import type { FlagState } from './flags.ts';
import { asFolder, type Folder } from './folders.ts';
import type { FoldersTable } from './schema.ts';

/** A message in the list of an open folder. */
export type ListedMessage = { readonly uid: number; readonly flags: number; readonly keywords: string[] };

/** Which columns a FETCH needs beyond the cheap ones. `letter` brings what reads the bytes. */
export type MessageColumns = {
  readonly envelope?: boolean;
  readonly bodystructure?: boolean;
  readonly structure?: boolean;
  readonly letter?: boolean;
};

/** A message as asked. `sizeBytes` is RFC822.SIZE. The optional members are present when their column was asked for. */
export type MessageRow = FlagState & {
  readonly internalDate: Date;
  readonly sizeBytes: number;
  readonly envelope?: Buffer;
  readonly bodystructure?: Buffer;
  /** Offsets count from the first byte of the prefix. */
  readonly structure?: MimePart;
  /** The bytes are `prefix`, then the blob. */
  readonly letter?: { readonly prefix: Buffer; readonly blob: BlobRef };
};

/** A letter as a receipt needs it. */
export type LetterForReceipt = {
  /** The bytes are `prefix`, then the blob. */
  readonly prefix: Buffer;
  readonly blob: BlobRef;
  /** Of prefix and blob together. */
  readonly sizeBytes: number;
  /** Where its header ends and its body begins, from the first byte of the prefix. */
  readonly bodyStart: number;
  readonly messageId: string | null;
};

/** What happened in a folder after a MODSEQ, each list in UID order. */
export type FolderChanges = {
  readonly highestModseq: number;
  readonly uidNext: number;
  /** New messages and messages whose flags changed, as they are now. */
  readonly changed: FlagState[];
  readonly expunged: number[];
};

/** A folder and all its messages in UID order; undefined when it does not exist. */
export async function openFolder(
  db: Db,
  mailboxId: number,
  folderId: number,
): Promise<{ folder: Folder; messages: ListedMessage[] } | undefined> {
  const { rows } = await sql<Selectable<FoldersTable> & { listed: [number, number, string[]][] }>`
    select f.*, (
      select coalesce(json_agg(json_build_array(m.uid, m.flags, m.keywords) order by m.uid), '[]')
      from messages m where m.mailbox_id = f.mailbox_id and m.folder_id = f.folder_id) as listed
    from folders f where f.mailbox_id = ${mailboxId} and f.folder_id = ${folderId}`.execute(db);
  const [row] = rows;
  if (!row) return undefined;
  return { folder: asFolder(row), messages: row.listed.map(([uid, flags, keywords]) => ({ uid, flags, keywords })) };
}

/** The messages of these UIDs that exist, in UID order. The caller asks for as many at a time as it can hold in memory. */
export async function fetchMessages(
  db: Db,
  mailboxId: number,
  folderId: number,
  uids: readonly number[],
  columns: MessageColumns,
): Promise<MessageRow[]> {
  const needsLetter = Boolean(columns.envelope || columns.bodystructure || columns.structure || columns.letter);
  const chosen = [
    sql`m.uid, m.flags, m.keywords, m.modseq, m.internal_date, m.size_bytes`,
    ...(columns.envelope ? [sql`l.envelope`] : []),
    ...(columns.bodystructure ? [sql`l.bodystructure`] : []),
    ...(columns.structure ? [sql`l.structure`] : []),
    ...(columns.letter
      ? [sql`l.prefix, b.blob_id, b.size_bytes as blob_size_bytes, b.format, b.master_key_version, b.wrapped_key, b.inline_bytes`]
      : []),
  ];
  const { rows } = await sql<RawMessage>`
    select ${sql.join(chosen)} from messages m
    ${needsLetter ? sql`join letters l on l.mailbox_id = m.mailbox_id and l.letter_id = m.letter_id` : sql``}
    ${columns.letter ? sql`join blobs b on b.blob_id = l.blob_id` : sql``}
    where m.mailbox_id = ${mailboxId} and m.folder_id = ${folderId} and ${amongUids('m.uid', uids)} order by m.uid`.execute(db);
  return rows.map((row) => asMessage(row, columns));
}

/** Everything that changed after `modseq`, in one snapshot; `folder-gone` when the folder was deleted. */
export async function changesSince(db: Db, mailboxId: number, folderId: number, modseq: number): Promise<FolderChanges | 'folder-gone'> {
  const { rows } = await sql<{ highestmodseq: number; uidnext: number; changed: [number, number, string[], number][]; expunged: number[] }>`
    select f.highestmodseq, f.uidnext, (
      select coalesce(json_agg(json_build_array(m.uid, m.flags, m.keywords, m.modseq) order by m.uid), '[]')
      from messages m where m.mailbox_id = f.mailbox_id and m.folder_id = f.folder_id and m.modseq > ${modseq}) as changed, (
      select coalesce(json_agg(e.uid order by e.uid), '[]')
      from expunges e where e.mailbox_id = f.mailbox_id and e.folder_id = f.folder_id and e.modseq > ${modseq}) as expunged
    from folders f where f.mailbox_id = ${mailboxId} and f.folder_id = ${folderId}`.execute(db);
  const [row] = rows;
  if (!row) return 'folder-gone';
  return {
    highestModseq: row.highestmodseq,
    uidNext: row.uidnext,
    changed: row.changed.map(([uid, flags, keywords, changedAt]) => ({ uid, flags, keywords, modseq: changedAt })),
    expunged: row.expunged,
  };
}

/** What a receipt quotes of the letter it is about; undefined when that has been removed meanwhile. RFC 8098 §3. */
export async function readLetterForReceipt(db: Db, mailboxId: number, letterId: number): Promise<LetterForReceipt | undefined> {
  const row = await db
    .selectFrom('letters as l')
    .innerJoin('blobs as b', 'b.blob_id', 'l.blob_id')
    .select(['l.prefix', 'l.size_bytes as letter_bytes', 'l.message_id', 'l.structure'])
    .select(['b.blob_id', 'b.size_bytes', 'b.format', 'b.master_key_version', 'b.wrapped_key', 'b.inline_bytes'])
    .where('l.mailbox_id', '=', mailboxId)
    .where('l.letter_id', '=', letterId)
    .executeTakeFirst();
  if (!row) return undefined;
  const { prefix, letter_bytes: sizeBytes, message_id: messageId, structure, ...blob } = row;
  return { prefix, blob, sizeBytes, bodyStart: (JSON.parse(structure) as MimePart).bodyStart, messageId };
}

type RawMessage = {
  uid: number;
  flags: number;
  keywords: string[];
  modseq: number;
  internal_date: Date;
  size_bytes: number;
  envelope: Buffer;
  bodystructure: Buffer;
  structure: string;
  prefix: Buffer;
  blob_size_bytes: number;
} & BlobRef;

function asMessage(row: RawMessage, columns: MessageColumns): MessageRow {
  return {
    uid: row.uid,
    flags: row.flags,
    keywords: row.keywords,
    modseq: row.modseq,
    internalDate: row.internal_date,
    sizeBytes: row.size_bytes,
    ...(columns.envelope && { envelope: row.envelope }),
    ...(columns.bodystructure && { bodystructure: row.bodystructure }),
    ...(columns.structure && { structure: JSON.parse(row.structure) as MimePart }),
    ...(columns.letter && { letter: { prefix: row.prefix, blob: blobOf(row) } }),
  };
}

function blobOf(row: RawMessage): BlobRef {
  const { blob_id, blob_size_bytes: size_bytes, format, master_key_version, wrapped_key, inline_bytes } = row;
  return { blob_id, size_bytes, format, master_key_version, wrapped_key, inline_bytes };
}
