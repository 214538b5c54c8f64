// The one list of tables, grown by their owners: each folder that owns tables declares them into this interface
// (`declare module '…/src/database/tables.ts' { interface Tables { … } }`), so that a query is typed wherever it stands.
import type { Kysely, Transaction } from 'kysely';

/** Every table of the gateway, by name. Owners add theirs by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging, one owner at a time
export interface Tables {}

/** A connection or a transaction: what a question is asked of. Statements that must commit together take a Trx. */
export type Db = Kysely<Tables>;

/** An open transaction, handed down by whoever began it and never opened twice. */
export type Trx = Transaction<Tables>;
