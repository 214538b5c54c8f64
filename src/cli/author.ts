// Changes of the registry bear the name of whoever decided them. Requirement 59.
import { asAuthor } from '../../directory/history.ts';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { looksLikeIns } from '../core/ins.ts';
import type { Trx } from '../database/tables.ts';
import { UsageError } from './failures.ts';
import { whoDecides } from './name-parties.ts';
import type { CommandWorld } from './with-database.ts';

/** The option of a command that changes the registry. */
export type AuthorOptions = { readonly by?: string };

/** Who decides, as the history keeps it. Throws UsageError for what is no name: a matricule would be read by everyone who reads the history. */
export function authorOf({ by }: AuthorOptions): string {
  const name = whoDecides(by);
  if (looksLikeIns(name)) throw new UsageError('--by attend le nom de qui décide, pas un matricule.');
  return `operator:${name}`;
}

/** Works in one transaction, in that name. */
export function asDecided<Result>({ db }: CommandWorld, options: AuthorOptions, work: (trx: Trx) => Promise<Result>): Promise<Result> {
  const author = authorOf(options);
  return inTransaction(db, async (trx) => {
    await asAuthor(trx, author);
    return work(trx);
  });
}
