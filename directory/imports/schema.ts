// The tables of directory/imports: files that feed the registry, and what was refused in them. The lines of an extraction that waits to be
// applied (`import_lines`) are extraction/'s own.
import type { Generated } from 'kysely';

declare module '../../src/database/tables.ts' {
  interface Tables {
    imports: ImportsTable;
    import_rejects: ImportRejectsTable;
  }
}

/** What a file brings: the national extraction of professional mailboxes, or citizens. */
export type ImportKind = 'extraction' | 'citizens';

/**
 * `reading`: under way, or interrupted and to be resumed. `read`: all lines are known, nothing is applied yet. `applied`: done, for good.
 * `abandoned`: given up, nothing of it waits any more. A kind that applies as it reads passes from `reading` to `applied`.
 */
export type ImportState = 'reading' | 'read' | 'applied' | 'abandoned';

/** A file, and how far it went. One of a kind is open (`reading` or `read`) at a time; an index holds that. */
export interface ImportsTable {
  import_id: Generated<number>;
  kind: ImportKind;
  /** The file's own name, without its folder. */
  source: string;
  /** SHA-256 of the file's bytes, hexadecimal. */
  fingerprint: string;
  state: Generated<ImportState>;
  /** Of the text, inflated when it came in an archive. */
  bytes_total: number;
  /** Bytes of the text that need not be read again. */
  bytes_done: Generated<number>;
  /** Lines in those bytes, header included. */
  lines_done: Generated<number>;
  lines_taken: Generated<number>;
  refused: Generated<number>;
  /** Lines taken with a remark. */
  noted: Generated<number>;
  /** How often each reason was given, whether its rows were kept or not. */
  reasons: Generated<Record<string, number>>;
  /** What the import would change or has changed, in the words of its kind. */
  counts: Generated<Record<string, number>>;
  by: string;
  started_at: Generated<Date>;
  progress_at: Generated<Date>;
  ended_at: Date | null;
}

/** A line refused, or taken with a remark; never the text of the line. A bounded number is kept of each import, the first ones. */
export interface ImportRejectsTable {
  reject_id: Generated<number>;
  import_id: number;
  /** 1 is the file's first line. */
  line_no: number;
  column_name: string | null;
  /** A code, `rpps-shape`. */
  reason: string;
  /** The same for people, in French. */
  sentence: string;
  /** True for a remark on a line that was taken. */
  taken: boolean;
}
