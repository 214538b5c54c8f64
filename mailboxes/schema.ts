// The tables of stored mail. Every one leads its key with mailbox_id, so that a database may be split by mailbox.
// bigint columns arrive as numbers (the connection parses them): all stay far below 2^53.
import type { ColumnType, Generated } from 'kysely';
import type { Address } from '../src/core/address.ts';

declare module '../src/database/tables.ts' {
  interface Tables {
    mailboxes: MailboxesTable;
    mailbox_names: MailboxNamesTable;
    folders: FoldersTable;
    subscriptions: SubscriptionsTable;
    letters: LettersTable;
    messages: MessagesTable;
    expunges: ExpungesTable;
    message_events: MessageEventsTable;
    blobs: BlobsTable;
    blob_holds: BlobHoldsTable;
    blobs_let_go: BlobsLetGoTable;
  }
}

export interface MailboxesTable {
  mailbox_id: Generated<number>;
  address: Address;
  quota_bytes: number;
  used_bytes: number;
  /** The last UIDVALIDITY given to a folder of this mailbox: none is ever given twice. RFC 9051 §2.3.1.1. */
  last_uidvalidity: Generated<number>;
  created_at: Generated<Date>;
  holder: Holder;
  receipts: ReceiptChoice;
}

/** Whose mailbox it is: a citizen's has fewer choices and no folder of blocked patients. */
export type Holder = 'citizen' | 'professional';

/** What a mailbox answers to a letter that asks for a receipt; a citizen's always sends it. Requirements 43 and 45. */
export type ReceiptChoice = 'always' | 'ask' | 'never';

/** Addresses that a mailbox had before its own: what is sent to them still arrives. */
export interface MailboxNamesTable {
  address: Address;
  mailbox_id: number;
}

export interface FoldersTable {
  mailbox_id: number;
  folder_id: Generated<number>;
  /** UTF-8, `/` between levels; `INBOX` in capitals. */
  name: string;
  special_use: SpecialUse | null;
  role: Generated<FolderRole | null>;
  uidvalidity: number;
  uidnext: number;
  highestmodseq: number;
  messages: number;
  unseen: number;
}

/** RFC 6154 §2, without the backslash. */
export type SpecialUse = 'Archive' | 'Drafts' | 'Junk' | 'Sent' | 'Trash';

/** A folder that does something: what is put into `blocked-patients` blocks its sender. Requirement 33. */
export type FolderRole = 'blocked-patients';

/** What a person subscribed to outlives the folder itself. RFC 3501 §6.3.9. */
export interface SubscriptionsTable {
  mailbox_id: number;
  name: string;
}

export interface LettersTable {
  mailbox_id: number;
  letter_id: Generated<number>;
  blob_id: string;
  /** Trace headers, served before the blob's bytes; never part of them. */
  prefix: Buffer;
  /** prefix + blob, what RFC822.SIZE says. */
  size_bytes: number;
  /** Rendered for IMAP, see src/mail. */
  envelope: Buffer;
  bodystructure: Buffer;
  /** JSON of MimePart: offsets into prefix + blob. */
  structure: string;
  /** Lower-case decoded header texts for SEARCH: from, to, cc, bcc, subject; and Message-ID. */
  search_from: string;
  search_to: string;
  search_cc: string;
  search_bcc: string;
  search_subject: string;
  message_id: string | null;
  sent_at: Date | null;
  /** Reverse path of the envelope; null when there was none, and for what a client appended. */
  sender: Address | null;
  /** Whom to tell at the first \Seen; null once told, and when nobody asked. */
  receipt_to: Address | null;
}

export interface MessagesTable {
  mailbox_id: number;
  folder_id: number;
  uid: number;
  letter_id: number;
  /** Bits of SystemFlag, see flags.ts. */
  flags: number;
  /** Sorted, without duplicates. */
  keywords: string[];
  modseq: number;
  internal_date: ColumnType<Date, Date, never>;
  size_bytes: number;
}

export interface ExpungesTable {
  mailbox_id: number;
  folder_id: number;
  uid: number;
  modseq: number;
  expunged_at: Generated<Date>;
}

/** What message-events.ts tells, until it has been acted on. */
export interface MessageEventsTable {
  event_id: Generated<number>;
  kind: 'read' | 'filed' | 'unfiled';
  mailbox_id: number;
  letter_id: number | null;
  message_id: string | null;
  receipt_to: Address | null;
  sender: Address | null;
  at: Generated<Date>;
}

export interface BlobsTable {
  blob_id: string;
  size_bytes: number;
  format: number;
  master_key_version: number;
  wrapped_key: Buffer;
  /** The sealed bytes when small; null when they are a file named by blob_id. */
  inline_bytes: Buffer | null;
  created_at: Generated<Date>;
}

/** Who needs a blob besides the letters: an outbox row, until it is done. */
export interface BlobHoldsTable {
  blob_id: string;
  holder: string;
}

/** Blobs that lost a letter or a hold, perhaps their last one: what the collector looks at. May name a blob several times. */
export interface BlobsLetGoTable {
  blob_id: string;
  let_go_at: Generated<Date>;
}
