// The register of documents: which have been copied into the national record, on the way of which letters. Requirements 49 to 54.
import type { ColumnType, Generated } from 'kysely';
import type { DocumentEntry } from './document-entry.ts';

declare module '../database/tables.ts' {
  interface Tables {
    record_documents: RecordDocumentsTable;
    record_document_letters: RecordDocumentLettersTable;
  }
}

/** How a copy stands: owed; in the record; refused for good; or left out, which is nobody's mistake (an objection, no active record). */
export type CopyState = 'waiting' | 'fed' | 'refused' | 'not-fed';

/** One thing that was tried, and how it ended: a code of ours or of XDS. `at` is ISO 8601. */
export type CopyAnswer = { readonly at: string; readonly code: string };

/** A document, whatever the number of letters that brought it. Key: the unique id that the mail and the record share. */
export interface RecordDocumentsTable {
  unique_id: string;
  state: CopyState;
  /** Why, while it is refused or left out. */
  code: string | null;
  /** The patient, when they are known here: of the letter that brought it first, then of what was fed. */
  citizen_id: number | null;
  /** Its name in the record's registry, as long as we know it: each change of visibility gives it another. */
  entry_uuid: Generated<string | null>;
  /** SHA-1 of what was fed. */
  sha1: ColumnType<Buffer | null, never, Buffer | null>;
  /** The document that took its place. */
  replaced_by: Generated<string | null>;
  /** Of a document hidden from its patient, until it is shown: what the record was told, for the change of its visibility. */
  entry: ColumnType<DocumentEntry | null, never, string | null>;
  /** The last twenty. */
  answers: ColumnType<readonly CopyAnswer[], never, string>;
  known_at: Date;
  fed_at: Generated<Date | null>;
  /** Of a hidden document: when its patient was told that it exists, and when it became visible. */
  told_at: Generated<Date | null>;
  shown_at: Generated<Date | null>;
}

/** A letter that brought a document. Key: both. */
export interface RecordDocumentLettersTable {
  /** The arrival's id, as in the ledger. */
  letter_id: string;
  unique_id: string;
  /** Counted from 1, in the order of the letter. */
  place: number;
  /** Why the record holds another document under this id than the letter's own; null when it does not. */
  code: Generated<string | null>;
}
