// The road to the national record, whichever protocol carries it: XDS.b today (src/dmp/xds), FHIR PDSm one day. domain.md §6.
// Expected outcomes are values: what was taken, what is refused for good, what may be tried again. No method throws for them.
import type { DocumentPatient } from '../mail/documents/health-document.ts';
import type { DocumentEntry } from './document-entry.ts';

/** A document as it is fed: what the record is told of it, and its bytes, which may be read more than once. */
export type DocumentToFeed = {
  readonly entry: DocumentEntry;
  /** Decoded size of the CDA. */
  readonly sizeBytes: number;
  /** SHA-1, as XDS counts it; and SHA-256, for the signature. */
  readonly sha1: Buffer;
  readonly sha256: Buffer;
  /** The CDA's bytes from the first, each time it is called. */
  open(): AsyncIterable<Buffer>;
  /** The entry in the registry that this one takes the place of (TD2.1); absent: a new document (TD2). */
  readonly replaces?: { readonly entryUuid: string };
};

/** One feeding: a submission set with one document. */
export type Submission = {
  /** OID of the set: the same each time the same work is tried. */
  readonly setUniqueId: string;
  readonly document: DocumentToFeed;
  readonly now: Date;
};

/** How a request ended when it did not do what was asked. `code` and `because` are words of ours or codes of XDS: never the other side's text. */
export type RecordFailure =
  /** For good: asking again would be refused again. */
  | { readonly do: 'refused'; readonly code: string }
  /** Not now: down, slow, busy, or an answer that cannot be understood. */
  | { readonly do: 'later'; readonly because: string };

/** Whether a citizen has an active record. TD0.2. */
export type RecordStatus = { readonly do: 'known'; readonly status: 'active' | 'closed' | 'none' };

/** The record holds the document. `wasThere`: it held it before this request (another road, or an answer that was lost). */
export type Fed = { readonly do: 'fed'; readonly entryUuid: string | undefined; readonly wasThere: boolean };

/** The record carried out a change. */
export type Changed = { readonly do: 'changed' };

/** Where a document stands in the registry. `absent`: the record does not know it. */
export type FoundEntry = { readonly do: 'found'; readonly entryUuid: string } | { readonly do: 'absent' };

/** A document whose visibility changes: as it was fed, with the masks that stay. */
export type EntryToShow = { readonly entry: DocumentEntry; readonly entryUuid: string; readonly now: Date };

/** A road to the record. Every method gives up when `signal` is raised, with `later`. */
export interface RecordConnector {
  /** TD0.2. Feeding needs an active record, not an authorisation to read it (requirement 52). */
  status(patient: DocumentPatient, signal: AbortSignal): Promise<RecordStatus | RecordFailure>;
  /** TD3.1b: the entry of a document that another source has fed, by its unique id; for a replacement (requirement 53). */
  find(patient: DocumentPatient, uniqueId: string, signal: AbortSignal): Promise<FoundEntry | RecordFailure>;
  /** TD2, or TD2.1 when the document replaces another. Twice is harmless: the second answers `wasThere` (requirements 49, 53, 54). */
  feed(submission: Submission, signal: AbortSignal): Promise<Fed | RecordFailure>;
  /** TD3.3b: writes the entry's confidentiality anew, so that it is no longer hidden from its patient (requirement 51). Twice is harmless. */
  show(document: EntryToShow, signal: AbortSignal): Promise<Changed | RecordFailure>;
}
