// Names of mailboxes: Unicode inside the house, modified UTF-7 on the wire, INBOX whatever its case. RFC 3501 §5.1.

import { decodeMutf7, encodeMutf7 } from './mutf7.ts';
import { quote } from './quote.ts';

/** Between the levels of a name. */
export const hierarchyDelimiter = '/';

const maxNameLength = 1000;

/** The name in Unicode; undefined when it is no modified UTF-7, holds control characters, or is absurdly long. */
export function decodeMailboxName(wire: string): string | undefined {
  const name = decodeMutf7(wire);
  if (name === undefined || name.length > maxNameLength || /\p{Cc}/u.test(name)) return undefined;
  return foldInbox(name);
}

/** The name as LIST and STATUS print it: quoted modified UTF-7. */
export function encodeMailboxName(name: string): string {
  return quote(encodeMutf7(name));
}

// Children too: without it `inbox/a` and `INBOX/a` would grow two trees, one of them under a mailbox nobody can select.
function foldInbox(name: string): string {
  return name.replace(/^inbox(?=\/|$)/i, 'INBOX');
}
