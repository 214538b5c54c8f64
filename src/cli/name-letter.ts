// From what an operator types to the letter it means.
import { RefusedError } from '../core/errors.ts';
import type { Db } from '../database/tables.ts';
import { type CourseLine, readCourse } from '../delivery/ledger.ts';
import { identifierIn } from './name-row.ts';

/** What `--help` says of a letter's argument. */
export const letterHelp = 'son Message-ID, ou l’identifiant que la passerelle lui a donné';

/** By Message-ID, with or without its angle brackets, or by the gateway's own identifier, as the answer to DATA and the log give it. */
export async function nameLetter(db: Db, typed: string): Promise<CourseLine[]> {
  const letterId = identifierIn(typed);
  const messageId = `<${typed.trim().replace(/^<|>$/g, '')}>`;
  const lines = await readCourse(db, letterId === undefined ? { messageId } : { letterId });
  if (lines.length === 0) throw new RefusedError('letter-unknown', 'Aucun courrier connu sous ce nom');
  return lines;
}
