// ID: who the two programs are; the client's answer is read and forgotten. RFC 2971 §3.
import { anyState, type Command, ok } from '../command.ts';
import type { Cursor } from '../wire/cursor.ts';

/** RFC 2971 §3.3: at most 30 pairs. */
const maxPairs = 30;

/** RFC 2971. */
export const id: Command = {
  name: 'ID',
  allowedIn: anyState,
  publishes: 'all',
  async run({ arguments: cursor, writer }) {
    cursor.space();
    readPairs(cursor);
    cursor.end();
    writer.untagged('ID ("name" "Passerelle")');
    return ok('ID completed');
  },
};

function readPairs(cursor: Cursor): void {
  if (cursor.peek() !== '(') {
    if (cursor.nstring() !== null) throw cursor.error('a list or NIL');
    return;
  }
  const pairs = cursor.list(() => {
    cursor.string();
    cursor.space();
    cursor.nstring();
  });
  if (pairs.length > maxPairs) throw cursor.error(`at most ${maxPairs} pairs`);
}
