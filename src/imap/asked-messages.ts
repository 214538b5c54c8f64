// From the set a client wrote to the messages it means, in this session's numbering. RFC 3501 §9 (sequence-set).
import type { SelectedFolder } from './selected-folder.ts';
import type { Cursor } from './wire/cursor.ts';
import { resolveSequenceSet, type SequenceSet } from './wire/sequence-set.ts';

/** How a command counts: by message number, or by UID when it is the UID form. */
export type Counting = 'by-number' | 'by-uid';

/**
 * Reads a set and returns the UIDs meant, ascending. UIDs that do not exist are passed over (RFC 3501 §6.4.8); a message number that
 * does not exist, `*` in an empty folder included, is the client's error and throws ImapSyntaxError (§9, seq-number).
 */
export function readAskedUids(cursor: Cursor, folder: SelectedFolder, counting: Counting): number[] {
  const set = cursor.sequenceSet();
  if (counting === 'by-number') {
    const count = folder.numbers.length;
    const exists = set.every(({ first, last }) => count > 0 && (first === '*' || first <= count) && (last === '*' || last <= count));
    if (!exists) throw cursor.error('numbers of messages that exist');
  }
  return uidsOf(folder, set, counting);
}

/** The UIDs of a set, ascending; whatever does not exist is passed over. */
export function uidsOf(folder: SelectedFolder, set: SequenceSet, counting: Counting): number[] {
  const { numbers } = folder;
  const isByUid = counting === 'by-uid';
  return resolveSequenceSet(set, isByUid ? numbers.lastUid : numbers.length).flatMap(({ first, last }) =>
    isByUid ? numbers.slice(numbers.lowerBound(first), numbers.lowerBound(last + 1)) : numbers.slice(first - 1, last),
  );
}
