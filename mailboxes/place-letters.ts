// Puts letters into folders: the only way in. Deliveries call it inside their transaction, for a whole group at once; APPEND
// for one. Four statements whatever the number, in three trips: lock; charge and number; blobs, and letters with their placements.
// Requirement of the one path: UID, MODSEQ, counters and quota move together, and a letter that does not fit fails alone.
import type { Db, Trx } from '../src/database/tables.ts';
import { together } from '../src/database/together.ts';
import { insertBlobs } from './blobs/insert-blobs.ts';
import { tidyKeywords } from './flags.ts';
import { inTransaction } from './in-transaction.ts';
import { insertLetters } from './insert-letters.ts';
import { lockMailboxes, type Room } from './lock-mailboxes.ts';
import type { NewLetter, Placement } from './new-letter.ts';
import { numberPlacements } from './number-placements.ts';
import type { Wakeups } from './wakeups.ts';

export type { NewLetter, Placement } from './new-letter.ts';

/**
 * Places letters in the order asked, and answers in that order. To be called once in a transaction, before any other change of a
 * mailbox in it (see lockMailboxes), and followed by `wakeups.publish` of the placements once it has committed. `rooms` are those
 * of the letters' mailboxes, when the caller has locked them already.
 */
export async function placeLetters(
  trx: Trx,
  letters: readonly NewLetter[],
  rooms?: ReadonlyMap<number, Room>,
): Promise<(Placement | 'over-quota' | 'no-folder')[]> {
  if (letters.length === 0) return [];
  const mailboxIds = letters.map((letter) => letter.mailboxId);
  const locked = rooms ?? (await lockMailboxes(trx, mailboxIds));
  const left = new Map([...locked].map(([mailboxId, room]) => [mailboxId, room.quotaBytes - room.usedBytes]));
  const decided = letters.map((letter) => {
    const room = left.get(letter.mailboxId);
    const sizeBytes = letter.prefix.length + letter.blob.sizeBytes;
    if (room === undefined) return 'no-folder';
    if (sizeBytes > room) return 'over-quota';
    left.set(letter.mailboxId, room - sizeBytes);
    return { letter: { ...letter, keywords: tidyKeywords(letter.keywords) }, sizeBytes };
  });
  const numbered = await numberPlacements(trx, decided.filter(isObject));
  const placed = numbered.filter(isObject);
  const blobs = placed.map(({ letter }) => letter.blob);
  // Sent together, carried out in this order: a letter refers to its blob.
  const [, letterIds] = await together([insertBlobs(trx, blobs), insertLetters(trx, placed)]);
  const placements = placed.map(({ placement }, at): Placement => {
    const letterId = letterIds[at];
    if (letterId === undefined) throw new Error('A letter was not given its id');
    return { ...placement, letterId };
  });
  const answers = numbered.map((one) => (one === 'no-folder' ? one : placements.shift()));
  return decided.map((one) => {
    const answer = isObject(one) ? answers.shift() : one;
    if (answer === undefined) throw new Error('A letter was not answered');
    return answer;
  });
}

const isObject = <Value>(one: Value | string): one is Value => typeof one === 'object';

/** Places one letter in a transaction of its own, and wakes its folder. The blob stays the caller's to discard when it is not placed. */
export async function appendLetter(db: Db, wakeups: Wakeups, letter: NewLetter): Promise<Placement | 'over-quota' | 'no-folder'> {
  const [placed] = await inTransaction(db, (trx) => placeLetters(trx, [letter]));
  if (placed === undefined) throw new Error('A letter was not answered');
  if (typeof placed === 'object') wakeups.publish([placed]);
  return placed;
}
